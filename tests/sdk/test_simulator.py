"""The test phone behaves like the runtime: once, in order, within the window, by the clock."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from botruntime.sdk import Bot, BotError, Ctx, Reply, TemplateUse
from botruntime.sdk.contract import Message
from botruntime.sdk.simulator import Conversation, Step, play
from tests.sdk.making import bot as make


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """Reminds when told."""
    made = make(tmp_path)

    @made.menu
    def menu(ctx: Ctx) -> None:
        ctx.say("menu_utama")

    @made.text(r"ingatkan (?P<kapan>\w+)")
    def remind(ctx: Ctx, kapan: str) -> None:
        ctx.after(kapan, "ingat", key="satu", data={"setelah": kapan})

    @made.timer("ingat")
    def reminded(ctx: Ctx, key: str, setelah: str) -> None:
        ctx.say("halo", nama=f"{key} {setelah}", template=TemplateUse("pengingat", "id") if setelah == "30h" else None)

    return made


def test_timers_fire_in_order_at_their_moment(bot: Bot) -> None:
    sim = bot.sim()
    first, second = sim.user("Andi"), sim.user("Sari")
    first.says("ingatkan 2h")
    second.says("ingatkan 1h")
    begin = sim.now
    sim.advance("3h")
    assert [line.at - begin for user in (first, second) for line in user.chat.lines if line.who == "bot"] == [
        timedelta(hours=2),
        timedelta(hours=1),
    ]
    assert sim.now == begin + timedelta(hours=3)


def test_the_same_timer_replaces_the_earlier_one(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    user.says("ingatkan 1h")
    user.says("ingatkan 2h")
    sim.advance("5h")
    assert [reply.body for reply in user.received] == ["Halo satu 2h"]


def test_a_timer_survives_a_restart(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    user.says("ingatkan 1h")
    sim.restart()
    sim.advance("1h")
    assert user.sees("Halo satu 1h")


def test_after_a_day_only_a_template_arrives(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    for span, arrives in (("23h", True), ("24h", False), ("30h", True)):
        user.says(f"ingatkan {span}")
        count = len(user.received)
        sim.advance("31h")
        assert (len(user.received) > count) is arrives, span
    assert "[no_window]" in sim.transcript()


def test_one_who_opted_out_gets_answers_but_no_reminders(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    user.says("ingatkan 1h")
    user.says("STOP")
    assert user.last.key == "stop_ok"
    sim.advance("2h")
    assert user.last.key == "stop_ok"
    user.says("MULAI")
    assert user.news


def test_a_message_delivered_twice_is_one_message(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    message = Message(id="w", text="menu", at=sim.now)
    assert sim.deliver(user.code, message)
    sim.restart()
    assert sim.deliver(user.code, message) is None
    assert len(user.received) == 1


def test_a_reply_the_platform_would_refuse_fails_the_test(bot: Bot) -> None:
    bot.text("salah")(lambda ctx: ctx.reply(Reply(kind="buttons", body="x")))
    with pytest.raises(AssertionError, match="refuse"):
        bot.sim().user().says("salah")


def test_wrong_settings_are_refused(tmp_path: Path) -> None:
    from botruntime import bots

    with pytest.raises(ValueError, match="sla_menit"):
        bots.load("tanya").sim({"sla_menit": 0})


def test_a_button_never_offered_cannot_be_tapped(bot: Bot) -> None:
    with pytest.raises(LookupError):
        bot.sim().user().taps("Beli")


def test_a_failing_bot_fails_the_test(bot: Bot) -> None:
    bot.text("rusak")(lambda ctx: {}["x"])
    with pytest.raises(BotError):
        bot.sim().user().says("rusak")


def test_fuzzing_finds_a_bot_that_fails_on_some_text(bot: Bot) -> None:
    bot.fallback(lambda ctx: int(ctx.msg.text))
    with pytest.raises(BotError):
        bot.sim().fuzz(1)


def test_fuzzing_finds_a_bot_whose_memory_is_no_json(bot: Bot) -> None:
    bot.fallback(lambda ctx: ctx.state.update(at=ctx.now))
    with pytest.raises(BotError):
        bot.sim().fuzz(1)


def test_fuzzing_the_same_seed_is_the_same_talk(bot: Bot) -> None:
    one, two = bot.sim(), bot.sim()
    one.fuzz(7), two.fuzz(7)
    assert one.transcript() == two.transcript()


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (Step(says="menu", exactly="Salah"), "expected 'Salah'"),
        (Step(says="menu", sees=("Salah",)), "not seen"),
        (Step(says="menu", sees_not=("Menu",)), "seen in"),
        (Step(says="menu", silent=True), "expected silence"),
        (Step(says="menu", buttons=("Salah",)), "expected buttons"),
    ],
)
def test_a_conversation_that_goes_another_way_says_where(bot: Bot, step: Any, problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        play(bot, Conversation("coba", (Step(says="menu", sees=("Menu",)), step)))
