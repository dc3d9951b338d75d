"""Taking due messages out of the outbox: a lease on each, the oldest open one of its conversation only.

A row is due when `next_try_at` has come: queued ones, ambiguous ones whose wait for a status is over, and ones still
marked `sending` whose lease has ended because their process died. The lease's token fences off late results.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import args_row

LEASE_SECONDS = 12.0
"""Longer than a send's total deadline (10 s); after it nobody waits for the answer any more."""


@dataclass(slots=True)
class Claimed:
    """One message with everything the rules and the wire want to know, as it is now. In the order of the query."""

    id: int
    code: str
    token: int
    was: str
    """The state it was taken from."""
    attempts: int
    """Including this one."""
    lost: int
    author: str
    policy: str
    payload: dict[str, Any]
    generation: int | None
    number_id: int
    conversation_id: int
    phone_number_id: str
    transport: str
    number_state: str
    is_coexistence: bool
    waba_code: str | None
    business_token: str | None
    """Sealed."""
    wa_id: str | None
    bsuid: str | None
    has_opted_out: bool
    last_inbound_at: datetime | None
    installation_state: str | None
    installation_generation: int | None
    age: float
    """Seconds since it was put into the outbox."""
    now: datetime
    """Business time."""


# The claim changes no indexed column, so it is a HOT update; what is under way is told from what is due by its lease.
# The scalar subquery, unlike NOT EXISTS, cannot be turned into a join over the whole outbox.
_CLAIM = """
WITH due AS (
    SELECT o.id, o.state, o.number_id, o.contact_id, o.conversation_id, o.installation_id
    FROM outbound_message o
    WHERE o.is_open AND o.next_try_at <= now() AND (o.state <> 'sending' OR o.lease_until <= now()) AND o.id = (
        SELECT min(e.id) FROM outbound_message e WHERE e.conversation_id = o.conversation_id AND e.is_open)
    ORDER BY o.next_try_at, o.id LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED
), clock AS (
    SELECT clock_timestamp() AS real, clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), '0') AS business
)
UPDATE outbound_message o SET state = 'sending', attempts = o.attempts + 1, lease_token = o.lease_token + 1,
    lease_holder = %(holder)s, lease_until = clock.real + make_interval(secs => %(lease)s)
FROM clock, due d
    JOIN number n ON n.id = d.number_id LEFT JOIN waba w ON w.id = n.waba_fk
    JOIN contact c ON c.id = d.contact_id LEFT JOIN contact m ON m.id = c.merged_into_id
    JOIN conversation v ON v.id = d.conversation_id LEFT JOIN installation i ON i.id = d.installation_id
WHERE o.id = d.id
RETURNING o.id, o.code::text, o.lease_token AS token, d.state AS was, o.attempts, o.lost::int AS lost, o.author,
    o.policy, o.payload, o.generation, o.number_id, o.conversation_id, n.phone_number_id, n.transport,
    n.state AS number_state, n.is_coexistence, w.code::text AS waba_code, w.business_token,
    coalesce(m.wa_id, c.wa_id) AS wa_id, coalesce(m.bsuid, c.bsuid) AS bsuid,
    coalesce(m.opted_out_at, c.opted_out_at) IS NOT NULL AS has_opted_out, v.last_inbound_at,
    i.state AS installation_state, i.generation AS installation_generation,
    extract(epoch FROM clock.real - o.created_at)::float8 AS age, clock.business AS now
"""


async def claim(
    connection: AsyncConnection[Any], *, holder: int, limit: int, lease: float = LEASE_SECONDS
) -> list[Claimed]:
    """Take up to `limit` due messages, oldest first, in the caller's transaction; they are ours once it commits."""
    async with connection.cursor(row_factory=args_row(Claimed)) as cursor:
        await cursor.execute(_CLAIM, {"limit": limit, "holder": holder, "lease": lease})
        rows = await cursor.fetchall()
    rows.sort(key=lambda row: row.id)
    return rows
