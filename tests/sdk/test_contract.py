"""Everything that crosses a process or the database goes through JSON unharmed."""

import json
from datetime import UTC, datetime

import pytest

from botruntime.sdk import codec
from botruntime.sdk.contract import (
    Asking,
    Business,
    Button,
    CancelTimer,
    Contact,
    File,
    Handover,
    Installation,
    Lifecycle,
    Location,
    Media,
    Message,
    Notice,
    Outcome,
    Record,
    Reply,
    Row,
    Section,
    SetTimer,
    TemplateUse,
    TimerFired,
    Turn,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ASKING = Asking("langkah", "choice", "tanya", {"a": 1}, {"b": [1]}, (("x", "X"),), 1, 3, NOW, "habis")
PLACE = Installation("i1", "1.0.0", Business("Toko"), {"faq": [{"topik": "Jam"}]})


def through_json(value: dict[str, object]) -> dict[str, object]:
    """As the database gives it back."""
    back: dict[str, object] = json.loads(json.dumps(value, allow_nan=False))
    return back


@pytest.mark.parametrize(
    "event",
    [
        Message(id="w1", kind="image", at=NOW, media=Media("m", "image/jpeg", "halo"), referral={"source": "ad"}),
        Message(id="w2", kind="location", location=Location(-6.2, 106.8), raw={"any": {"thing": None}}),
        Message(id="w3", kind="contacts", contacts=({"name": "A", "phones": ["+62812"]},), quoted="w1"),
        TimerFired(id="t1", name="sla", key="k", at=NOW, data={"n": 1}),
        Lifecycle(id="l1", kind="settings", old={"a": 1}),
    ],
)
def test_a_turn_comes_back_from_json_as_it_was(event: Message | TimerFired | Lifecycle) -> None:
    turn = Turn(
        PLACE, event, NOW, Contact("c1", "Andi", None, None, "id"), {"s": {"t": 1}}, ASKING, "queued", True, NOW
    )
    assert Turn.from_dict(through_json(turn.to_dict())) == turn


def test_an_outcome_comes_back_from_json_as_it_was() -> None:
    reply = Reply(
        kind="list",
        body="b",
        buttons=(Button("a", "A"),),
        sections=(Section((Row("r", "R", "d"),), "S"),),
        file=File(link="https://example.com/a.pdf"),
        template=TemplateUse("t", "id", ("1",)),
        to="c2",
    )
    outcome = Outcome(
        (reply,),
        (reply,),
        {"a": 1},
        ASKING,
        (SetTimer("t", NOW, "k", {"a": 1}), CancelTimer("t")),
        Handover("tim", "catatan"),
        "queued",
        True,
        False,
        "en",
        (Notice("n", {"a": 1}),),
        True,
        True,
        NOW,
        "x",
    )
    assert Outcome.from_dict(through_json(outcome.to_dict())) == outcome


def test_asking_reply_message_and_record_have_their_own_way_through_json() -> None:
    reply, message = Reply(body="x"), Message(id="w", text="y", at=NOW)
    record = Record("c", "catatan", {"a": [1]}, NOW, NOW, "k", "c1", 3)
    assert Asking.from_dict(through_json(ASKING.to_dict())) == ASKING
    assert Reply.from_dict(through_json(reply.to_dict())) == reply
    assert Message.from_dict(through_json(message.to_dict())) == message
    assert codec.load(Record, through_json(codec.dump(record))) == record


def test_an_older_process_ignores_what_a_newer_one_added() -> None:
    assert Message.from_dict({"id": "w", "text": "x", "invented_later": 1}) == Message(id="w", text="x")


def test_data_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="none of"):
        Message.from_dict({"kind": "telepathy"})
    with pytest.raises(TypeError):
        codec.load(Message, ["not", "an", "object"])
