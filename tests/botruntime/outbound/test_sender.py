"""What leaves the outbox, in which order, and what becomes of it."""

import asyncio
import time
from collections import defaultdict
from datetime import timedelta

import pytest

from botruntime.outbound import outbox, refusals
from botruntime.outbound.outbox import BELL
from catalog.models import Installation, Number, NumberState
from tests.botruntime.outbound.conftest import TOKEN, Scene
from tests.botruntime.stub_graph import Request, accepted, error, http, running_graph, wamid_of


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


def change_bot(scene: Scene, act: str) -> None:
    installation = scene.session.query(Installation).one()
    getattr(installation, act)(scene.session, scene.person)
    scene.session.commit()


def refusal(scene: Scene) -> tuple[str, str, int]:
    """Run a sender once over the outbox; state, reason and requests made."""

    async def main() -> int:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(lambda: not scene.row()["is_open"] or scene.row()["parked_at"] is not None)
            return len(graph.requests)

    requests = asyncio.run(main())
    row = scene.row()
    return row["state"], row["reason"], requests


@pytest.mark.parametrize("act", ["pause", "uninstall"])
def test_f53_f59_a_reply_of_a_bot_that_changed_is_cancelled(scene: Scene, act: str) -> None:
    scene.put(scene.chat(scene.number()), "Halo")
    change_bot(scene, act)
    assert refusal(scene) == ("cancelled", refusals.NOT_ACTIVE, 0)


def test_f59_pause_and_resume_also_end_what_was_written_before(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Halo")
    change_bot(scene, "pause")
    change_bot(scene, "resume")
    assert refusal(scene) == ("cancelled", refusals.GENERATION, 0)


def test_what_the_system_says_is_not_bound_to_a_generation(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Layanan otomatis sedang tidak aktif.", author="system")
    change_bot(scene, "pause")
    assert refusal(scene) == ("sent", None, 1)


def test_a_notice_yields_to_opt_out(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Pengingat", policy="notice")
    scene.run_sql("UPDATE contact SET opted_out_at = now()")
    assert refusal(scene) == ("refused", refusals.OPTED_OUT, 0)


def test_an_answer_to_the_contacts_own_message_does_not(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Anda tidak akan menerima pemberitahuan lagi.")
    scene.run_sql("UPDATE contact SET opted_out_at = now()")
    assert refusal(scene) == ("sent", None, 1)


def test_f40_the_window_is_judged_at_send_time_by_the_business_clock(scene: Scene) -> None:
    scene.put(scene.chat(scene.number(), wrote=timedelta(hours=23)), "Halo")
    scene.later(hours=1, seconds=5)
    assert refusal(scene) == ("refused", refusals.NO_WINDOW, 0)


def test_f40_a_message_just_inside_the_window_is_sent(scene: Scene) -> None:
    scene.put(scene.chat(scene.number(), wrote=timedelta(hours=23)), "Halo")
    scene.later(minutes=58)
    assert refusal(scene) == ("sent", None, 1)


def test_nobody_is_written_to_first_without_a_template(scene: Scene) -> None:
    scene.put(scene.chat(scene.number(), wrote=None), "Halo")
    assert refusal(scene) == ("refused", refusals.NO_WINDOW, 0)


def test_a_held_message_stays_held(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, "ditahan", held=True)
    scene.put(chat, "jawaban")

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states() == ["held", "sent"])

    asyncio.run(main())


def test_a_person_who_takes_over_silences_what_is_queued(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, "dari bot")
    scene.put(chat, "dari petugas", author="agent")
    import psycopg

    with psycopg.connect(scene.config.database_dsn) as connection:
        assert outbox.silence(connection, chat.conversation_id) == 1

    async def main() -> list[str]:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent", "cancelled"))
            return graph.texts

    assert asyncio.run(main()) == ["dari petugas"]
    assert scene.rows()[0]["reason"] == refusals.HUMAN


def test_a_message_too_long_for_the_wire_is_refused_with_the_rule(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "x" * 4097)
    assert refusal(scene) == ("failed", "sending.rules.body", 0)


def test_an_unreadable_payload_ends_without_stopping_the_others(scene: Scene) -> None:
    number = scene.number()
    scene.put(scene.chat(number), "rusak")
    scene.run_sql("""UPDATE outbound_message SET payload = '{"kind": "teleport"}'""")
    scene.put(scene.chat(number), "utuh")

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states() == ["refused", "sent"])

    asyncio.run(main())
    assert scene.rows()[0]["reason"] == refusals.UNREADABLE


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


def test_f39_a_revoked_token_parks_the_queue_and_tells_the_owners_once(scene: Scene) -> None:
    number = scene.number()
    for _ in range(40):
        scene.put(scene.chat(number), "Halo")

    async def main() -> int:
        async with running_graph(lambda request: error(190, 401)) as graph, scene.sending(graph.url):
            await scene.until(lambda: all(row["parked_at"] for row in scene.rows()))
            await asyncio.sleep(1.5)
            return len(graph.requests)

    hammered = asyncio.run(main())
    assert hammered <= 40
    scene.session.expire_all()
    number = scene.session.get_one(Number, number.id)
    assert (number.state, number.reason) == (NumberState.DISCONNECTED, "numbers.lost.token")
    assert number.waba is not None
    assert number.waba.business_token is None
    assert notices(scene) == [("number_trouble", scene.person.email, number.display_phone_number)]
    assert {(row["state"], row["reason"]) for row in scene.rows()} == {("queued", refusals.PARKED)}

    number.waba.keep_token(scene.config.sealer, "EAAB-new", None)
    number.state = NumberState.LIVE
    scene.session.commit()
    scene.run_sql(
        "UPDATE outbound_message SET created_at = created_at - interval '25 hours' "
        "WHERE id = (SELECT min(id) FROM outbound_message)"
    )

    async def again() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent", "refused"))
            assert {request.headers["authorization"] for request in graph.requests} == {"Bearer EAAB-new"}

    asyncio.run(again())
    assert scene.states() == ["refused"] + ["sent"] * 39
    assert scene.rows()[0]["reason"] == refusals.EXPIRED


def notices(scene: Scene) -> list[tuple[str, str, str]]:
    from sqlalchemy import text

    with scene.engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, email, params FROM notice ORDER BY id")).all()
    return [(row.kind, row.email, row.params["number"]) for row in rows]


def test_a_token_that_was_replaced_meanwhile_is_left_alone(scene: Scene) -> None:
    from botruntime.outbound import trouble
    from catalog.db import session_factory

    number = scene.number()
    assert number.waba is not None
    old = number.waba.business_token
    number.waba.keep_token(scene.config.sealer, "EAAB-new", None)
    scene.session.commit()
    assert trouble.lose_token(session_factory(scene.engine), number.id, old) is False
    assert notices(scene) == []


def test_f41_a_locked_account_ends_the_message_and_parks_the_number(scene: Scene) -> None:
    number = scene.number()
    chat = scene.chat(number)
    scene.put(chat, "satu", "dua")

    async def main() -> None:
        async with running_graph(lambda request: error(131031, 403)) as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states()[0] == "failed" and bool(scene.rows()[1]["parked_at"]))
            assert len(graph.requests) == 1

    asyncio.run(main())
    first = scene.rows()[0]
    assert (first["reason"], first["error"]["code"]) == ("sending.meta.locked", 131031)
    scene.session.expire_all()
    assert scene.session.get_one(Number, number.id).reason == "sending.meta.locked"
    assert len(notices(scene)) == 1


def test_what_only_the_owner_can_put_right_is_told_once_a_day(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, "satu", "dua", "tiga")

    async def main() -> None:
        async with running_graph(lambda request: error(131042)) as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("failed"))

    asyncio.run(main())
    assert [row["reason"] for row in scene.rows()] == ["sending.meta.payment"] * 3
    assert len(notices(scene)) == 1


def test_a_number_that_is_not_live_keeps_its_queue(scene: Scene) -> None:
    number = scene.number()
    scene.put(scene.chat(number), "Halo")
    scene.run_sql("UPDATE number SET state = 'disconnected'")
    assert refusal(scene) == ("queued", refusals.PARKED, 0)


def test_a_released_number_sends_nothing_more(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Halo")
    scene.run_sql("UPDATE number SET state = 'released'")
    assert refusal(scene) == ("cancelled", refusals.RELEASED, 0)
