"""Business time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from catalog import clock
from catalog.clock import ClockOffset
from catalog.errors import Refused


def test_business_time_is_the_databases(session: Session) -> None:
    assert abs(clock.now(session) - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_demo_clock_moves_ahead(session: Session) -> None:
    before = clock.now(session)
    clock.advance(session, 3600)
    assert timedelta(minutes=59) < clock.now(session) - before < timedelta(minutes=61)


def test_a_real_databases_clock_stands_fast(session: Session) -> None:
    row = session.get(ClockOffset, 1)
    assert row is not None
    row.movable = False
    with pytest.raises(Refused, match="clock_fixed"):
        clock.advance(session, 60)
