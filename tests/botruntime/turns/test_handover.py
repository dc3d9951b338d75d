"""A human always wins: takeover by the owner's phone, by reserved words, and the way back (faults F32)."""

from botruntime.config import Config
from botruntime.sdk.contract import Outcome, Reply, SetTimer, Turn
from tests import factories
from tests.botruntime import hooks
from tests.botruntime.stage import Stage, say


def echo(stage: Stage, to: str = "6281290001111") -> None:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281110002001", "phone_number_id": stage.number.phone_number_id},
        "message_echoes": [
            {"from": "6281110002001", "to": to, "id": hooks.wamid(), "timestamp": str(hooks.NOON), "type": "text",
             "text": {"body": "Saya bantu ya"}}
        ],
    }  # fmt: skip
    stage.keep(hooks.dump(hooks.envelope({"field": "smb_message_echoes", "value": value})))


def obedient(turn: Turn, tables: object) -> Outcome:
    """As the engine does: silent while a person has the chat, MENU gives it back."""
    if turn.event.type == "timer":
        replies = (Reply(body="pengingat"),)
        return Outcome(held=replies) if turn.mode == "human" else Outcome(replies=replies)
    if turn.event.text == "MENU":
        return say("menu", mode="bot")
    if turn.mode == "human":
        return Outcome(state=turn.state)
    return say(f"re: {turn.event.text}")


def test_an_echo_silences_the_bot_for_an_hour_and_each_further_one_renews(stage: Stage) -> None:
    stage.host.behaviour = obedient
    stage.say("satu")
    stage.work()
    echo(stage)
    stage.say("dua")
    stage.work()
    stage.advance(50 * 60)
    echo(stage)
    stage.work()
    stage.advance(50 * 60)
    stage.say("tiga")
    stage.work()
    assert stage.sent() == ["re: satu"]
    stage.advance(11 * 60)
    stage.say("empat")
    stage.work()
    assert stage.sent() == ["re: satu", "re: empat"]
    assert stage.conversation()["mode"] == "bot"


def test_an_echo_takes_back_what_the_bot_still_has_queued(stage: Stage) -> None:
    stage.say("satu")
    stage.work()
    echo(stage)
    stage.work()
    assert stage.rows("SELECT state FROM outbound_message") == [{"state": "cancelled"}]


def test_an_echo_to_somebody_who_never_wrote_opens_a_human_conversation(stage: Stage) -> None:
    stage.host.behaviour = obedient
    echo(stage, to="6285700000001")
    stage.say(hooks.text("Halo", hooks.person("6285700000001", "ID.1")))
    stage.work()
    assert stage.sent() == []
    assert stage.conversation()["mode"] == "human"


def test_menu_gives_the_conversation_back_to_the_bot(stage: Stage) -> None:
    stage.host.behaviour = obedient
    echo(stage)
    stage.say("MENU", "lagi")
    stage.work()
    assert stage.sent() == ["menu", "re: lagi"]
    assert stage.conversation()["human_until"] is None


def test_timers_that_fire_while_a_person_has_the_chat_are_held(stage: Stage) -> None:
    stage.host.behaviour = lambda turn, tables: say("ok", timers=(SetTimer("ingat", turn.now),))
    stage.say("satu")
    stage.work()
    stage.host.behaviour = obedient
    echo(stage)
    stage.work()
    stage.work()
    rows = stage.rows("SELECT payload ->> 'body' AS body, state FROM outbound_message ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("ok", "cancelled"), ("pengingat", "held")]


def test_f32_a_contact_that_never_stops_answering_is_left_alone_and_the_owner_told(
    stage: Stage, config: Config
) -> None:
    limit = config.loop_turns_per_minute
    stage.say(*(f"{number}" for number in range(limit + 10)))
    stage.work()
    assert len(stage.sent()) == limit
    assert stage.events()[-1] == ("ignored", "loop")
    assert [row["kind"] for row in stage.rows("SELECT kind FROM notice")] == ["loop_stopped"]


def test_f32_what_the_number_itself_said_is_never_answered(stage: Stage) -> None:
    own = "".join(filter(str.isdigit, stage.number.display_phone_number))
    stage.say(hooks.text("Halo", hooks.person(own, None)))
    stage.work()
    assert stage.events() == [("ignored", "own_number")]
    assert stage.sent() == []


def test_f32_two_of_our_own_numbers_come_to_rest_after_ten_turns(stage: Stage) -> None:
    other = factories.number(stage.session, stage.business)
    stage.session.commit()
    digits = "".join(filter(str.isdigit, other.display_phone_number))
    stage.say(*(hooks.text(f"{turn}", hooks.person(digits, f"ID.{digits}", "Bot")) for turn in range(12)))
    stage.work()
    assert len(stage.sent()) == 10
    assert stage.events()[-2:] == [("ignored", "loop")] * 2
    assert [row["kind"] for row in stage.rows("SELECT kind FROM notice")] == ["loop_stopped"]
