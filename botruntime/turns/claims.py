"""Leases on conversations: one holder at a time, and a token that fences off whoever held it before.

A holder is known by the backend pid of its bell connection, so a dead one is seen at once. A lease that was never given
back means that its holder died over it: that conversation is worked off alone, and after three deaths the event that
leads it is parked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from botruntime.models import EventKind
from botruntime.turns.batch import Bound, Claimed, DueTimer, Person, Place, Waiting

Connection = AsyncConnection[Any]
Held = tuple[int, int]
APPLICATION = "pasarbot-worker"
MAX_DEATHS = 3
# Events of one conversation in one transaction: an album of pictures, not a flood.
MAX_EVENTS = 16

_FREE = """
SELECT id, lease_holder IS NOT NULL FROM conversation
WHERE waiting_since IS NOT NULL AND (lease_until IS NULL OR lease_until <= clock_timestamp())
ORDER BY waiting_since LIMIT %s FOR UPDATE SKIP LOCKED
"""

_TAKE = """
UPDATE conversation SET lease_holder = %s, lease_until = clock_timestamp() + make_interval(secs => %s),
    lease_token = lease_token + 1
WHERE id = ANY(%s) RETURNING id, lease_token
"""

_DIED = """
UPDATE inbound_event SET deaths = deaths + 1,
    state = CASE WHEN deaths + 1 >= %(limit)s THEN 'parked' ELSE state END,
    reason = CASE WHEN deaths + 1 >= %(limit)s THEN 'killed_thrice' END,
    finished_at = CASE WHEN deaths + 1 >= %(limit)s THEN clock_timestamp() END
WHERE id = (SELECT min(id) FROM inbound_event WHERE conversation_id = %(conversation)s AND state = 'pending')
RETURNING state = 'parked'
"""

_GIVE_BACK = """
UPDATE conversation c SET lease_holder = NULL, lease_until = NULL,
    waiting_since = (SELECT min(id) FROM inbound_event WHERE conversation_id = c.id AND state = 'pending')
FROM unnest(%s::bigint[], %s::bigint[]) AS held (id, token)
WHERE c.id = held.id AND c.lease_token = held.token
"""

_RENEW = """
UPDATE conversation c SET lease_until = clock_timestamp() + make_interval(secs => %s)
FROM unnest(%s::bigint[], %s::bigint[]) AS held (id, token)
WHERE c.id = held.id AND c.lease_token = held.token
"""

_REAP = """
UPDATE conversation SET lease_until = clock_timestamp()
WHERE lease_holder IS NOT NULL AND lease_until > clock_timestamp() AND NOT EXISTS (
    SELECT 1 FROM pg_stat_activity WHERE pid = lease_holder AND application_name = %s)
"""

_DISOWN = "UPDATE conversation SET lease_holder = NULL, lease_until = NULL WHERE lease_holder = %s"

_LOAD = """
SELECT c.id, c.lease_token AS token, c.mode, c.human_until, c.handover_at, c.handover, c.installation_id, c.state,
    c.asking, c.last_inbound_at, c.last_unknown_at, c.paused_told_at, c.fallback_told_at, c.burst_began_at,
    c.burst_turns, c.silenced_until,
    EXISTS (
        SELECT 1 FROM number o
        WHERE regexp_replace(o.display_phone_number, '\\D', '', 'g') = p.wa_id AND o.state = 'live'
    ) AS is_machine,
    p.id AS person_id, p.code AS person_code, p.name AS person_name, p.username, p.wa_id, p.language AS person_language,
    n.id AS number_id, n.state AS number_state, n.display_phone_number,
    b.id AS business_id, b.code AS business_code, b.name AS business_name, b.zone, b.language AS business_language,
    i.id AS bound_id, i.code AS bound_code, i.state AS bound_state, i.generation, i.settings,
    i.language AS bound_language, i.consent -> 'permissions' AS permissions,
    bot.slug AS bot, bot.partner_id, v.name AS version, v.hosting
FROM unnest(%s::bigint[], %s::bigint[]) AS held (id, token)
JOIN conversation c ON c.id = held.id AND c.lease_token = held.token
JOIN contact p ON p.id = c.contact_id
JOIN number n ON n.id = c.number_id
JOIN business b ON b.id = n.business_id
LEFT JOIN installation i ON i.number_id = n.id AND i.state IN ('active', 'paused', 'suspended')
LEFT JOIN version v ON v.id = i.version_id
LEFT JOIN bot ON bot.id = i.bot_id
ORDER BY c.waiting_since
"""

_EVENTS = """
SELECT held.id AS conversation_id, e.id, e.kind, e.raw, e.sent_at, e.received_at, e.deaths
FROM unnest(%s::bigint[]) AS held (id)
CROSS JOIN LATERAL (
    SELECT * FROM inbound_event WHERE conversation_id = held.id AND state = 'pending' ORDER BY id LIMIT %s
) e
"""

_TIMERS = """
SELECT id, code, installation_id, name, key, due_at, data, state FROM timer WHERE code = ANY(%s::uuid[])
"""

_NOW = "SELECT clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), interval '0')"


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes, and for how long (real seconds)."""

    holder: int
    seconds: int


async def claim(connection: Connection, lease: Lease, limit: int, *, may_be_suspect: bool = True) -> list[Held]:
    """Take up to ``limit`` free conversations, oldest first, or a single one whose last holder died over it.

    The caller commits before working. Returns (conversation, token) pairs.
    """
    rows = await (await connection.execute(_FREE, (limit,))).fetchall()
    suspects = [row_id for row_id, is_suspect in rows if is_suspect]
    if suspects and may_be_suspect:
        # What was parked just now no longer stands in the way of anything.
        return await _claim_alone(connection, lease, suspects[0]) or await claim(connection, lease, limit)
    free = [row_id for row_id, is_suspect in rows if not is_suspect]
    return await _take(connection, lease, free) if free else []


async def _claim_alone(connection: Connection, lease: Lease, conversation: int) -> list[Held]:
    values = {"limit": MAX_DEATHS, "conversation": conversation}
    died = await (await connection.execute(_DIED, values)).fetchone()
    held = await _take(connection, lease, [conversation])
    if died is None or died[0]:
        await give_back(connection, held)
        return []
    return held


async def _take(connection: Connection, lease: Lease, ids: list[int]) -> list[Held]:
    return await (await connection.execute(_TAKE, (lease.holder, lease.seconds, ids))).fetchall()


async def give_back(connection: Connection, held: Sequence[Held]) -> None:
    """Let go of what is still ours, in good order: nobody will think the holder died."""
    if held:
        await connection.execute(_GIVE_BACK, _columns(held))


async def renew(connection: Connection, held: Sequence[Held], seconds: int) -> None:
    """Keep what is still ours for another ``seconds``."""
    await connection.execute(_RENEW, (seconds, *_columns(held)))


async def reap(connection: Connection) -> int:
    """End the leases of holders that are no longer connected. Returns how many."""
    return (await connection.execute(_REAP, (APPLICATION,))).rowcount


async def disown(connection: Connection, holder: int) -> None:
    """Give back everything a former self of this process held: it lost its connection, it did not die."""
    await connection.execute(_DISOWN, (holder,))


async def business_time(connection: Connection) -> datetime:
    """``catalog.clock.now`` without a session."""
    row = await (await connection.execute(_NOW)).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


async def load(connection: Connection, held: Sequence[Held], events: int = MAX_EVENTS) -> list[Claimed]:
    """The conversations still held under these tokens with their first waiting events. Those of the dead alone."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_LOAD, _columns(held))).fetchall()
        ids = [row["id"] for row in rows]
        waiting = await (await cursor.execute(_EVENTS, (ids, events))).fetchall() if ids else []
        codes = [event["raw"].decode() for event in waiting if event["kind"] == EventKind.TIMER]
        timers = await (await cursor.execute(_TIMERS, (codes,))).fetchall() if codes else []
    by_code = {str(timer["code"]): DueTimer(**timer) for timer in timers}
    by_conversation: dict[int, list[Waiting]] = {row_id: [] for row_id in ids}
    for event in waiting:
        by_conversation[event.pop("conversation_id")].append(Waiting(**event))
    return [_claimed(row, by_conversation[row["id"]], by_code) for row in rows]


def _claimed(row: dict[str, Any], events: list[Waiting], timers: dict[str, DueTimer]) -> Claimed:
    if events and events[0].deaths:
        events = events[:1]
    due = {e.id: timers[e.raw.decode()] for e in events if e.kind == EventKind.TIMER and e.raw.decode() in timers}
    names = (
        "id", "token", "mode", "human_until", "handover_at", "handover", "installation_id", "state", "asking",
        "last_inbound_at", "last_unknown_at", "paused_told_at", "fallback_told_at", "burst_began_at", "burst_turns",
        "silenced_until",
    )  # fmt: skip
    return Claimed(
        **{name: row[name] for name in names},
        loaded_mode=row["mode"],
        contact=_person(row),
        place=_place(row),
        events=events,
        due=due,
    )


def _person(row: dict[str, Any]) -> Person:
    return Person(
        id=row["person_id"],
        code=row["person_code"],
        name=row["person_name"],
        username=row["username"],
        wa_id=row["wa_id"],
        language=row["person_language"],
        is_machine=row["is_machine"],
    )


def _place(row: dict[str, Any]) -> Place:
    return Place(
        number_id=row["number_id"],
        number_state=row["number_state"],
        display_phone_number=row["display_phone_number"],
        business_id=row["business_id"],
        business_code=row["business_code"],
        business_name=row["business_name"],
        zone=row["zone"],
        language=row["business_language"],
        bound=None if row["bound_id"] is None else _bound(row),
    )


def _bound(row: dict[str, Any]) -> Bound:
    return Bound(
        id=row["bound_id"],
        code=row["bound_code"],
        state=row["bound_state"],
        generation=row["generation"],
        settings=row["settings"],
        language=row["bound_language"],
        permissions=frozenset(row["permissions"] or ()),
        bot=row["bot"],
        version=row["version"],
        hosting=row["hosting"],
        partner_id=row["partner_id"],
    )


def _columns(held: Sequence[Held]) -> tuple[list[int], list[int]]:
    return [row_id for row_id, _ in held], [token for _, token in held]
