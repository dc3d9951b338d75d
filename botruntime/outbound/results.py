"""What became of claimed messages, written in batches: many rows, one statement, one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.errors import DataError, IntegrityError, UniqueViolation
from psycopg.types.json import Jsonb

from botruntime.outbound import firsts, refusals, statuses

log = structlog.get_logger(__name__)

PARKED_FOR = timedelta(hours=25)
"""A parked message comes up again when its number is connected, or to be marked expired."""


@dataclass(slots=True)
class Result:
    """The end of one claim. `state` is `sent`, `failed`, `refused`, `cancelled`, `ambiguous` or `queued` (again)."""

    id: int
    token: int
    conversation_id: int
    state: str
    reason: str | None = None
    error: dict[str, Any] | None = None
    wamid: str | None = None
    delay: float = 0.0
    """Seconds of real time until it is due again."""
    counts: bool = True
    """Whether the claim was an attempt; a message that only waits its turn has not been tried."""
    lost: bool = False
    parked: bool = False


# A success is a fact and is written whoever holds the row by now; a row with a wamid is already settled by a status.
_SENT = """
UPDATE outbound_message o SET
    state = CASE WHEN o.wamid IS NULL THEN 'sent' ELSE o.state END,
    reason = CASE WHEN o.wamid IS NOT NULL THEN o.reason END, error = CASE WHEN o.wamid IS NOT NULL THEN o.error END,
    failed_at = CASE WHEN o.wamid IS NOT NULL THEN o.failed_at END,
    wamid = coalesce(o.wamid, v.wamid), sent_at = coalesce(o.sent_at, clock.business), parked_at = NULL,
    lease_holder = NULL, lease_until = NULL
FROM unnest(%s::bigint[], %s::text[]) AS v (id, wamid),
    (SELECT clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), '0') AS business) AS clock
WHERE o.id = v.id
RETURNING CASE WHEN EXISTS (
    SELECT FROM delivery d WHERE d.wamid = v.wamid AND d.outbound_message_id IS NULL) THEN v.wamid END
"""

# Everything else only by the holder of the lease.
_OTHER = """
UPDATE outbound_message o SET state = v.state, reason = v.reason, error = v.error,
    attempts = o.attempts - CASE WHEN v.counts THEN 0 ELSE 1 END, lost = o.lost + v.lost::int,
    next_try_at = clock_timestamp() + make_interval(secs => v.delay),
    parked_at = CASE WHEN v.parked THEN clock_timestamp() END, lease_holder = NULL, lease_until = NULL,
    failed_at = CASE WHEN v.state = 'failed' THEN clock.business END
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[], %s::float8[], %s::bool[], %s::bool[],
    %s::bool[]) AS v (id, token, state, reason, error, delay, counts, lost, parked),
    (SELECT clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), '0') AS business) AS clock
WHERE o.id = v.id AND o.state = 'sending' AND o.lease_token = v.token
"""

_LOCK = "SELECT FROM outbound_message WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

# What waits behind a parked message would be looked at in vain at every claim.
_PARK_FOLLOWERS = """
UPDATE outbound_message SET parked_at = clock_timestamp(), next_try_at = clock_timestamp() + %s
WHERE conversation_id = ANY(%s) AND is_open AND state = 'queued' AND parked_at IS NULL
"""

_UNPARK = """
UPDATE outbound_message o SET parked_at = NULL, reason = NULL, next_try_at = now()
FROM number n WHERE o.parked_at IS NOT NULL AND n.id = o.number_id AND n.state = 'live'
"""

_CANCEL_WAITING = """
UPDATE outbound_message o SET state = 'cancelled', reason = %s, parked_at = NULL
FROM installation i
WHERE o.is_open AND o.next_try_at > now() AND o.state = 'queued' AND o.author = 'bot' AND i.id = o.installation_id
    AND (i.generation <> o.generation OR i.state NOT IN ('active', 'draining'))
"""


async def write(connection: AsyncConnection[Any], results: Sequence[Result]) -> None:
    """Write all results in the caller's transaction, in the order of ids, as statuses do: nobody waits in a circle."""
    ordered = sorted(results, key=lambda result: result.id)
    sent = [result for result in ordered if result.state == "sent"]
    other = [result for result in ordered if result.state != "sent"]
    if sent and other:
        await connection.execute(_LOCK, ([result.id for result in ordered],))
    if sent:
        await _write_sent(connection, sent)
    if other:
        await connection.execute(_OTHER, _columns(other))
    if parked := [result.conversation_id for result in other if result.parked]:
        await connection.execute(_PARK_FOLLOWERS, (PARKED_FOR, parked))


async def write_each(connection: AsyncConnection[Any], results: Sequence[Result]) -> None:
    """Write them one by one, each in a transaction of its own, when together they will not go through."""
    for result in results:
        try:
            async with connection.transaction():
                await write(connection, [result])
        except UniqueViolation:
            # Two messages were given one wamid. That is the platform's error; ours would be to send either again.
            log.warning("wamid given twice", outbound_message=result.id)
            result.wamid = None
            async with connection.transaction():
                await write(connection, [result])
        except (DataError, IntegrityError):
            # Its lease ends, a status may settle it; the others must not wait for it.
            log.exception("result not written", outbound_message=result.id)


async def cancel_waiting(connection: AsyncConnection[Any]) -> int:
    """End what waits for later and belongs to a bot that has changed: it would only be found out then."""
    return (await connection.execute(_CANCEL_WAITING, (refusals.GENERATION,))).rowcount


async def unpark(connection: AsyncConnection[Any]) -> int:
    """Queue what waited for its number to be connected again. Returns how many rows."""
    return (await connection.execute(_UNPARK)).rowcount


async def _write_sent(connection: AsyncConnection[Any], sent: Sequence[Result]) -> None:
    done = await connection.execute(_SENT, ([result.id for result in sent], [result.wamid for result in sent]))
    if told := [wamid for (wamid,) in await done.fetchall() if wamid]:
        await statuses.adopt(connection, told)
    await firsts.note(connection, [result.id for result in sent])


def _columns(results: Sequence[Result]) -> tuple[list[Any], ...]:
    return (
        [result.id for result in results],
        [result.token for result in results],
        [result.state for result in results],
        [result.reason for result in results],
        [None if result.error is None else Jsonb(result.error) for result in results],
        [result.delay for result in results],
        [result.counts for result in results],
        [result.lost for result in results],
        [result.parked for result in results],
    )
