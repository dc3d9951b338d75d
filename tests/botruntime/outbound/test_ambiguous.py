"""A send whose answer was lost is settled by a status, or sent once more: never blindly."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from botruntime.inbound.updates import StatusUpdate
from botruntime.outbound import ambiguous, refusals, statuses
from tests.botruntime.outbound.conftest import Chat, Scene
from tests.botruntime.stub_graph import Request, accepted, error, http, running_graph, wamid_of


async def never(request: Request) -> bytes:
    await asyncio.sleep(30)
    return b""


async def slow_head(request: Request) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Le"


LOST: dict[str, Callable[[Request], bytes | Awaitable[bytes] | None]] = {
    "accepts and never answers": never,
    "half a head": slow_head,
    "half a body": lambda request: accepted(request)[:-5],
    "reset before the answer": lambda request: None,
    "empty 200": lambda request: http(""),
    "HTML 200": lambda request: http("<html>OK</html>"),
    "truncated JSON": lambda request: http('{"messages": [{"id": "wam'),
    "200 without an id": lambda request: http({"messages": []}),
    "200 with an odd id": lambda request: http({"messages": [{"id": 7}]}),
    "100 MB announced": lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 200_000,
    "no HTTP": lambda request: b"\x16\x03\x01 what?\r\n\r\n",
    "502 of a gateway": lambda request: http("<html>Bad gateway</html>", 502),
}


@pytest.fixture
def chat(scene: Scene) -> Chat:
    return scene.chat(scene.number())


@pytest.mark.parametrize("fault", list(LOST))
def test_f38_a_lost_answer_waits_for_a_status_and_is_not_sent_blindly(scene: Scene, chat: Chat, fault: str) -> None:
    scene.put(chat, "Halo", "berikutnya")

    async def main() -> None:
        async with running_graph(LOST[fault]) as graph, scene.sending(graph.url, deadline=0.5):
            await scene.until(lambda: scene.states()[0] == "ambiguous")
            await asyncio.sleep(1.2)
            assert len(graph.requests) == 1

    asyncio.run(main())
    first, second = scene.rows()
    assert (first["lost"], first["reason"], second["state"]) == (1, refusals.UNSURE, "queued")
    with scene.engine.connect() as connection:
        wait = connection.exec_driver_sql("SELECT extract(epoch FROM now())").scalar_one()
    assert 0 < first["next_try_at"].timestamp() - float(wait) <= ambiguous.WAIT_SECONDS


def test_a_status_settles_it_and_nothing_is_sent_again(scene: Scene, chat: Chat) -> None:
    (code,) = scene.put(chat, "Halo")

    async def main() -> None:
        async with running_graph(lambda request: None) as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("ambiguous"))
            told = StatusUpdate(1, chat.phone_number_id, wamid_of(code), "sent", None, code=str(code))
            async with await psycopg.AsyncConnection.connect(scene.config.database_dsn) as connection:
                await statuses.apply(connection, [told])
            await asyncio.to_thread(scene.hurry)
            await asyncio.sleep(1.5)
            assert len(graph.requests) == 1

    asyncio.run(main())
    assert (scene.row()["state"], scene.row()["wamid"]) == ("sent", wamid_of(code))


def test_without_a_status_it_is_sent_once_more(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")
    seen: list[str] = []

    def second_time(request: Request) -> bytes | None:
        seen.append(request.code)
        return accepted(request) if len(seen) > 1 else None

    async def main() -> None:
        async with running_graph(second_time) as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("ambiguous"))
            await asyncio.to_thread(scene.hurry)
            await scene.until(scene.all_are("sent"))

    asyncio.run(main())
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_and_never_a_third_time(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")

    async def main() -> None:
        async with running_graph(lambda request: None) as graph, scene.sending(graph.url):
            for lost in (1, 2):
                await scene.until(lambda lost=lost: scene.row()["lost"] == lost)  # type: ignore[misc]
                await asyncio.to_thread(scene.hurry)
            await scene.until(scene.all_are("failed"))
            assert len(graph.requests) == 2

    asyncio.run(main())
    assert scene.row()["reason"] == refusals.LOST


def test_f35_a_third_of_all_sends_failing_loses_nothing(scene: Scene) -> None:
    number, chance = scene.number(), random.Random(35)
    for _ in range(40):
        scene.put(scene.chat(number), "Halo")
    troubles = [error(131016, 500), error(2, 503), http("<html>no</html>", 503), error(133004, 503)]

    async def main() -> int:
        def flaky(request: Request) -> bytes:
            return chance.choice(troubles) if chance.random() < 0.3 else accepted(request)

        async with running_graph(flaky) as graph, scene.sending(graph.url):
            await scene.hurrying_until(scene.all_are("sent"))
            return len(graph.requests)

    assert asyncio.run(main()) > 40
    assert max(row["attempts"] for row in scene.rows()) <= 8


def test_f35_trouble_that_does_not_end_ends_after_eight_tries(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")

    async def main() -> int:
        async with running_graph(lambda request: error(131016, 500)) as graph, scene.sending(graph.url):
            await scene.hurrying_until(scene.all_are("failed"))
            return len(graph.requests)

    assert asyncio.run(main()) == 8
    assert (scene.row()["reason"], scene.row()["error"]["code"]) == ("sending.meta.unavailable", 131016)


def test_an_error_meta_does_not_explain_is_worth_three_tries(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")

    async def main() -> int:
        async with running_graph(lambda request: error(131000, 500)) as graph, scene.sending(graph.url):
            await scene.hurrying_until(scene.all_are("failed"))
            return len(graph.requests)

    assert asyncio.run(main()) == 3


def test_f38_nobody_listening_is_no_lost_answer(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")

    async def main() -> None:
        async with running_graph() as graph:
            url = graph.url
        async with scene.sending(url):
            await scene.until(lambda: scene.row()["reason"] == refusals.LATER)

    asyncio.run(main())
    assert (scene.row()["state"], scene.row()["lost"], scene.row()["attempts"]) == ("queued", 0, 1)


CHILD = """
import asyncio, sys
from catalog.db import engine_for, session_factory
from catalog.sealing import Sealer
from botruntime.outbound.sender import Sender
from botruntime.transports.cloud_api.client import CloudApi

async def main():
    dsn, graph, keys = sys.argv[1:]
    transport = CloudApi(graph, "v25.0")
    engine = engine_for(dsn.replace("postgresql://", "postgresql+psycopg://", 1))
    sender = Sender(dsn, transports={"cloud_api": transport}, sealer=Sealer.parse(keys),
                    sessions=session_factory(engine), lease_seconds=2.0)
    await sender.run(asyncio.Event())

asyncio.run(main())
"""


def child(scene: Scene, graph: str, keys: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, scene.config.database_dsn, graph, keys])


def test_f28_killed_between_the_answer_and_its_commit(scene: Scene, chat: Chat, environment: dict[str, str]) -> None:
    """The platform took the message and the process died: a status settles it, another process sends the rest."""
    (code, _) = scene.put(chat, "satu", "dua")

    async def main() -> list[str]:
        killed: list[subprocess.Popen[bytes]] = []

        async def kill_first(request: Request) -> bytes:
            if len(graph.requests) == 1:
                # Graph has accepted; the answer arrives at a process that no longer writes it down.
                os.kill(killed[0].pid, signal.SIGKILL)
                await asyncio.to_thread(killed[0].wait)
            return accepted(request)

        async with running_graph(kill_first) as graph:
            killed.append(child(scene, graph.url, environment["SEALING_KEYS"]))
            await scene.until(lambda: killed[0].poll() is not None, 15)
            assert scene.states() == ["sending", "queued"]
            told = StatusUpdate(1, chat.phone_number_id, wamid_of(code), "sent", None, code=str(code))
            async with await psycopg.AsyncConnection.connect(scene.config.database_dsn) as connection:
                await statuses.apply(connection, [told])
            async with scene.sending(graph.url):
                await scene.until(scene.all_are("sent"))
            return graph.texts

    assert asyncio.run(main()) == ["satu", "dua"]


def test_killed_without_a_status_it_is_sent_again_when_the_lease_ends(
    scene: Scene, chat: Chat, environment: dict[str, str]
) -> None:
    scene.put(chat, "satu", "dua")

    async def main() -> list[str]:
        killed: list[subprocess.Popen[bytes]] = []

        async def kill_first(request: Request) -> bytes:
            if len(graph.requests) == 1:
                os.kill(killed[0].pid, signal.SIGKILL)
                await asyncio.to_thread(killed[0].wait)
            return accepted(request)

        async with running_graph(kill_first) as graph:
            killed.append(child(scene, graph.url, environment["SEALING_KEYS"]))
            await scene.until(lambda: killed[0].poll() is not None, 15)
            began = time.monotonic()
            async with scene.sending(graph.url):
                await scene.until(scene.all_are("sent"))
            assert time.monotonic() - began < 6
            return graph.texts

    assert asyncio.run(main()) == ["satu", "satu", "dua"]
    assert scene.rows()[0]["lost"] == 0
