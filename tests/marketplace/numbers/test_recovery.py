"""Whatever dies on the way, a connection that has its token comes to its end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from sqlalchemy import update

from catalog.models import Connection, ConnectionState, NumberState, StepName
from marketplace.jobs import sweep
from tests.marketplace.numbers.conftest import APP
from tests.marketplace.numbers.desk import Desk, is_live
from tests.marketplace.numbers.emulating import Emulator
from tests.source import ROOT

STEPS = [StepName.INSPECT, StepName.SUBSCRIBE, StepName.REGISTER, StepName.LIVE]


@pytest.fixture
def process_environment(environment: dict[str, str], addresses: dict[str, str]) -> dict[str, str]:
    """What a process of the store finds in its environment."""
    return {**os.environ, **environment, **addresses, **APP}


@contextmanager
def jobs_process(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The real jobs process; killed at the end if it still lives."""
    process = subprocess.Popen([sys.executable, "-m", "marketplace.jobs"], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def reported(desk: Desk, emulator: Emulator) -> Connection:
    """A connection whose token is in hand, with a job in the queue."""
    made = emulator.number()
    connection = desk.begin()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    assert desk.report(connection, signup["code"], signup["event"]).status_code == 200
    return desk.connection(connection.code)


def until_live(desk: Desk, connection: Connection, seconds: float = 30) -> Connection:
    """Wait for the good end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection = desk.connection(connection.code)
        desk.session.rollback()
        if is_live(connection):
            return connection
        time.sleep(0.1)
    raise AssertionError(f"still {connection.state}, {connection.error}")


def lapse(desk: Desk, connection: Connection) -> None:
    """As if the lease of the dead had run out."""
    done = update(Connection).where(Connection.id == connection.id)
    desk.session.execute(done.values(leased_until=Connection.next_try_at))
    desk.session.commit()


@pytest.mark.processes
def test_f56_the_queue_is_emptied_and_the_sweep_queues_again(
    desk: Desk, emulator: Emulator, redis_url: str, process_environment: dict[str, str]
) -> None:
    connection = reported(desk, emulator)
    with redis.Redis.from_url(redis_url) as valkey:
        assert valkey.keys("rq:job:*"), "the report queued a job"
        valkey.flushall()
    with jobs_process(process_environment):
        until_live(desk, connection)


@pytest.mark.processes
@pytest.mark.parametrize("moment", ["before", "after"])
def test_f56_the_jobs_process_is_killed_at_every_step_and_the_next_one_goes_on(
    desk: Desk, emulator: Emulator, moment: str, process_environment: dict[str, str]
) -> None:
    connection = reported(desk, emulator)
    for place, step in enumerate(STEPS, 1):
        arguments = [str(connection.code), step.value, moment]
        command = [sys.executable, "-m", "tests.marketplace.numbers.killed", *arguments]
        killed = subprocess.run(command, cwd=ROOT, env=process_environment, timeout=60, check=False)
        assert killed.returncode == -signal.SIGKILL
        connection = desk.connection(connection.code)
        assert connection.step is not None
        assert connection.step.name is step
        assert connection.state is ConnectionState.WORKING
        assert connection.leased_until is not None
        if place > 1:
            assert connection.number is not None
            assert connection.number.state is NumberState.CONNECTING, "nothing half-connected is live"
        lapse(desk, connection)
    with jobs_process(process_environment):
        connection = until_live(desk, connection)
    assert connection.number is not None
    number = connection.number
    seen = emulator.state_of(number.phone_number_id)
    assert seen["registered"]
    assert [one.tries for one in connection.steps] == [1, 2, 2, 2, 2]
    registered = [call for call in emulator.calls(f"{number.phone_number_id}/register") if call["status"] == 200]
    assert len({call["body"]["pin"] for call in registered}) == 1, "every try used the PIN that is kept"


def test_a_step_in_somebodys_hand_is_left_alone(desk: Desk, emulator: Emulator, redis_url: str) -> None:
    connection = reported(desk, emulator)
    from catalog.models import connection_lease

    assert connection_lease.take(desk.session, connection.code) is not None
    desk.session.commit()
    with redis.Redis.from_url(redis_url) as valkey:
        valkey.flushall()
        assert sweep.once()
        assert not valkey.keys("rq:job:*")
    assert desk.work(connection).state is ConnectionState.WORKING
    lapse(desk, connection)
    assert is_live(desk.work(connection))


def test_a_lost_lease_writes_nothing(desk: Desk, emulator: Emulator) -> None:
    """A job that slept too long finds that another one has done its step."""
    from catalog.models import connection_lease

    connection = reported(desk, emulator)
    slow = connection_lease.take(desk.session, connection.code)
    assert slow is not None
    assert slow.leased_until is not None
    until = slow.leased_until
    desk.session.commit()
    lapse(desk, connection)
    assert is_live(desk.work(connection))
    assert connection_lease.held(desk.session, connection.code, until) is None


def test_valkey_away_at_the_report_loses_nothing(desk: Desk, emulator: Emulator, app: object, settings: object) -> None:
    from dataclasses import replace

    from marketplace import jobs
    from marketplace.config import Config

    assert isinstance(settings, Config)
    jobs.use(replace(settings, redis_url="redis://localhost:9/0"))
    connection = reported(desk, emulator)
    assert connection.state is ConnectionState.WORKING
    jobs.use(settings)
    assert is_live(desk.work(connection))
