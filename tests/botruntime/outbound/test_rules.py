"""What may not be sent at the moment of sending, and why."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from botruntime.outbound import outbox, refusals
from catalog.models import Installation
from tests.botruntime.outbound.conftest import Scene, refusal
from tests.botruntime.stub_graph import error, http, running_graph


def change_bot(scene: Scene, act: str) -> None:
    installation = scene.session.query(Installation).one()
    getattr(installation, act)(scene.session, scene.person)
    scene.session.commit()


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


def test_a_number_that_is_not_live_keeps_its_queue(scene: Scene) -> None:
    number = scene.number()
    scene.put(scene.chat(number), "Halo")
    scene.run_sql("UPDATE number SET state = 'disconnected'")
    assert refusal(scene) == ("queued", refusals.PARKED, 0)


def test_a_released_number_sends_nothing_more(scene: Scene) -> None:
    scene.put(scene.chat(scene.number()), "Halo")
    scene.run_sql("UPDATE number SET state = 'released'")
    assert refusal(scene) == ("cancelled", refusals.RELEASED, 0)


def test_f59_what_waits_for_later_is_cancelled_when_its_bot_stops(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, "nanti", not_before=datetime.now(UTC) + timedelta(hours=1))
    scene.put(chat, "dari petugas", author="agent", not_before=datetime.now(UTC) + timedelta(hours=1))
    change_bot(scene, "pause")

    async def main() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states() == ["cancelled", "queued"])

    asyncio.run(main())


ODD = ("[]", '"x"', "null", '{"kind": "text", "body": 7}', '{"kind": "buttons", "body": "a", "buttons": [7]}')


@pytest.mark.parametrize("payload", ODD)
def test_a_payload_of_another_shape_never_stops_the_sender(scene: Scene, payload: str) -> None:
    scene.put(scene.chat(scene.number()), "Halo")
    scene.run_sql("UPDATE outbound_message SET payload = cast(:payload AS jsonb)", payload=payload)
    assert refusal(scene) == ("refused", refusals.UNREADABLE, 0)


def test_what_graph_says_cannot_poison_the_outbox(scene: Scene) -> None:
    number = scene.number()
    for _ in range(3):
        scene.put(scene.chat(number), "Halo")
    answers = [error(100, details="a\x00b"), http({"messages": [{"id": "wamid.\x00"}]}), error(100, details="\ud800")]

    async def main() -> None:
        async with running_graph(lambda request: answers.pop()) as graph, scene.sending(graph.url):
            await scene.until(lambda: sorted(scene.states()) == ["ambiguous", "failed", "failed"])

    asyncio.run(main())
