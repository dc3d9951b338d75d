"""The fixtures themselves: a test finds the database as the migrations left it, whatever the one before did."""

import socket

import pytest
import redis
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from catalog import clock


@pytest.mark.parametrize("round_", [1, 2])
def test_committed_rows_are_gone_before_the_next_test(session: Session, round_: int) -> None:
    before = clock.now(session)
    clock.advance(session, 3600)
    session.commit()
    assert 3500 < (clock.now(session) - before).total_seconds() < 3700
    assert session.get_one(clock.ClockOffset, 1).ahead.total_seconds() == 3600


def test_an_open_session_does_not_hold_up_the_cleaning(engine: Engine) -> None:
    connection = engine.connect()
    connection.execute(text("SELECT count(*) FROM clock_offset"))
    connection.detach()
    connection.close()


@pytest.mark.parametrize("round_", [1, 2])
def test_valkey_is_empty_at_the_start_of_a_test(redis_url: str, round_: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.incr("count") == 1


def test_the_suite_is_sealed() -> None:
    with pytest.raises(AssertionError, match="sealed"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(AssertionError, match="sealed"), socket.socket() as plain:
        plain.connect_ex(("192.0.2.1", 80))
