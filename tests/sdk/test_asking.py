"""Durable questions: typed answers, repeats, buttons, time."""

from pathlib import Path
from typing import Any

import pytest

from botruntime.sdk import Bot, Ctx
from botruntime.sdk.simulator import User
from tests.sdk.making import bot as make


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """Asks for whatever the test wants, and tells what the step got."""
    made = make(tmp_path)

    @made.step
    def got(ctx: Ctx, value: Any, **params: Any) -> None:
        ctx.state["got"] = [type(value).__name__, str(value), params]
        ctx.say("terima", nilai=value)

    @made.step
    def silence(ctx: Ctx, value: None) -> None:
        ctx.say("terima", nilai="tidak ada jawaban")

    return made


def asked(bot: Bot, **question: Any) -> User:
    """A contact in front of an open question."""
    key = question.pop("key", "tanya")
    bot.patterns.clear()
    bot.text("mulai tanya")(lambda ctx: ctx.ask(key, step="got", **question))
    user = bot.sim().user()
    user.says("mulai tanya")
    assert user.chat.asking
    return user


@pytest.mark.parametrize(
    ("kind", "typed", "got"),
    [
        ("text", "apa saja", ["str", "apa saja"]),
        ("name", "Siti", ["str", "Siti"]),
        ("number", "12", ["int", "12"]),
        ("money", "1,5jt", ["int", "1500000"]),
        ("phone", "0812 3456 7890", ["str", "+6281234567890"]),
        ("email", "a@example.com", ["str", "a@example.com"]),
        ("date", "besok", ["date", "2026-11-24"]),
        ("time", "8 malam", ["time", "20:00:00"]),
        ("yesno", "iya", ["bool", "True"]),
    ],
)
def test_a_step_gets_a_typed_answer(bot: Bot, kind: Any, typed: str, got: list[str]) -> None:
    user = asked(bot, input=kind, params={"lot": "A1"})
    user.says(typed)
    assert user.chat.state["got"] == [*got, {"lot": "A1"}]
    assert user.chat.asking is None


@pytest.mark.parametrize("kind", ["name", "number", "money", "phone", "email", "date", "time", "yesno"])
def test_an_answer_that_does_not_fit_is_asked_again_with_an_example(bot: Bot, kind: Any) -> None:
    user = asked(bot, input=kind)
    user.says("?!")
    assert user.last.key == f"invalid_{kind}"
    assert user.chat.asking


def test_after_the_last_retry_the_contact_is_offered_menu_and_person(bot: Bot) -> None:
    user = asked(bot, input="money", retries=2)
    user.says("a"), user.says("b")
    assert user.chat.asking
    user.says("c")
    assert user.chat.asking is None
    assert [button.id for button in user.last.buttons] == ["menu", "human"]


def test_a_choice_takes_presses_titles_and_places(bot: Bot) -> None:
    for act in (lambda user: user.taps("Belimbing"), lambda user: user.says("belimbing"), lambda user: user.says("2")):
        user = asked(bot, key="pilih", input="choice")
        act(user)
        assert user.chat.state["got"][1] == "b"


def test_a_button_of_a_text_question_gives_its_title(bot: Bot) -> None:
    user = asked(bot, key="pilih", input="text")
    user.taps("Apel")
    assert user.chat.state["got"][1] == "Apel"


def test_a_repeated_question_keeps_its_buttons(bot: Bot) -> None:
    user = asked(bot, key="pilih", input="choice")
    user.says("mangga")
    assert [button.title for button in user.last.buttons] == ["Apel", "Belimbing"]


def test_a_question_survives_a_restart(bot: Bot) -> None:
    user = asked(bot, input="money", params={"lot": "A1"})
    user._sim.restart()
    user.says("350rb")
    assert user.chat.state["got"] == ["int", "350000", {"lot": "A1"}]


def test_a_question_times_out_silently_or_by_its_own_step(bot: Bot) -> None:
    user = asked(bot, input="money", timeout="30m")
    user._sim.advance("29m")
    assert user.chat.asking
    user._sim.advance("1m")
    assert user.chat.asking is None
    assert len(user.received) == 1
    user = asked(bot, input="money", timeout="30m", on_timeout="silence")
    user._sim.advance("1h")
    assert user.last.body == "Diterima: tidak ada jawaban"


def test_an_answer_stops_the_clock_of_the_question(bot: Bot) -> None:
    user = asked(bot, input="money", timeout="30m", on_timeout="silence")
    user.says("5rb")
    user._sim.advance("2h")
    assert user.last.body == "Diterima: 5000"
    assert not user.chat.timers


def test_a_new_question_is_not_closed_by_the_clock_of_the_old_one(bot: Bot) -> None:
    user = asked(bot, input="money", timeout="30m")
    user.says("batal")
    user._sim.advance("20m")
    user.says("mulai tanya")
    user._sim.advance("15m")
    assert user.chat.asking


def test_another_button_leaves_the_question(bot: Bot) -> None:
    bot.button("lain")(lambda ctx: ctx.say("halo", nama="lain"))
    user = asked(bot, input="money")
    user.presses("lain")
    assert user.last.body == "Halo lain"
    assert user.chat.asking is None


def test_an_old_button_repeats_the_question(bot: Bot) -> None:
    user = asked(bot, key="pilih", input="choice")
    user.presses("gone")
    assert [reply.key for reply in user.news] == ["stale", "pilih"]
    assert user.chat.asking


def test_a_voice_note_leaves_the_question_open(bot: Bot) -> None:
    user = asked(bot, input="money")
    user.sends("audio")
    assert user.last.key == "media_unsupported"
    user.sends("sticker")
    assert user.last.key == "invalid_money"
    user.says("5rb")
    assert user.chat.state["got"][1] == "5000"


def test_a_shared_contact_card_answers_a_phone_question(bot: Bot) -> None:
    user = asked(bot, input="phone")
    user.sends("contacts", contacts=({"name": "Andi", "phones": ["+62 812 3456 7890"]},))
    assert user.chat.state["got"][1] == "+6281234567890"


def test_reserved_words_win_over_a_text_question(bot: Bot) -> None:
    user = asked(bot, input="text")
    user.says("Data?")
    assert user.last.key == "data_menu"
    user.says("BATAL")
    assert user.last.key == "cancelled"
    assert user.chat.asking is None


def test_a_step_gone_with_an_update_does_not_trap_the_contact(bot: Bot) -> None:
    user = asked(bot, input="text")
    del bot.steps["got"]
    user.says("halo")
    assert user.chat.asking is None
    assert user.last.key == "unknown"


def test_a_silent_question_is_open_without_words(bot: Bot) -> None:
    bot.text("diam")(lambda ctx: ctx.ask("tanya", step="got", silent=True))
    user = bot.sim().user()
    user.says("diam")
    assert not user.news
    user.says("halo")
    assert user.chat.state["got"][1] == "halo"
