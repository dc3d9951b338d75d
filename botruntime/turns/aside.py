"""Updates that belong to no conversation: statuses in batches, account events one by one."""

from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from botruntime.inbound.payload import Malformed, status_of
from botruntime.inbound.payload_account import account_of
from botruntime.inbound.updates import StatusUpdate
from botruntime.models import EventKind, EventState, InboundEvent
from botruntime.outbound import statuses
from botruntime.turns import accounts
from catalog import clock

log = structlog.get_logger(__name__)
Connection = AsyncConnection[Any]
BATCH = 500

_TAKE = """
SELECT id, raw FROM inbound_event WHERE state = 'pending' AND kind = 'status'
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""

# A status belongs to no conversation, so an erasure would not find it; what it says stands with the message by now.
_END = """
UPDATE inbound_event e SET state = v.state, reason = v.reason, finished_at = clock_timestamp(),
    raw = CASE WHEN v.state = 'done' THEN '' ELSE e.raw END
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v (id, state, reason) WHERE e.id = v.id
"""


async def settle_statuses(connection: Connection) -> int:
    """Apply one batch of statuses; one by one when a batch will not go through. Returns how many were taken."""
    try:
        return await _settle_batch(connection, BATCH)
    except (psycopg.Error, ValueError, TypeError, KeyError) as trouble:
        if connection.closed or connection.broken:
            raise
        log.warning("statuses taken one by one", trouble=type(trouble).__name__)
    try:
        return await _settle_batch(connection, 1)
    except (psycopg.DataError, psycopg.IntegrityError, ValueError, TypeError, KeyError):
        log.exception("status parked")
        return await _park_first(connection)


async def _settle_batch(connection: Connection, limit: int) -> int:
    async with connection.transaction():
        rows = await (await connection.execute(_TAKE, (limit,))).fetchall()
        ends: list[tuple[int, str, str | None]] = []
        updates: list[StatusUpdate] = []
        for event_id, raw in rows:
            try:
                updates.append(status_of(raw, event_id))
                ends.append((event_id, EventState.DONE, None))
            except Malformed:
                ends.append((event_id, EventState.PARKED, "malformed"))
        if rows:
            await statuses.apply(connection, updates)
            await connection.execute(_END, [list(column) for column in zip(*ends, strict=True)])
    return len(rows)


async def _park_first(connection: Connection) -> int:
    async with connection.transaction():
        rows = await (await connection.execute(_TAKE, (1,))).fetchall()
        for event_id, _ in rows:
            await connection.execute(_END, ([event_id], [EventState.PARKED], ["turn_failed"]))
    return len(rows)


def settle_account(sessions: sessionmaker[Session]) -> bool:
    """Apply the oldest account event in a transaction of its own. Returns whether there was one."""
    with sessions.begin() as session:
        row = _oldest(session)
        if row is None:
            return False
        event_id = row.id
        try:
            with session.begin_nested():
                reason = accounts.settle(session, account_of(row.raw))
            state = EventState.DONE if reason is None else EventState.IGNORED
        except (Malformed, ValueError, TypeError, KeyError):
            log.exception("account event parked", inbound_event=event_id)
            state, reason = EventState.PARKED, "turn_failed"
        row.state, row.reason, row.finished_at = state, reason, clock.now(session)
    return True


def _oldest(session: Session) -> InboundEvent | None:
    return session.scalar(
        select(InboundEvent)
        .where(InboundEvent.kind == EventKind.ACCOUNT, InboundEvent.state == EventState.PENDING)
        .order_by(InboundEvent.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
