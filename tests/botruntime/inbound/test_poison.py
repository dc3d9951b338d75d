"""F20: what is signed is kept, whatever it is; its neighbours are none the worse."""

import json
import random
from typing import Any

import pytest

from botruntime.inbound.payload import message_of
from botruntime.inbound.payload_slices import Uncuttable, items, members
from botruntime.inbound.payload_split import split
from tests.botruntime import hooks
from tests.botruntime.conftest import RunningDoor

NUMBER = "730000000000001"
MARK = '"POISON"'

POISON = {
    "nul escape": ('"\\u0000"', "nul"),
    "nul byte": ('"a\x00b"', "bad_json"),
    "lone surrogate": ('"\\ud800"', "bad_json"),
    "nan": ("NaN", "bad_json"),
    "infinity": ("1e999", "bad_json"),
    "long integer": ("9" * 5000, "bad_json"),
    "deep array": ("[" * 100_000 + "]" * 100_000, "bad_json"),
    "deep object": ('{"a":' * 20_000 + "1" + "}" * 20_000, "bad_json"),
    "rather deep": ("[" * 400 + "]" * 400, "too_deep"),
    "three megabytes": ('"' + "x" * 3_000_000 + '"', "too_large"),
}


def poisoned(poison: bytes) -> bytes:
    """Three messages in one POST, the one in the middle with ``poison`` as its text."""
    body = hooks.hook(NUMBER, hooks.text("satu"), hooks.text("POISON"), hooks.text("tiga"))
    assert MARK.encode() in body
    return body.replace(MARK.encode(), poison)


@pytest.mark.parametrize(("poison", "reason"), POISON.values(), ids=POISON.keys())
def test_f20_poison_is_parked_with_a_reason_and_its_neighbours_go_on(
    door: RunningDoor, poison: str, reason: str
) -> None:
    body = poisoned(poison.encode())
    assert door.post(body).status_code == 200
    rows = door.inbox()
    assert [row["state"] for row in rows].count("pending") == 2
    kept = [json.loads(row["raw"])["entry"][0] for row in rows if row["state"] == "pending"]
    texts = [entry["changes"][0]["value"]["messages"][0]["text"]["body"] for entry in kept]
    assert texts == ["satu", "tiga"]
    (parked,) = [row for row in rows if row["state"] == "parked"]
    assert parked["reason"] == reason
    assert poison.encode() in parked["raw"]
    assert door.post(body).status_code == 200
    assert len(door.inbox()) == 3


def test_f20_more_updates_than_can_be_kept_are_parked_whole_and_not_sent_again(door: RunningDoor) -> None:
    body = b'{"entry":[' + b"{}," * 100_000 + b"{}]}"
    assert door.post(body).status_code == 200
    assert [(row["state"], row["reason"]) for row in door.inbox()] == [("parked", "too_many")]


def test_f20_what_all_updates_share_is_not_multiplied_without_bounds() -> None:
    change = hooks.change(NUMBER, *(hooks.text(str(i)) for i in range(1000)))
    change["value"]["unknown"] = "x" * 200_000
    for body in (hooks.dump(hooks.envelope(change)), hooks.dump(hooks.envelope(change)).replace(b'"7"', b'"\\u0000"')):
        assert [(row.state, row.reason) for row in split(body)] == [("parked", "too_large")]


@pytest.mark.parametrize("mark", [b'"500"', b'"\\u0000"', b'"\\ud800"'])
def test_f27_each_of_a_thousand_messages_keeps_only_its_own_contact(mark: bytes) -> None:
    people = [hooks.person(f"62812{i:08}", f"ID.{i:020}", f"Orang {i}") for i in range(1000)]
    body = hooks.hook(NUMBER, *(hooks.text(str(i), person) for i, person in enumerate(people)))
    rows = split(body.replace(b'"500"', mark))
    assert len(rows) == 1000
    assert sum(len(row.raw) for row in rows) < 3 * len(body)
    for i in (0, 499, 999):
        assert message_of(rows[i].raw).sender.name == f"Orang {i}"


def test_f20_a_contact_that_cannot_be_read_spoils_no_message() -> None:
    body = hooks.hook(NUMBER, hooks.text("satu", hooks.person("62811")), hooks.text("dua", hooks.person("62822")))
    rows = split(body.replace(b'"Budi"', b'"\\ud800"', 1))
    assert sorted((row.kind, row.state, row.reason) for row in rows) == [
        ("message", "pending", None),
        ("message", "pending", None),
        ("unknown", "parked", "bad_json"),
    ]


def test_f20_bytes_that_are_no_utf8_are_parked_beside_their_neighbours(door: RunningDoor) -> None:
    assert door.post(poisoned(b'"\xff\xfe"')).status_code == 200
    assert sorted(row["state"] for row in door.inbox()) == ["parked", "pending", "pending"]


EMPTY = [
    b"", b"{", b"null", b"[]", b"{}", b'"text"', b'{"entry":[]}', b'{"entry":{}}', b'{"entry":[1]}', b"\x00" * 10,
    b'{"entry":[{"changes":[{"field":"messages"}]}]}', b'{"entry":[{"changes":',
]  # fmt: skip


@pytest.mark.parametrize("body", EMPTY)
def test_f20_a_signed_body_without_any_update_is_parked_whole(door: RunningDoor, body: bytes) -> None:
    assert door.post(body).status_code == 200
    (row,) = door.inbox()
    assert (row["state"], row["kind"]) == ("parked", "unknown")
    assert row["reason"] in ("malformed", "bad_json")


def test_f30_unknown_fields_are_parked_and_unknown_message_types_wait_for_the_bot(door: RunningDoor) -> None:
    unknown = hooks.message({"type": "hologram", "hologram": {"x": 1}}, surprise={"a": [1, 2]})
    door.post(hooks.hook(NUMBER, unknown))
    door.post(hooks.dump(hooks.envelope({"field": "brand_new", "value": {"a": 1}})))
    door.post(hooks.dump(hooks.envelope({"field": "history", "value": {"history": []}})))
    states = [(row["kind"], row["state"], row["reason"]) for row in door.inbox()]
    assert states == [
        ("message", "pending", None),
        ("unknown", "parked", "unknown_field"),
        ("unknown", "ignored", "unused_field"),
    ]


def test_a_change_one_level_too_high_is_understood() -> None:
    body = {"entry": [{"id": "1", "time": 1, "field": "account_update", "value": {"event": "PARTNER_APP_INSTALLED"}}]}
    (arrival,) = split(hooks.dump(body))
    assert (arrival.kind, arrival.state) == ("account", "pending")


def test_account_events_are_told_apart_by_their_content_and_time() -> None:
    def event(time: int, name: str) -> Any:
        value = {"event": name, "waba_info": {"waba_id": "1"}}
        return split(hooks.dump(hooks.envelope({"field": "account_update", "value": value}, time=time)))[0].dedupe_key

    assert event(1, "PARTNER_REMOVED") == event(1, "PARTNER_REMOVED")
    assert len({event(1, "PARTNER_REMOVED"), event(2, "PARTNER_REMOVED"), event(1, "PARTNER_ADDED")}) == 3


def test_the_careful_way_finds_the_same_updates_as_the_quick_one() -> None:
    body = hooks.hook(NUMBER, hooks.text('a "quoted" \\ text'), hooks.text("dua"), statuses=[hooks.status("wamid.S")])
    quick = split(body)
    careful = split(body.replace(b'"dua"', b'"dua\\\\u0000"'))
    assert [row.dedupe_key for row in careful] == [row.dedupe_key for row in quick]
    assert [row.kind for row in careful] == [row.kind for row in quick]
    assert {row.state for row in careful} == {"pending"}


def test_f20_a_thousand_mutilated_bodies_never_raise() -> None:
    chance = random.Random(20)
    good = hooks.hook(NUMBER, hooks.text("satu"), hooks.text("dua"), statuses=[hooks.status("wamid.S")])
    values: list[Any] = [None, 1, -1.5, True, "x", "", [], {}, [1], {"a": 1}, "\x00", "9" * 300]

    def mutilate(node: Any) -> Any:
        if chance.random() < 0.05:
            return chance.choice(values)
        if isinstance(node, dict):
            return {key: mutilate(item) for key, item in node.items()}
        return [mutilate(item) for item in node] if isinstance(node, list) else node

    for _ in range(500):
        assert split(json.dumps(mutilate(json.loads(good))).encode())
        start = chance.randrange(len(good))
        assert split(
            good[:start] + bytes(chance.randrange(256) for _ in range(3)) + good[start + chance.randrange(5) :]
        )


def test_cutting_needs_the_outline_of_json() -> None:
    assert members(b' { "a" : [1, {"b": "}"}] , "c":null } ') == {b"a": b'[1, {"b": "}"}]', b"c": b"null"}
    assert list(items(b'[ 1,"a,b" ,[2,[3]], {"x":"]"}]')) == [b"1", b'"a,b"', b"[2,[3]]", b'{"x":"]"}']
    for broken in (b"", b"{", b'{"a"}', b'{"a":1', b'{"a":1 "b":2}', b"{1:2}"):
        with pytest.raises(Uncuttable):
            members(broken)
