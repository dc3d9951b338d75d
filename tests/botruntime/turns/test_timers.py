"""Timers fire once, by business time, in the order of the conversation, for the bot that set them."""

from datetime import timedelta

from botruntime.sdk.contract import CancelTimer, Outcome, SetTimer, Turn
from tests import factories
from tests.botruntime.stage import Stage, say


def behave(turn: Turn, tables: object) -> Outcome:
    """`set 60` sets a timer; `cancel` takes it back; a firing is said aloud."""
    if turn.event.type == "timer":
        return say(f"fired {turn.event.name}/{turn.event.key} {turn.event.data}", state=turn.state)
    word, _, rest = turn.event.text.partition(" ")
    if word == "set":
        wish = SetTimer("ingat", turn.now + timedelta(seconds=int(rest)), "k", {"n": int(rest)})
        return say("set", timers=(wish,))
    if word == "cancel":
        return say("cancelled", timers=(CancelTimer("ingat", "k"),))
    return say(turn.event.text)


def test_a_timer_fires_once_when_business_time_has_come(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("set 3600")
    stage.work()
    stage.work()
    assert stage.sent() == ["set"]
    stage.advance(3601)
    stage.work()
    stage.work()
    assert stage.sent() == ["set", "fired ingat/k {'n': 3600}"]
    assert stage.rows("SELECT state FROM timer") == [{"state": "fired"}]
    assert {row["policy"] for row in stage.rows("SELECT policy FROM outbound_message")} == {"reply", "notice"}


def test_setting_a_timer_again_replaces_it_and_cancelling_forgets_it(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("set 60", "set 3600")
    stage.work()
    stage.advance(61)
    stage.work()
    assert stage.sent() == ["set", "set"]
    stage.say("cancel")
    stage.work()
    stage.advance(3600)
    stage.work()
    assert stage.sent() == ["set", "set", "cancelled"]


def test_a_message_that_arrived_before_a_due_timer_was_worked_off_may_still_cancel_it(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("set 60")
    stage.work()
    stage.advance(61)
    stage.say("cancel")
    # The message is sorted first and the timer released after it, in one and the same claim.
    stage.work()
    fired = [body for body in stage.sent() if body.startswith("fired")]
    states = stage.rows("SELECT state FROM timer")
    assert (fired, states) in (([], [{"state": "cancelled"}]), (["fired ingat/k {'n': 60}"], [{"state": "fired"}]))
    assert len(fired) == (states == [{"state": "fired"}])


def test_a_timer_waits_while_its_bot_is_paused_and_fires_after(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("set 60")
    stage.work()
    stage.installation.pause(stage.session, stage.owner)
    stage.session.commit()
    stage.advance(61)
    stage.work()
    assert stage.sent() == ["set"]
    stage.installation.resume(stage.session, stage.owner)
    stage.session.commit()
    stage.work()
    assert stage.sent() == ["set", "fired ingat/k {'n': 60}"]


def test_a_due_timer_whose_bot_was_paused_a_moment_ago_is_put_back(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("set 60")
    stage.work()
    stage.execute("UPDATE timer SET state = 'due'")
    stage.execute(
        "INSERT INTO inbound_event (dedupe_key, kind, conversation_id, raw) "
        "SELECT gen_random_uuid(), 'timer', conversation_id, convert_to(code::text, 'UTF8') FROM timer"
    )
    stage.execute("UPDATE conversation SET waiting_since = (SELECT max(id) FROM inbound_event)")
    stage.installation.pause(stage.session, stage.owner)
    stage.session.commit()
    stage.work()
    assert stage.rows("SELECT state FROM timer") == [{"state": "pending"}]
    assert stage.events()[-1] == ("ignored", "paused")


def test_the_timers_of_a_bot_that_was_replaced_never_fire(stage: Stage) -> None:
    stage.host.behaviour = behave
    stage.say("set 60")
    stage.work()
    stage.installation.uninstall(stage.session, stage.owner)
    stage.session.commit()
    factories.installation(stage.session, stage.number, factories.listing(stage.session), stage.owner)
    stage.session.commit()
    stage.advance(61)
    stage.work()
    assert stage.sent() == ["set"]
