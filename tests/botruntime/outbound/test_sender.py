"""What leaves the outbox, in which order, and what becomes of it."""

import asyncio
import time
from collections import defaultdict

from sqlalchemy import select

from botruntime.outbound.outbox import BELL
from catalog.models import Event, Installation
from tests.botruntime.outbound.conftest import TOKEN, Scene
from tests.botruntime.stub_graph import Request, accepted, error, http, running_graph, wamid_of

ANSWERED = "installation.answered"


def test_a_reply_is_sent_with_token_and_code(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    (code,) = scene.put(chat, "Halo Budi")

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent"))
            (request,) = graph.requests
            assert request.path == f"/v25.0/{chat.phone_number_id}/messages"
            assert request.headers["authorization"] == f"Bearer {TOKEN}"
            assert (request.to, request.text, request.code) == (f"+{chat.wa_id}", "Halo Budi", str(code))

    asyncio.run(main())
    row = scene.row()
    assert (row["wamid"], row["attempts"], row["reason"], row["lease_holder"]) == (wamid_of(code), 1, None, None)
    assert row["sent_at"] is not None


def test_the_first_answer_of_a_bot_is_noted_once(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, "satu", "dua")

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent"))
            scene.put(chat, "tiga")
            await scene.until(scene.all_are("sent"))

    asyncio.run(main())
    bot = scene.session.get_one(Installation, chat.installation_id)
    noted = scene.session.scalars(select(Event).where(Event.kind == ANSWERED)).all()
    assert [(one.subject_code, one.business_id) for one in noted] == [(bot.code, scene.business.id)]


def test_a_contact_without_a_phone_is_reached_by_bsuid(scene: Scene) -> None:
    scene.put(scene.chat(scene.number(), bsuid="ID.9920014477003311"), "Halo")

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent"))
            assert graph.requests[0].body["recipient"] == "ID.9920014477003311"
            assert "to" not in graph.requests[0].body

    asyncio.run(main())


def test_an_idle_sender_sends_at_once_when_it_is_woken(scene: Scene) -> None:
    chat = scene.chat(scene.number())

    async def main() -> float:
        async with running_graph() as graph, scene.sending(graph.url) as sender:
            scene.put(chat, "pertama")
            await scene.until(scene.all_are("sent"))
            await asyncio.sleep(0.1)
            scene.put(chat, "kedua")
            began = time.monotonic()
            await asyncio.to_thread(sender.wake)
            while len(graph.requests) < 2:
                await asyncio.sleep(0.002)
            return time.monotonic() - began

    assert asyncio.run(main()) < 0.3


def test_the_bell_of_another_process_wakes_the_sender(scene: Scene) -> None:
    chat = scene.chat(scene.number())

    async def main() -> float:
        async with running_graph() as graph, scene.sending(graph.url):
            scene.put(chat, "pertama")
            await scene.until(scene.all_are("sent"))
            await asyncio.sleep(0.1)
            scene.put(chat, "kedua")
            began = time.monotonic()
            await asyncio.to_thread(scene.run_sql, f"NOTIFY {BELL}")
            while len(graph.requests) < 2:
                await asyncio.sleep(0.002)
            return time.monotonic() - began

    assert asyncio.run(main()) < 0.3


def test_a_forgotten_bell_costs_no_more_than_the_sweep(scene: Scene) -> None:
    chat = scene.chat(scene.number())

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await asyncio.sleep(0.2)
            scene.put(chat, "Halo")
            await scene.until(scene.all_are("sent"), 2.5)

    asyncio.run(main())


def test_order_per_contact_holds_through_failures_and_two_senders(scene: Scene) -> None:
    number = scene.number()
    chats = [scene.chat(number) for _ in range(6)]
    for step in range(5):
        for chat in chats:
            scene.put(chat, f"{step}")
    failed: dict[str, int] = defaultdict(int)

    async def graph_with_trouble(request: Request) -> bytes:
        await asyncio.sleep(0.01)
        failed[request.code] += 1
        return error(131016, 500) if failed[request.code] == 1 and request.text in "13" else accepted(request)

    async def main() -> dict[str, list[str]]:
        async with running_graph(graph_with_trouble) as graph:
            async with scene.sending(graph.url), scene.sending(graph.url):
                await scene.until(scene.all_are("sent"), 20)
            seen: dict[str, list[str]] = defaultdict(list)
            for request in graph.requests:
                if failed[request.code] == 1 or request.text not in seen[request.to]:
                    seen[request.to].append(request.text)
            assert len(graph.requests) == 6 * 7
            return seen

    assert set(map(tuple, asyncio.run(main()).values())) == {("0", "1", "2", "3", "4")}


def test_a_slow_conversation_holds_up_no_other(scene: Scene) -> None:
    slow, quick = scene.chat(scene.number()), scene.chat(scene.number())
    scene.put(slow, "lambat")
    for step in range(5):
        scene.put(quick, f"{step}")

    async def main() -> None:
        release = asyncio.Event()

        async def handler(request: Request) -> bytes:
            if request.text == "lambat":
                await release.wait()
            return accepted(request)

        async with running_graph(handler) as graph, scene.sending(graph.url, deadline=10.0):
            await scene.until(lambda: scene.states()[1:] == ["sent"] * 5)
            assert scene.states()[0] == "sending"
            release.set()

    asyncio.run(main())


def test_one_number_cannot_take_all_places(scene: Scene) -> None:
    greedy, other = scene.number(), scene.number()
    for _ in range(6):
        scene.put(scene.chat(greedy), "macet")
    scene.put(scene.chat(other), "lancar")

    async def main() -> None:
        async def handler(request: Request) -> bytes:
            if request.text == "macet":
                await asyncio.sleep(1.0)
            return accepted(request)

        async with running_graph(handler) as graph, scene.sending(graph.url, sends_under_way=4, deadline=5.0):
            await scene.until(lambda: scene.states()[-1] == "sent", 0.9)
            await scene.until(scene.all_are("sent"), 15)
            assert len(graph.requests) == 7

    asyncio.run(main())


def test_nul_and_lone_surrogates_do_not_hold_up_the_turns_other_replies(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "a\x00b", "c\ud800d", "utuh")

    async def main() -> list[str]:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent"))
            return graph.texts

    assert asyncio.run(main()) == ["a\ufffdb", "c?d", "utuh"]


def test_two_messages_with_one_wamid_are_each_sent_once(scene: Scene) -> None:
    number = scene.number()
    for _ in range(3):
        scene.put(scene.chat(number), "Halo")

    async def main() -> int:
        same = http({"messages": [{"id": "wamid.always"}]})
        async with running_graph(lambda request: same) as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent"))
            return len(graph.requests)

    assert asyncio.run(main()) == 3
    assert sorted(str(row["wamid"]) for row in scene.rows()) == ["None", "None", "wamid.always"]


def test_a_stopping_sender_waits_for_its_answers(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Halo")

    async def main() -> None:
        async def slowly(request: Request) -> bytes:
            await asyncio.sleep(0.5)
            return accepted(request)

        async with running_graph(slowly) as graph, scene.sending(graph.url):
            while not graph.requests:
                await asyncio.sleep(0.01)

    asyncio.run(main())
    assert scene.states() == ["sent"]


def test_a_database_that_goes_away_loses_no_result_and_doubles_nothing(scene: Scene) -> None:
    number = scene.number()
    for _ in range(30):
        scene.put(scene.chat(number), "satu", "dua")
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND (query LIKE '%outbound_message%' OR query LIKE 'LISTEN%')"
    )

    async def main() -> int:
        async def slowly(request: Request) -> bytes:
            await asyncio.sleep(0.05)
            return accepted(request)

        async with running_graph(slowly) as graph, scene.sending(graph.url, lease_seconds=3.0):
            while len(graph.requests) < 10:
                await asyncio.sleep(0.01)
            for _ in range(3):
                await asyncio.to_thread(scene.run_sql, cut)
                await asyncio.sleep(0.3)
            await scene.until(scene.all_are("sent"), 20)
            return len(graph.requests)

    # A claim whose commit was not confirmed waits for its lease; what was sent before the cut is not sent again.
    assert asyncio.run(main()) == 60
