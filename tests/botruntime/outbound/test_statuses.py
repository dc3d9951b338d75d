"""Statuses move a message forward and never back, in any order, however often."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botruntime.inbound.updates import Identity, StatusUpdate
from botruntime.outbound import refusals, statuses
from botruntime.outbound.statuses import RANK, Progress
from tests.botruntime.outbound.conftest import Chat, Scene
from tests.botruntime.stub_graph import Request, accepted, running_graph, wamid_of

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PRICING = {"category": "service", "type": "regular", "model": "PMP", "is_billable": True}
DELAYS = {"sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}


def update(name: Any, number: str = "1", wamid: str = "wamid.A", code: object = None, **more: Any) -> StatusUpdate:
    told = {"error_code": 131047, "error_title": "Re-engagement"} if name == "failed" else {}
    told |= {"pricing": PRICING} if name in ("sent", "delivered") else {}
    moment = AT + timedelta(seconds=DELAYS[name])
    return StatusUpdate(1, number, wamid, name, moment, code=str(code) if code else None, **{**told, **more})


def fold(names: Sequence[str]) -> Progress:
    progress = Progress(1, "sending")
    for name in names:
        progress.add(update(name))
    return progress


@given(st.lists(st.sampled_from(list(DELAYS)), min_size=1, max_size=8), st.randoms())
def test_f28_any_order_and_any_repetition_end_in_the_same_row(names: list[str], chance: Any) -> None:
    shuffled = names + names
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(names)


@given(st.lists(st.sampled_from(list(DELAYS)), min_size=1, max_size=8))
def test_f28_the_state_never_goes_back(names: list[str]) -> None:
    progress, ranks = Progress(1, "sending"), [0]
    for name in names:
        progress.add(update(name))
        ranks.append(RANK[progress.state])
    assert ranks == sorted(ranks)
    assert (progress.error is not None) == ("failed" in names)


def apply(scene: Scene, *updates: StatusUpdate) -> None:
    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(scene.config.database_dsn) as connection:
            await statuses.apply(connection, updates)

    asyncio.run(main())


@pytest.fixture
def chat(scene: Scene) -> Chat:
    return scene.chat(scene.number())


def sent(scene: Scene, chat: Chat, wamid: str = "wamid.A") -> UUID:
    (code,) = scene.put(chat, "Halo")
    scene.run_sql(
        "UPDATE outbound_message SET state = 'sent', wamid = :wamid, attempts = 1 WHERE code = :code",
        wamid=wamid,
        code=code,
    )
    return code


def test_f28_read_delivered_sent_each_twice_counts_once(scene: Scene, chat: Chat) -> None:
    sent(scene, chat)
    for name in ("read", "delivered", "sent"):
        for _ in range(2):
            apply(scene, update(name, chat.phone_number_id))
    row = scene.row()
    assert row["state"] == "read"
    assert (row["sent_at"], row["delivered_at"], row["read_at"]) == tuple(
        AT + timedelta(seconds=DELAYS[name]) for name in ("sent", "delivered", "read")
    )
    assert row["pricing"] == PRICING
    assert [delivery["status"] for delivery in scene.deliveries()] == ["read", "delivered", "sent"]
    assert {delivery["outbound_message_id"] for delivery in scene.deliveries()} == {row["id"]}


@pytest.mark.parametrize("order", list(permutations(("sent", "failed", "delivered"))), ids="-".join)
def test_f28_every_order_of_three_through_the_database(scene: Scene, chat: Chat, order: tuple[str, ...]) -> None:
    sent(scene, chat)
    apply(scene, *(update(name, chat.phone_number_id) for name in order[:1]))
    apply(scene, *(update(name, chat.phone_number_id) for name in order[1:]))
    row = scene.row()
    assert (row["state"], row["error"]["code"], row["reason"]) == ("delivered", 131047, "sending.meta.window")


def test_f28_a_failure_stands_when_a_late_sent_arrives(scene: Scene, chat: Chat) -> None:
    sent(scene, chat)
    apply(scene, update("failed", chat.phone_number_id))
    apply(scene, update("sent", chat.phone_number_id))
    row = scene.row()
    assert (row["state"], row["error"]["code"]) == ("failed", 131047)


def test_statuses_of_many_messages_in_one_batch(scene: Scene, chat: Chat) -> None:
    for name in "ABC":
        sent(scene, chat, f"wamid.{name}")
    batch = [update("delivered", chat.phone_number_id, f"wamid.{name}") for name in "CAB"]
    apply(scene, *batch, update("read", chat.phone_number_id, "wamid.B"), *batch)
    assert scene.states() == ["delivered", "read", "delivered"]
    assert len(scene.deliveries()) == 4


def test_f31_a_status_of_another_number_moves_nothing(scene: Scene, chat: Chat) -> None:
    code = sent(scene, chat)
    apply(scene, update("read", "999", "wamid.A", code), update("read", "999", "wamid.B", code))
    assert scene.states() == ["sent"]


def test_a_status_for_an_unknown_message_is_kept(scene: Scene, chat: Chat) -> None:
    who = Identity(bsuid="ID.1")
    apply(scene, replace(update("read", chat.phone_number_id, "wamid.phone", "send:9f1c"), recipient=who))
    (kept,) = scene.deliveries()
    assert (kept["outbound_message_id"], kept["wamid"], kept["recipient"]) == (None, "wamid.phone", "ID.1")


def test_one_wamid_named_for_two_messages_breaks_no_batch(scene: Scene, chat: Chat) -> None:
    first, second = scene.put(chat, "satu", "dua")
    apply(scene, *(update("sent", chat.phone_number_id, "wamid.same", code) for code in (first, second)))
    assert scene.states() == ["sent", "sent"]


def test_f29_a_status_before_the_sends_answer_is_matched_by_code(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")

    async def main() -> None:
        async def status_first(request: Request) -> bytes:
            told = [
                update(name, chat.phone_number_id, wamid_of(request.code), request.code)
                for name in ("sent", "delivered")
            ]
            async with await psycopg.AsyncConnection.connect(scene.config.database_dsn) as connection:
                await statuses.apply(connection, told)
            assert scene.states() == ["delivered"]
            return accepted(request)

        async with running_graph(status_first) as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.row()["state"] == "delivered" and scene.row()["lease_holder"] is None)
            assert len(graph.requests) == 1

    asyncio.run(main())
    row = scene.row()
    assert (row["state"], row["wamid"]) == ("delivered", wamid_of(row["code"]))
    assert {delivery["outbound_message_id"] for delivery in scene.deliveries()} == {row["id"]}


def test_f29_a_status_without_our_code_is_taken_up_with_the_answer(scene: Scene, chat: Chat) -> None:
    scene.put(chat, "Halo")

    async def main() -> None:
        async def status_first(request: Request) -> bytes:
            told = [update("delivered", chat.phone_number_id, wamid_of(request.code))]
            async with await psycopg.AsyncConnection.connect(scene.config.database_dsn) as connection:
                await statuses.apply(connection, told)
            return accepted(request)

        async with running_graph(status_first) as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("delivered"))

    asyncio.run(main())
    (delivery,) = scene.deliveries()
    assert delivery["outbound_message_id"] == scene.row()["id"]


def test_a_status_frees_what_waits_behind_an_unsettled_message(scene: Scene, chat: Chat) -> None:
    first, _ = scene.put(chat, "satu", "dua")
    scene.run_sql("UPDATE outbound_message SET state = 'ambiguous' WHERE code = :code", code=first)
    apply(scene, update("sent", chat.phone_number_id, "wamid.A", first))

    async def main() -> list[str]:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent"))
            return graph.texts

    assert asyncio.run(main()) == ["dua"]


def test_a_guess_after_lost_answers_is_corrected_by_the_platform(scene: Scene, chat: Chat) -> None:
    (code,) = scene.put(chat, "Halo")
    scene.run_sql(
        "UPDATE outbound_message SET state = 'failed', reason = :reason, failed_at = now()", reason=refusals.LOST
    )
    apply(scene, update("sent", chat.phone_number_id, "wamid.late", code))
    row = scene.row()
    assert (row["state"], row["reason"], row["failed_at"]) == ("sent", None, None)


def test_a_code_that_is_none_of_ours_is_no_error(scene: Scene, chat: Chat) -> None:
    apply(scene, update("sent", chat.phone_number_id, "wamid.x", "no uuid"), update("read", "1", "wamid.y", uuid4()))
    assert len(scene.deliveries()) == 2
