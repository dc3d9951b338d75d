"""Sorting the inbox: every fresh message and echo is given its conversation, in the order of arrival.

One sorter at a time (an advisory lock of the transaction): two could hand a contact's later message out before the
earlier one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from botruntime.inbound.payload import Malformed, echo_of, message_of
from botruntime.inbound.updates import Identity, IdentityChange
from botruntime.models import EventKind
from botruntime.turns import contacts
from botruntime.turns.directory import Card, Directory, Scope

Connection = AsyncConnection[Any]
LOCK = 7_203_119
BATCH = 256

_FRESH = """
SELECT id, kind, raw FROM inbound_event
WHERE state = 'pending' AND conversation_id IS NULL AND kind IN ('message', 'echo')
ORDER BY id LIMIT %s
"""

_NUMBERS = """
SELECT n.phone_number_id, n.id, n.business_id, coalesce(w.portfolio_id, ''),
    regexp_replace(n.display_phone_number, '\\D', '', 'g')
FROM number n LEFT JOIN waba w ON w.id = n.waba_fk
WHERE n.phone_number_id = ANY(%s) AND n.state <> 'released'
"""

_CONVERSATIONS = """
WITH wanted AS (
    SELECT DISTINCT * FROM unnest(%(numbers)s::bigint[], %(contacts)s::bigint[]) AS w (number_id, contact_id)
),
made AS (
    INSERT INTO conversation (code, number_id, contact_id)
    SELECT gen_random_uuid(), number_id, contact_id FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE (c.number_id, c.contact_id) = (w.number_id, w.contact_id))
    ON CONFLICT (number_id, contact_id) DO NOTHING
    RETURNING id, number_id, contact_id
)
SELECT id, number_id, contact_id FROM made
UNION ALL SELECT id, number_id, contact_id FROM conversation JOIN wanted USING (number_id, contact_id)
"""

_LOCK_ROWS = "SELECT 1 FROM conversation WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

_ASSIGN = """
WITH sorted AS (SELECT * FROM unnest(%(events)s::bigint[], %(conversations)s::bigint[]) AS s (event, conversation)),
assigned AS (UPDATE inbound_event e SET conversation_id = s.conversation FROM sorted s WHERE e.id = s.event)
UPDATE conversation c SET waiting_since = least(c.waiting_since, s.first)
FROM (SELECT conversation, min(event) AS first FROM sorted GROUP BY conversation) s
WHERE c.id = s.conversation
"""

_SET_ASIDE = """
UPDATE inbound_event e SET state = v.state, reason = v.reason, finished_at = clock_timestamp()
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v (id, state, reason) WHERE e.id = v.id
"""


@dataclass(slots=True)
class _Fresh:
    event_id: int
    phone_number_id: str
    who: Identity
    change: IdentityChange | None


@dataclass(frozen=True, slots=True)
class _Number:
    id: int
    scope: Scope
    digits: str


async def sort(connection: Connection) -> int:
    """Sort one batch inside the caller's transaction. Returns how many events were fresh; 0 when another one sorts."""
    (is_mine,) = await _row(connection, "SELECT pg_try_advisory_xact_lock(%s)", LOCK)
    if not is_mine:
        return 0
    rows = await (await connection.execute(_FRESH, (BATCH,))).fetchall()
    aside: list[tuple[int, str, str]] = []
    fresh = list(_read(rows, aside))
    numbers = await _numbers(connection, {item.phone_number_id for item in fresh})
    known = [item for item in fresh if _is_ours(item, numbers, aside)]
    if known:
        await _assign(connection, known, numbers)
    if aside:
        await connection.execute(_SET_ASIDE, [list(column) for column in zip(*aside, strict=True)])
    return len(rows)


def _read(rows: list[tuple[int, str, bytes]], aside: list[tuple[int, str, str]]) -> Iterable[_Fresh]:
    for event_id, kind, raw in rows:
        try:
            if kind == EventKind.ECHO:
                echo = echo_of(raw)
                yield _Fresh(event_id, echo.phone_number_id, echo.recipient, None)
            else:
                update = message_of(raw)
                yield _Fresh(event_id, update.phone_number_id, update.sender, update.change)
        except Malformed:
            aside.append((event_id, "parked", "malformed"))


def _is_ours(item: _Fresh, numbers: dict[str, _Number], aside: list[tuple[int, str, str]]) -> bool:
    number = numbers.get(item.phone_number_id)
    if number is None:
        aside.append((item.event_id, "ignored", "unknown_number"))
    elif item.who.wa_id == number.digits:
        # Coexistence may show us what the number itself said; answering that would be talking to ourselves.
        aside.append((item.event_id, "ignored", "own_number"))
    else:
        return True
    return False


async def _numbers(connection: Connection, wanted: set[str]) -> dict[str, _Number]:
    rows = await (await connection.execute(_NUMBERS, (list(wanted),))).fetchall() if wanted else []
    return {name: _Number(row_id, (business, portfolio), digits) for name, row_id, business, portfolio, digits in rows}


async def _assign(connection: Connection, items: list[_Fresh], numbers: dict[str, _Number]) -> None:
    directory = await contacts.load(connection, [pair for item in items for pair in _mentioned(item, numbers)])
    cards = [_card(directory, item, numbers[item.phone_number_id].scope) for item in items]
    await contacts.write(connection, directory)
    pairs = [(numbers[i.phone_number_id].id, directory.kept(card).id) for i, card in zip(items, cards, strict=True)]
    columns = {"numbers": [number for number, _ in pairs], "contacts": [contact for _, contact in pairs]}
    rows = await (await connection.execute(_CONVERSATIONS, columns)).fetchall()
    by_pair = {(number, contact): conversation for conversation, number, contact in rows}
    conversations = [by_pair[pair] for pair in pairs]
    # In the order of ids, as turns lock them too.
    await connection.execute(_LOCK_ROWS, (sorted(set(conversations)),))
    await connection.execute(_ASSIGN, {"events": [i.event_id for i in items], "conversations": conversations})


def _mentioned(item: _Fresh, numbers: dict[str, _Number]) -> Iterable[tuple[Scope, Identity]]:
    scope = numbers[item.phone_number_id].scope
    yield scope, item.who
    if item.change:
        yield scope, item.change.before
        yield scope, item.change.after


def _card(directory: Directory, item: _Fresh, scope: Scope) -> Card:
    return directory.change(scope, item.change) if item.change else directory.find(scope, item.who)


async def _row(connection: Connection, query: str, *values: Any) -> Any:
    return await (await connection.execute(query, values)).fetchone()
