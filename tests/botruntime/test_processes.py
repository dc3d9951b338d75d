"""Promises 1, 2, 3 and 8 with real processes: door and worker are killed at random moments under load."""

import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, text

from botruntime.config import Config
from tests.botruntime.chaos.graph import Graph
from tests.botruntime.chaos.load import Load
from tests.botruntime.chaos.processes import Process, until_ready
from tests.botruntime.stage import Stage

pytestmark = pytest.mark.processes

PEOPLE, MESSAGES, SENDERS = 120, 10, 6
KILLS = 20


@dataclass
class House:
    """A running door and worker, with a Graph to send to."""

    door: Process
    worker: Process
    url: str
    graph: Graph

    def until_drained(self, engine: Engine, seconds: float) -> None:
        """Until nothing waits in inbox or outbox."""
        query = text(
            "SELECT (SELECT count(*) FROM inbound_event WHERE state = 'pending'), "
            "(SELECT count(*) FROM outbound_message WHERE state IN ('queued', 'sending', 'ambiguous'))"
        )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with engine.connect() as connection:
                left = connection.execute(query).one()
            if tuple(left) == (0, 0):
                return
            time.sleep(0.2)
        raise AssertionError(f"inbox and outbox still hold {tuple(left)}")


@pytest.fixture
def house(stage: Stage, environment: dict[str, str], config: Config, tmp_path: Path) -> Iterator[House]:
    waba = stage.number.waba
    assert waba is not None
    waba.business_token = config.sealer.seal("token-of-the-tests", row=waba.token_row)
    stage.session.commit()
    graph = Graph()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    values = {**environment, "GRAPH_BASE_URL": graph.url, "LOOP_TURNS_PER_MINUTE": "1000", "TURN_LEASE_SECONDS": "2"}
    door = Process(["-m", "botruntime.inbound", "--port", str(port)], values, tmp_path / "door.log")
    worker = Process(["-m", "tests.botruntime.chaos.counting_worker"], values, tmp_path / "worker.log")
    house = House(door, worker, f"http://127.0.0.1:{port}", graph)
    try:
        door.start()
        worker.start()
        until_ready(f"{house.url}/readyz")
        yield house
    finally:
        door.stop()
        worker.stop()
        graph.close()


def effects(engine: Engine) -> list[tuple[str, str, int]]:
    """(contact, wamid, count) of every trace a bot left, in the order of its turns."""
    query = text(
        "SELECT c.wa_id, e.data ->> 'wamid', (e.data ->> 'n')::int FROM entry e "
        "JOIN contact c ON c.id = e.contact_id ORDER BY c.wa_id, (e.data ->> 'n')::int, e.id"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def judge(load: Load, house: House, engine: Engine) -> None:
    """The oracle: what was acked, what was kept, what the bot did, what was sent."""
    acked = {wamid for wamids in load.ledger.values() for wamid in wamids}
    with engine.connect() as connection:
        ends = dict(
            connection.execute(
                text("SELECT state, count(*) FROM inbound_event WHERE kind = 'message' GROUP BY 1")
            ).all()
        )
        replies = list(connection.scalars(text("SELECT payload ->> 'body' FROM outbound_message")))
        states = dict(connection.execute(text("SELECT state, count(*) FROM outbound_message GROUP BY 1")).all())
    done = effects(engine)
    assert ends == {"done": len(acked)}, "lost or double in the inbox"
    assert Counter(wamid for _, wamid, _ in done) == Counter(acked), "lost or double effects"
    assert sorted(body.split()[1] for body in replies) == sorted(acked), "lost or double replies"
    order: dict[str, list[str]] = {}
    for contact, wamid, _ in done:
        order.setdefault(contact, []).append(wamid)
    assert order == load.ledger, "out of order"
    assert set(states) <= {"sent", "delivered"}, states
    assert {body["text"]["body"] for body in house.graph.bodies} == set(replies)
    # A send whose worker died before it could note the answer may go out again (promise 4).
    twice = sum(count - 1 for count in house.graph.sends.values())
    assert twice <= house.worker.deaths


def test_f01_f02_twenty_kills_of_door_and_worker_lose_nothing_and_do_nothing_twice(house: House, stage: Stage) -> None:
    chance = random.Random()
    load = Load(house.url, stage.number.phone_number_id, chance)
    stop, talked = threading.Event(), threading.Event()

    def talk() -> None:
        load.talk(PEOPLE, MESSAGES, SENDERS, pause=0.1)
        talked.set()

    talking = threading.Thread(target=talk)
    reporting = threading.Thread(target=load.report, args=(house.graph, stop))
    talking.start()
    reporting.start()
    for number in range(KILLS):
        time.sleep(chance.uniform(0.3, 2.0))
        (house.worker if number % 2 == 0 else house.door).kill()
    talked.wait(60)
    assert talked.is_set(), "the load did not get through"
    house.until_drained(stage.engine, 30)
    stop.set()
    talking.join()
    reporting.join(30)
    house.until_drained(stage.engine, 10)
    assert load.duplicates > 0
    assert load.refused > 0, "no kill of the door was felt"
    judge(load, house, stage.engine)


def test_f12_flushing_valkey_all_the_time_loses_nothing(house: House, stage: Stage, redis_url: str) -> None:
    load = Load(house.url, stage.number.phone_number_id, random.Random())
    stop = threading.Event()

    def flush() -> None:
        with redis.Redis.from_url(redis_url) as client:
            while not stop.wait(0.1):
                client.flushall()

    flushing = threading.Thread(target=flush)
    flushing.start()
    load.talk(people=20, messages=5, senders=4, pause=0.01)
    house.until_drained(stage.engine, 15)
    stop.set()
    flushing.join()
    judge(load, house, stage.engine)


def test_f07_a_worker_asked_to_end_finishes_what_it_holds(house: House, stage: Stage) -> None:
    load = Load(house.url, stage.number.phone_number_id, random.Random())
    load.talk(people=1, first=40, messages=1, senders=1, pause=0.0)
    house.until_drained(stage.engine, 15)
    load.talk(people=30, messages=2, senders=4, pause=0.0)
    began = time.monotonic()
    assert house.worker.stop() == 0
    assert time.monotonic() - began < 15
    with stage.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM conversation WHERE lease_holder IS NOT NULL")) == 0
        assert connection.scalar(text("SELECT count(*) FROM outbound_message WHERE state = 'sending'")) == 0
    house.worker.start()
    house.until_drained(stage.engine, 15)
    judge(load, house, stage.engine)


def test_f06_a_worker_frozen_for_three_leases_can_do_nothing_when_it_wakes(house: House, stage: Stage) -> None:
    load = Load(house.url, stage.number.phone_number_id, random.Random())
    other = Process(house.worker.argv, house.worker.environment, house.worker.log)
    other.start()
    try:
        load.talk(people=1, first=50, messages=1, senders=1, pause=0.0)
        house.until_drained(stage.engine, 20)
        talking = threading.Thread(target=load.talk, args=(30, 8, 4, 0.05))
        talking.start()
        for _ in range(2):
            time.sleep(0.5)
            house.worker.signal(signal.SIGSTOP)
            time.sleep(3.2)
            house.worker.signal(signal.SIGCONT)
        talking.join()
        house.until_drained(stage.engine, 30)
    finally:
        house.worker.signal(signal.SIGCONT)
        other.stop()
    judge(load, house, stage.engine)


def test_f15_connections_that_break_all_the_time_lose_nothing(house: House, stage: Stage) -> None:
    load = Load(house.url, stage.number.phone_number_id, random.Random())
    load.talk(people=1, first=50, messages=1, senders=1, pause=0.0)
    house.until_drained(stage.engine, 20)
    talking = threading.Thread(target=load.talk, args=(30, 8, 4, 0.05))
    talking.start()
    cut = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    while talking.is_alive():
        time.sleep(0.4)
        with stage.engine.connect() as connection:
            assert connection.scalar(cut) > 0
    talking.join()
    stage.session.rollback()
    house.until_drained(stage.engine, 40)
    # An answer that could not be written down is a send whose end is unknown: as after a death (promise 4).
    house.worker.deaths = 20
    judge(load, house, stage.engine)
