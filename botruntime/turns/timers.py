"""Timers: rows that, once due, queue among the events of their conversation, so that they fire once and in order."""

from collections.abc import Sequence
from typing import Any

import orjson
from psycopg import AsyncConnection

from botruntime.turns.batch import Claimed

Connection = AsyncConnection[Any]
BATCH = 256

# Due by business time, and only while the bot that set it may answer. Taking the timer and queueing its event are one
# statement; ``raw`` names the timer.
_RELEASE = """
WITH due AS (
    SELECT t.id FROM timer t JOIN installation i ON i.id = t.installation_id
    WHERE t.state = 'pending' AND i.state = 'active'
        AND t.due_at <= clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), interval '0')
    ORDER BY t.due_at LIMIT %s FOR UPDATE OF t SKIP LOCKED
), released AS (
    UPDATE timer t SET state = 'due' FROM due WHERE t.id = due.id RETURNING t.code, t.conversation_id, t.due_at
), queued AS (
    INSERT INTO inbound_event (dedupe_key, kind, conversation_id, sent_at, raw)
    SELECT gen_random_uuid(), 'timer', conversation_id, due_at, convert_to(code::text, 'UTF8')
    FROM (SELECT * FROM released ORDER BY due_at) r
    RETURNING id, conversation_id
)
SELECT conversation_id, min(id) FROM queued GROUP BY conversation_id
"""

_AWAKEN = """
UPDATE conversation c SET waiting_since = least(c.waiting_since, v.first)
FROM unnest(%s::bigint[], %s::bigint[]) AS v (id, first) WHERE c.id = v.id
"""

_NEXT = """
WITH business AS (SELECT clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), interval '0') AS now)
SELECT extract(epoch FROM min(due_at) - min(business.now)) FROM timer, business
WHERE state = 'pending' AND due_at > business.now
"""

_SETTLE = "UPDATE timer SET state = %s WHERE id = ANY(%s) AND state = 'due'"

_CANCEL = """
UPDATE timer t SET state = 'cancelled'
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS v (conversation_id, installation_id, name, key)
WHERE (t.conversation_id, t.installation_id, t.name, t.key) = (v.conversation_id, v.installation_id, v.name, v.key)
    AND t.state IN ('pending', 'due')
"""

_SET = """
INSERT INTO timer (code, conversation_id, installation_id, name, key, due_at, data)
SELECT gen_random_uuid(), v.conversation_id, v.installation_id, v.name, v.key, v.due_at, v.data::jsonb
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
    AS v (conversation_id, installation_id, name, key, due_at, data)
"""


async def release(connection: Connection) -> int:
    """Queue what is due, inside the caller's transaction. Returns how many conversations woke up."""
    rows = await (await connection.execute(_RELEASE, (BATCH,))).fetchall()
    if rows:
        rows.sort()
        ids = [conversation for conversation, _ in rows]
        await connection.execute("SELECT 1 FROM conversation WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (ids,))
        await connection.execute(_AWAKEN, (ids, [first for _, first in rows]))
    return len(rows)


async def seconds_to_next(connection: Connection) -> float | None:
    """How long until another timer comes due; None when none is set."""
    row = await (await connection.execute(_NEXT)).fetchone()
    return float(row[0]) if row and row[0] is not None else None


async def write_timers(connection: Connection, batch: Sequence[Claimed]) -> None:
    """Settle the timers that fired in this batch, then carry out the wishes of its turns; the last wish wins."""
    for state, name in (("fired", "fired"), ("cancelled", "called_off"), ("pending", "postponed")):
        ids = [timer for claimed in batch for timer in getattr(claimed.effects, name)]
        if ids:
            await connection.execute(_SETTLE, (state, ids))
    wishes = [
        (claimed.id, claimed.place.bound.id, name, key, wish)
        for claimed in batch
        if claimed.place.bound is not None
        for (name, key), wish in claimed.effects.timers.items()
    ]
    if not wishes:
        return
    columns = [list(column) for column in zip(*wishes, strict=True)]
    await connection.execute(_CANCEL, columns[:4])
    new = [[*row[:4], row[4].at, orjson.dumps(row[4].data).decode()] for row in wishes if row[4] is not None]
    if new:
        await connection.execute(_SET, [list(column) for column in zip(*new, strict=True)])
