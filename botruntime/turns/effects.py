"""Writing what a batch of turns came to: all of it in the caller's transaction, guarded by the lease's token."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from psycopg import AsyncConnection

from botruntime.outbound import outbox
from botruntime.turns import addressing, notices, records
from botruntime.turns.batch import Claimed, Ended
from botruntime.turns.shelf import Shelf
from botruntime.turns.timers import write_timers

Connection = AsyncConnection[Any]


class Stale(Exception):
    """A conversation of the batch was taken by another worker, or its mode was changed by a person, meanwhile."""


_HOLD = """
SELECT c.id, c.mode FROM conversation c
JOIN unnest(%s::bigint[], %s::bigint[]) AS held (id, token) ON c.id = held.id AND c.lease_token = held.token
ORDER BY c.id FOR UPDATE OF c
"""

_END = """
UPDATE inbound_event e SET state = v.state, reason = v.reason, handled = v.handled, finished_at = clock_timestamp()
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS v (id, state, reason, handled)
WHERE e.id = v.id AND e.state = 'pending'
"""

_SAVE = """
UPDATE conversation c SET mode = v.mode, human_until = v.human_until, handover_at = v.handover_at,
    handover = v.handover::jsonb, installation_id = v.installation_id, state = v.state::jsonb, asking = v.asking::jsonb,
    last_inbound_at = v.last_inbound_at, last_unknown_at = v.last_unknown_at, paused_told_at = v.paused_told_at,
    fallback_told_at = v.fallback_told_at, burst_began_at = v.burst_began_at, burst_turns = v.burst_turns,
    silenced_until = v.silenced_until, lease_holder = NULL, lease_until = NULL,
    waiting_since = (SELECT min(e.id) FROM inbound_event e WHERE e.conversation_id = c.id AND e.state = 'pending')
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::bigint[], %s::text[],
    %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
    %s::int[], %s::timestamptz[])
    AS v (id, mode, human_until, handover_at, handover, installation_id, state, asking, last_inbound_at,
        last_unknown_at, paused_told_at, fallback_told_at, burst_began_at, burst_turns, silenced_until)
WHERE c.id = v.id
"""
_SAVED = (
    "id", "mode", "human_until", "handover_at", "handover", "installation_id", "state", "asking", "last_inbound_at",
    "last_unknown_at", "paused_told_at", "fallback_told_at", "burst_began_at", "burst_turns", "silenced_until",
)  # fmt: skip
_JSON = frozenset({"handover", "state", "asking"})

_CONTACTS = """
UPDATE contact c SET language = v.language, opted_out_at = CASE v.opted
    WHEN 'out' THEN coalesce(c.opted_out_at, clock_timestamp()) WHEN 'in' THEN NULL ELSE c.opted_out_at END
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v (id, language, opted) WHERE c.id = v.id
"""


async def write(connection: Connection, batch: Sequence[Claimed], shelves: Iterable[Shelf]) -> None:
    """Write the effects of all of ``batch`` and give the conversations back.

    Raises ``Stale`` or ``Conflict``; then the caller rolls back and works the conversations off one by one.
    """
    await _hold(connection, batch)
    await _end(connection, [ended for claimed in batch for ended in claimed.effects.ended])
    for shelf in shelves:
        await records.write(connection, shelf)
    await write_timers(connection, batch)
    for claimed in batch:
        if claimed.effects.is_silenced:
            await outbox.asilence(connection, claimed.id)
    await outbox.aenqueue(connection, await addressing.drafts(connection, batch))
    await _save_contacts(connection, batch)
    await notices.write(connection, batch)
    await connection.execute(_SAVE, [_column(batch, name) for name in _SAVED])


async def _hold(connection: Connection, batch: Sequence[Claimed]) -> None:
    """Lock the conversations, in the order of ids, if they are still ours and nobody changed who speaks."""
    columns = [claimed.id for claimed in batch], [claimed.token for claimed in batch]
    modes = dict(await (await connection.execute(_HOLD, columns)).fetchall())
    if any(modes.get(claimed.id) != claimed.loaded_mode for claimed in batch):
        raise Stale


async def _end(connection: Connection, ended: Sequence[Ended]) -> None:
    columns = (
        [item.event_id for item in ended],
        [item.state for item in ended],
        [item.reason for item in ended],
        [item.handled for item in ended],
    )
    done = await connection.execute(_END, columns)
    if done.rowcount != len(ended):
        raise Stale


def _column(batch: Sequence[Claimed], name: str) -> list[Any]:
    values = [getattr(claimed, name) for claimed in batch]
    if name in _JSON:
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    return values


async def _save_contacts(connection: Connection, batch: Sequence[Claimed]) -> None:
    touched = [claimed for claimed in batch if claimed.effects.opted or claimed.contact.language]
    if touched:
        columns = (
            [claimed.contact.id for claimed in touched],
            [claimed.contact.language for claimed in touched],
            [claimed.effects.opted for claimed in touched],
        )
        await connection.execute(_CONTACTS, columns)
    for claimed in batch:
        if claimed.effects.is_erased:
            await records.erase(connection, claimed.contact.id)
