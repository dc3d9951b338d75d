"""A bot's data: written with the turn or not at all, seen by the next turn, guarded against others."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from botruntime.sdk.contract import BotError, Conflict, Outcome, Record, Tables, Turn
from tests.botruntime import hooks
from tests.botruntime.stage import Stage, say


def record(turn: Turn, key: str | None, **data: object) -> Record:
    assert turn.contact is not None
    return Record(str(uuid4()), "orders", dict(data), turn.now, turn.now, key, turn.contact.code)


def behave(turn: Turn, tables: Tables) -> Outcome:
    word, _, rest = turn.event.text.partition(" ")
    if word == "new":
        tables.insert(record(turn, rest or None, name=rest, n=len(tables.find("orders"))))
    if word == "raise":
        (found,) = tables.find("orders", key=rest)
        tables.update(replace(found, data={**found.data, "raised": True}, revision=found.revision + 1))
    if word == "drop":
        (found,) = tables.find("orders", key=rest)
        tables.delete("orders", found.code)
    if word == "broken":
        tables.insert(record(turn, "half"))
        raise BotError("x")
    names = [item.data.get("name") for item in tables.find("orders", newest_first=True)]
    return say(f"{tables.count('orders')} {names} {tables.count('orders', where={'raised': True})}")


def test_records_live_through_turns_of_one_batch_and_of_later_ones(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("new a", "new b", "raise a")
    stage.work()
    stage.say("raise b", "drop a", "show")
    stage.work()
    assert stage.sent() == [
        "1 ['a'] 0",
        "2 ['b', 'a'] 0",
        "2 ['b', 'a'] 1",
        "2 ['b', 'a'] 2",
        "1 ['b'] 1",
        "1 ['b'] 1",
    ]
    (row,) = stage.rows("SELECT key, data, revision, contact_id IS NOT NULL AS is_theirs FROM entry")
    assert row == {"key": "b", "data": {"name": "b", "n": 1, "raised": True}, "revision": 2, "is_theirs": True}


def test_a_failed_turn_leaves_no_record_and_its_neighbours_keep_theirs(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("new a", "broken", "new b")
    stage.work()
    assert [row["key"] for row in stage.rows("SELECT key FROM entry ORDER BY id")] == ["a", "b"]


def test_a_key_that_was_taken_meanwhile_makes_the_turn_run_again(stage: Stage) -> None:
    seen = []

    def race(turn: Turn, tables: Tables) -> Outcome:
        seen.append(len(tables.find("orders", key="x")))
        if seen[-1]:
            return say("sudah ada")
        tables.insert(record(turn, "x"))
        if len(seen) == 1:
            stage.execute(
                "INSERT INTO entry (code, installation_id, collection, key, data, revision, created_at, updated_at) "
                "VALUES (gen_random_uuid(), :installation, 'orders', 'x', '{}', 1, now(), now())",
                installation=stage.installation.id,
            )
        return say("baru")

    stage.host.behaviour = race
    stage.say("Halo", hooks.text("lain", hooks.person("628571", None)))
    stage.work()
    assert sorted(stage.sent()) == ["sudah ada", "sudah ada"]


def test_a_record_changed_meanwhile_makes_the_turn_run_again(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("new a")
    stage.work()
    tries = []

    def race(turn: Turn, tables: Tables) -> Outcome:
        tries.append(1)
        (found,) = tables.find("orders")
        tables.update(replace(found, data={"by": "turn", "saw": found.revision}, revision=found.revision + 1))
        if len(tries) == 1:
            stage.execute("UPDATE entry SET revision = revision + 1")
        return say("ok")

    stage.host.behaviour = race
    stage.say("Halo")
    stage.work()
    assert stage.rows("SELECT data, revision FROM entry") == [{"data": {"by": "turn", "saw": 2}, "revision": 3}]
    assert len(tries) == 2


def test_inserting_a_taken_key_is_a_conflict_at_once(stage: Stage) -> None:
    def twice(turn: Turn, tables: Tables) -> Outcome:
        tables.insert(record(turn, "x"))
        with pytest.raises(Conflict):
            tables.insert(record(turn, "x"))
        return say("ok")

    stage.host.behaviour = twice
    stage.say("Halo")
    stage.work()
    assert stage.sent() == ["ok"]


def test_an_erasure_spares_what_must_outlive_it_but_for_the_name_in_it(stage: Stage) -> None:
    stage.say("halo")
    stage.work()
    collections = [{"name": "orders", "keep": True, "pii": ["name"]}, {"name": "wishes", "keep": False, "pii": []}]
    stage.execute(
        "UPDATE version SET manifest = jsonb_set(manifest, '{data,collections}', CAST(:held AS jsonb))",
        held=json.dumps(collections),
    )
    for collection in ("orders", "wishes", "unknown"):
        stage.execute(
            "INSERT INTO entry (code, installation_id, collection, contact_id, data, revision, created_at, updated_at)"
            " SELECT gen_random_uuid(), i.id, :name, c.id, CAST(:data AS jsonb), 1, now(), now()"
            " FROM installation i, contact c",
            name=collection,
            data=json.dumps({"name": "Budi", "total": 45000}),
        )
    stage.host.behaviour = lambda turn, tables: Outcome(erase=True)
    stage.say("hapus")
    stage.work()
    rows = stage.rows("SELECT collection, data FROM entry")
    assert [(row["collection"], row["data"]) for row in rows] == [("orders", {"name": None, "total": 45000})]
