"""The one clock of business time: the database's time plus an offset only a demo or test database may set.

Windows, reminders, trials, retention read it. Leases, deadlines and rate limits use real time instead.
"""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, DateTime, Interval, func, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalog.db import Base
from catalog.errors import Refused


class ClockOffset(Base):
    """One row: how far business time is ahead of the database's, and whether it may be moved at all."""

    __tablename__ = "clock_offset"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    ahead: Mapped[timedelta] = mapped_column(Interval, default=timedelta(0), server_default="0")
    movable: Mapped[bool] = mapped_column(default=False, server_default="false")


def sql_now() -> ColumnElement[datetime]:
    """Business time as an expression for any statement: ``select(...).where(column < clock.sql_now())``."""
    ahead = select(ClockOffset.ahead).scalar_subquery()
    return type_coerce(func.clock_timestamp() + func.coalesce(ahead, timedelta(0)), DateTime(timezone=True))


def now(session: Session) -> datetime:
    """Business time, UTC."""
    return session.scalars(select(sql_now())).one()


def advance(session: Session, seconds: int) -> None:
    """Move business time ahead. Refused on any database that was not seeded as a demo or for tests."""
    row = session.get(ClockOffset, 1, with_for_update=True)
    if row is None or not row.movable:
        raise Refused("errors.clock_fixed")
    row.ahead += timedelta(seconds=seconds)


def make_movable(session: Session) -> None:
    """Mark this database as a demo or test database."""
    row = session.get(ClockOffset, 1) or ClockOffset(id=1, ahead=timedelta(0))
    row.movable = True
    session.add(row)
