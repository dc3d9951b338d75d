"""One holder at a time; the dead are noticed, zombies cannot commit, and what kills three times is parked."""

import asyncio
import time

import psycopg
import pytest

from botruntime.hosting.base import NotRunnable
from botruntime.sdk.contract import BotError, Conflict, Outcome, Turn
from botruntime.turns import claims, effects
from botruntime.turns.claims import Lease
from tests.botruntime import hooks
from tests.botruntime.stage import Driven, Stage, say


async def claimed(worker: Driven, holder: int | None = None) -> list[claims.Held]:
    async with worker.connection.transaction():
        return await claims.claim(worker.connection, Lease(holder or worker.holder, 2), 64)


async def sort_now(worker: Driven) -> None:
    from botruntime.turns.sorting import sort

    async with worker.connection.transaction():
        await sort(worker.connection)


def test_a_conversation_is_claimed_by_one_worker_only(stage: Stage) -> None:
    stage.say("Halo")

    async def act(worker: Driven) -> None:
        await sort_now(worker)
        assert len(await claimed(worker)) == 1
        assert await claimed(worker) == []

    asyncio.run(stage.working(act))


def test_f06_a_zombie_whose_lease_ran_out_cannot_commit(stage: Stage) -> None:
    stage.say("Halo")

    async def act(worker: Driven) -> None:
        await sort_now(worker)
        held = await claimed(worker)
        (old,) = await claims.load(worker.connection, held)
        stage.execute("UPDATE conversation SET lease_until = now() - interval '1 s'")
        (again,) = await claimed(worker)
        assert again[1] == held[0][1] + 1
        with pytest.raises(effects.Stale):
            async with worker.connection.transaction():
                await effects.write(worker.connection, [old], ())
        await claims.give_back(worker.connection, [again])
        assert await claims.load(worker.connection, held) == []

    asyncio.run(stage.working(act))
    stage.work()
    assert stage.sent() == ["re: Halo"]


def test_f01_the_leases_of_a_dead_worker_are_ended_at_once(stage: Stage) -> None:
    stage.say("Halo")

    async def die(worker: Driven) -> None:
        await sort_now(worker)
        assert await claimed(worker)

    asyncio.run(stage.working(die))
    began = time.perf_counter()
    stage.work()
    assert time.perf_counter() - began < 1.5
    assert stage.sent() == ["re: Halo"]
    assert stage.rows("SELECT deaths FROM inbound_event") == [{"deaths": 1}]


def test_the_lease_of_a_living_worker_is_left_alone(stage: Stage) -> None:
    stage.say("Halo")

    async def act(worker: Driven) -> None:
        await sort_now(worker)
        assert await claimed(worker)
        assert await claims.reap(worker.connection) == 0

    asyncio.run(stage.working(act))


def test_f21_what_kills_its_worker_three_times_is_parked_and_the_conversation_goes_on(stage: Stage) -> None:
    stage.say("mati", "hidup", hooks.text("tetangga", hooks.person("628571", None, "Sari")))

    async def die(worker: Driven) -> list[claims.Held]:
        await claims.reap(worker.connection)
        await sort_now(worker)
        return await claimed(worker)

    assert len(asyncio.run(stage.working(die))) == 2
    victims = stage.conversations_of("Budi")
    for _ in range(2):
        # The neighbour was claimed beside it and died with it once; alone it survives.
        stage.execute(
            "UPDATE conversation SET lease_until = NULL, lease_holder = NULL WHERE id <> ALL(:ids)", ids=victims
        )
        held = asyncio.run(stage.working(die))
        assert [row_id for row_id, _ in held] == victims
    stage.work()
    assert stage.events()[0] == ("parked", "killed_thrice")
    assert sorted(stage.sent()) == ["re: hidup", "re: tetangga"]


def test_one_failing_conversation_does_not_hold_up_its_batch(stage: Stage) -> None:
    def behave(turn: Turn, tables: object) -> Outcome:
        if turn.event.text == "rusak":
            raise RuntimeError("a fault of the house")
        return say(f"re: {turn.event.text}")

    stage.host.behaviour = behave
    stage.say(
        "satu", hooks.text("rusak", hooks.person("628571", None)), hooks.text("tiga", hooks.person("628572", None))
    )
    stage.work()
    assert stage.events() == [("done", None), ("parked", "turn_failed"), ("done", None)]
    assert sorted(stage.sent()) == [
        "Maaf, sedang ada kendala. Pesan Anda diteruskan ke Klinik Melati.",
        "re: satu",
        "re: tiga",
    ]


def test_a_failing_bot_is_excused_once_its_owner_and_developer_are_told_and_the_chat_goes_on(stage: Stage) -> None:
    def behave(turn: Turn, tables: object) -> Outcome:
        if turn.event.text == "rusak":
            raise BotError("ValueError: x") from ValueError("x")
        return say(f"re: {turn.event.text}", state={"said": turn.event.text})

    stage.execute("UPDATE partner SET support_email = 'developer@example.com'")
    stage.host.behaviour = behave
    stage.say("satu", "rusak", "rusak", "empat")
    stage.work()
    assert stage.sent() == [
        "re: satu",
        "Maaf, sedang ada kendala. Pesan Anda diteruskan ke Klinik Melati.",
        "re: empat",
    ]
    assert [state for state, _ in stage.events()] == ["done", "parked", "parked", "done"]
    told = stage.rows("SELECT kind, email FROM notice ORDER BY email")
    assert sorted(row["kind"] for row in told) == ["bot_failed", "bot_failing"]
    assert [row["email"] for row in told if row["kind"] == "bot_failed"] == ["owner@example.com"]
    assert stage.conversation()["state"] == {"said": "empat"}


def test_the_house_has_no_address_and_is_sent_nothing(stage: Stage) -> None:
    def behave(turn: Turn, tables: object) -> Outcome:
        raise BotError("ValueError: x") from ValueError("x")

    stage.host.behaviour = behave
    stage.say("satu")
    stage.work()
    assert stage.rows("SELECT kind FROM notice") == [{"kind": "bot_failed"}]


def test_a_version_this_process_cannot_run_is_parked(stage: Stage) -> None:
    def behave(turn: Turn, tables: object) -> Outcome:
        raise NotRunnable("x")

    stage.host.behaviour = behave
    stage.say("Halo")
    stage.work()
    assert stage.events() == [("parked", "not_runnable")]


def test_a_conflict_is_run_again_and_then_goes_through(stage: Stage) -> None:
    tries = []

    def behave(turn: Turn, tables: object) -> Outcome:
        tries.append(turn.event.text)
        if len(tries) < 3:
            raise Conflict("taken")
        return say("akhirnya")

    stage.host.behaviour = behave
    stage.say("Halo")
    stage.work()
    assert stage.sent() == ["akhirnya"]


def test_a_person_who_takes_over_during_the_turn_is_not_overrun(stage: Stage) -> None:
    stage.say("satu")
    stage.work()

    def behave(turn: Turn, tables: object) -> Outcome:
        if turn.mode == "human":
            return Outcome(state=turn.state)
        stage.execute("UPDATE conversation SET mode = 'human'")
        return say("terlambat")

    stage.host.behaviour = behave
    stage.say("dua")
    stage.work()
    assert stage.sent() == ["re: satu"]
    assert stage.conversation()["mode"] == "human"


def test_an_endless_bot_is_cut_off_and_the_others_do_not_wait_for_it(stage: Stage) -> None:
    import threading

    never = threading.Event()
    answered: dict[str, float] = {}
    began = time.perf_counter()

    def behave(turn: Turn, tables: object) -> Outcome:
        if turn.event.text == "macet":
            never.wait(30)
        answered[turn.event.text] = time.perf_counter() - began
        return say(f"re: {turn.event.text}")

    stage.host.behaviour = behave
    stage.say(
        hooks.text("macet", hooks.person("628571", None)), "satu", hooks.text("dua", hooks.person("628572", None))
    )
    stage.work()
    never.set()
    assert sorted(stage.sent()) == [
        "Maaf, sedang ada kendala. Pesan Anda diteruskan ke Klinik Melati.",
        "re: dua",
        "re: satu",
    ]
    assert stage.events()[0] == ("parked", "bot_timeout")
    assert max(answered["satu"], answered["dua"]) < 1.5


def test_a_slow_bot_that_keeps_its_deadline_is_heard_and_writes_once(stage: Stage) -> None:
    def behave(turn: Turn, tables: object) -> Outcome:
        if turn.event.text == "lambat":
            time.sleep(0.4)
        return say(f"re: {turn.event.text}")

    stage.host.behaviour = behave
    stage.say("biasa", hooks.text("lambat", hooks.person("628571", None)))
    stage.work()
    assert sorted(stage.sent()) == ["re: biasa", "re: lambat"]


def test_a_transaction_of_a_frozen_worker_loses_its_locks(stage: Stage) -> None:
    async def act(worker: Driven) -> None:
        await worker.connection.execute("SET idle_in_transaction_session_timeout = 200")
        await worker.connection.execute("BEGIN")
        await worker.connection.execute("SELECT pg_advisory_xact_lock(7203119)")
        await asyncio.sleep(0.5)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            await worker.connection.execute("COMMIT")

    asyncio.run(stage.working(act))
    stage.say("Halo")
    stage.work()
    assert stage.sent() == ["re: Halo"]
