"""Who has a connection's next step in hand. Leases are real time, by the database's clock."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models.connection import OPEN, Connection, ConnectionState
from catalog.models.connection_step import ConnectionStep, StepName, StepState

# Longer than a step's calls may take together; then another job may take the step over.
LEASE = timedelta(seconds=60)
# A code in hand longer than this is lost: the process that exchanged it is gone, and the code lives 30 seconds.
EXCHANGE = timedelta(seconds=60)
BATCH = 100

_now = func.clock_timestamp()
_in_nobodys_hand = or_(Connection.leased_until.is_(None), Connection.leased_until < _now)


def take(session: Session, code: UUID) -> Connection | None:
    """Take the next step in hand; None where it is not due or somebody has it."""
    taken = session.scalar(
        update(Connection)
        .where(Connection.code == code, Connection.state == ConnectionState.WORKING)
        .where(Connection.next_try_at <= _now, _in_nobodys_hand)
        .values(leased_until=_now + LEASE)
        .returning(Connection.id)
    )
    return session.get(Connection, taken, populate_existing=True) if taken is not None else None


def held(session: Session, code: UUID, until: datetime) -> Connection | None:
    """The connection, locked, while the lease that ends at ``until`` is ours; None once another job took over."""
    query = select(Connection).where(Connection.code == code, Connection.leased_until == until)
    return session.scalar(query.with_for_update(of=Connection).execution_options(populate_existing=True))


def overdue(session: Session, late: timedelta) -> list[UUID]:
    """Codes of those whose job got lost: due for longer than ``late`` and in nobody's hand."""
    return list(
        session.scalars(
            select(Connection.code)
            .where(Connection.state == ConnectionState.WORKING, Connection.next_try_at <= _now - late)
            .where(_in_nobodys_hand)
            .order_by(Connection.next_try_at)
            .limit(BATCH)
        )
    )


def expire_old(session: Session) -> None:
    """End the connections nobody will finish."""
    in_hand_too_long = (Connection.state == ConnectionState.STARTED) & Connection.steps.any(
        (ConnectionStep.name == StepName.EXCHANGE)
        & (ConnectionStep.state == StepState.RUNNING)
        & (ConnectionStep.started_at < _now - EXCHANGE)
    )
    old = (
        select(Connection)
        .where(Connection.state.in_(OPEN), Connection.state != ConnectionState.WORKING)
        .where(or_(Connection.expires_at <= clock.sql_now(), in_hand_too_long))
        .limit(BATCH)
        .with_for_update(of=Connection, skip_locked=True)
    )
    for connection in session.scalars(old):
        connection.expire(session)
