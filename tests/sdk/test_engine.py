"""One turn: who answers, in which order, and what a failure leaves behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from botruntime.sdk import Bot, BotError, Ctx, Reject, engine
from botruntime.sdk.contract import Business, Contact, Installation, Lifecycle, Message, Outcome, TimerFired, Turn
from botruntime.sdk.tables import MemoryTables
from tests.sdk.making import bot as make

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PLACE = Installation("i1", "1.0.0", Business("Toko"))


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """A bot with a menu and a button."""
    made = make(tmp_path)

    @made.menu
    def menu(ctx: Ctx) -> None:
        ctx.say("menu_utama")

    @made.button("pesan")
    def order(ctx: Ctx) -> None:
        ctx.say("halo", nama="pesan")

    return made


def turn(event: Any = None, **fields: Any) -> Turn:
    """A turn with a text, unless told otherwise."""
    message = event if event is not None else Message(id="w1", text=fields.pop("text", "halo"), at=NOW)
    return replace(Turn(PLACE, message, NOW, Contact("c1", "Andi")), **fields)


def run(bot: Bot, event: Any = None, **fields: Any) -> Outcome:
    """The outcome on empty tables."""
    return engine.run(bot, turn(event, **fields), MemoryTables())


def bodies(outcome: Outcome) -> list[str]:
    """What was said."""
    return [reply.body for reply in outcome.replies]


def test_the_same_turn_gives_the_same_outcome(bot: Bot) -> None:
    @bot.fallback
    def keep(ctx: Ctx) -> None:
        ctx.table("catatan").insert(isi=ctx.msg.text)
        ctx.say("halo", nama="x")

    first, second = MemoryTables(), MemoryTables()
    assert engine.run(bot, turn(), first) == engine.run(bot, turn(), second)
    assert first.records == second.records
    assert first.records


def test_an_exception_applies_nothing_and_names_its_cause(bot: Bot) -> None:
    @bot.fallback
    def fail(ctx: Ctx) -> None:
        ctx.table("catatan").insert(isi="x")
        ctx.say("halo", nama="x")
        raise ZeroDivisionError

    tables = MemoryTables()
    with pytest.raises(BotError) as failure:
        engine.run(bot, turn(), tables)
    assert isinstance(failure.value.__cause__, ZeroDivisionError)
    assert not tables.records


def test_a_rejection_answers_and_undoes_the_rest(bot: Bot) -> None:
    @bot.fallback
    def refuse(ctx: Ctx) -> None:
        ctx.state["x"] = 1
        ctx.table("catatan").insert(isi="x")
        ctx.say("halo", nama="x")
        raise Reject("terima", nilai="habis")

    tables = MemoryTables()
    outcome = engine.run(bot, turn(state={"y": 2}), tables)
    assert bodies(outcome) == ["Diterima: habis"]
    assert outcome.state == {"y": 2}
    assert not tables.records


@pytest.mark.parametrize(
    "misuse",
    [
        lambda ctx: [ctx.say("halo", nama="x") for _ in range(11)],
        lambda ctx: [ctx.after("1h", "t", str(n)) for n in range(21)],
        lambda ctx: ctx.state.update(x="y" * 70_000),
        lambda ctx: ctx.state.update(x=object()),
        lambda ctx: ctx.state.update(x=float("nan")),
        lambda ctx: ctx.table("catatan").insert(isi="y" * 17_000),
        lambda ctx: ctx.table("rahasia"),
        lambda ctx: ctx.say("tidak_ada"),
        lambda ctx: ctx.say("halo"),
        lambda ctx: ctx.ask("tanya", step="tidak_ada"),
        lambda ctx: ctx.at(datetime(2026, 1, 1), "t"),  # noqa: DTZ001
        lambda ctx: [ctx.notify_staff("n") for _ in range(6)],
        lambda ctx: [ctx.table("catatan").insert(isi="x") for _ in range(101)],
    ],
)
def test_a_broken_limit_fails_the_turn(bot: Bot, misuse: Any) -> None:
    bot.fallback(misuse)
    with pytest.raises(BotError):
        run(bot)


def test_a_button_finds_the_most_literal_handler(bot: Bot) -> None:
    bot.button("x:{i}")(lambda ctx, i: ctx.say("halo", nama=i))
    bot.button("x:more")(lambda ctx: ctx.say("halo", nama="lagi"))
    bot.button("x:{i}:{page}")(lambda ctx, i, page: ctx.say("halo", nama=i + page))
    for payload, said in (("x:7", "7"), ("x:more", "lagi"), ("x:a:2", "a2")):
        assert bodies(run(bot, Message(id="w", kind="button", payload=payload))) == [f"Halo {said}"]


def test_a_typed_title_of_the_last_card_is_a_press(bot: Bot) -> None:
    state = run(bot, text="MENU").state
    assert bodies(run(bot, text=" pesan! ", state=state)) == ["Halo pesan"]
    assert run(bot, text="staf", state=state).handover


def test_a_pattern_hands_its_groups_over(bot: Bot) -> None:
    bot.text(r"beli (?P<banyak>\d+) kotak")(lambda ctx, banyak: ctx.say("halo", nama=banyak))
    assert bodies(run(bot, text="BELI 20 kotak ")) == ["Halo 20"]
    assert run(bot, text="saya beli 20 kotak").handled == "unknown"


def test_an_old_button_is_answered_with_what_is_current(bot: Bot) -> None:
    outcome = run(bot, Message(id="w", kind="list", payload="gone:1"))
    assert bodies(outcome) == ["Pilihan itu sudah berubah. Ini yang terbaru:", "Menu Toko"]
    assert outcome.handled == "stale"


def test_not_understood_is_said_once_in_ten_minutes(bot: Bot) -> None:
    first = run(bot, text="qwerty")
    assert first.replies[0].key == "unknown"
    assert first.seen_unknown_at == NOW
    soon, later = NOW - timedelta(seconds=599), NOW - timedelta(seconds=600)
    assert run(bot, text="qwerty", last_unknown_at=soon).replies == ()
    assert run(bot, text="qwerty", last_unknown_at=later).replies


def test_a_voice_note_is_answered_once_in_ten_minutes(bot: Bot) -> None:
    voice = Message(id="w", kind="audio")
    outcome = run(bot, voice)
    assert outcome.replies[0].key == "media_unsupported"
    assert run(bot, voice, state=outcome.state).replies == ()


def test_a_handler_for_a_kind_gets_it(bot: Bot) -> None:
    bot.on("image", "location")(lambda ctx: ctx.say("halo", nama=ctx.msg.kind))
    assert bodies(run(bot, Message(id="w", kind="image"))) == ["Halo image"]
    assert bodies(run(bot, Message(id="w", kind="location"))) == ["Halo location"]


@pytest.mark.parametrize("kind", ["edit", "revoke", "system", "reaction"])
def test_nobody_is_answered_for_what_is_no_message(bot: Bot, kind: Any) -> None:
    assert run(bot, Message(id="w", kind=kind)).replies == ()


def test_a_first_message_gets_the_menu(bot: Bot) -> None:
    assert bodies(run(bot, text="qwerty", first=True)) == ["Menu Toko"]
    assert bodies(run(bot, Message(id="w", kind="sticker"), first=True)) == ["Menu Toko"]


@pytest.mark.parametrize("mode", ["queued", "human"])
def test_the_bot_is_silent_beside_a_person_but_reserved_words_work(bot: Bot, mode: Any) -> None:
    for message in (
        Message(id="w", text="halo"),
        Message(id="w", kind="button", payload="pesan"),
        Message(kind="audio"),
    ):
        assert run(bot, message, mode=mode).replies == ()
    back = run(bot, text="menu", mode=mode)
    assert back.mode == "bot"
    assert bodies(back) == ["Menu Toko"]
    assert run(bot, text="stop", mode=mode).opt_out


def test_a_button_made_for_waiting_answers_while_waiting(bot: Bot) -> None:
    bot.button("tunggu", waiting=True)(lambda ctx: ctx.say("halo", nama="sabar"))
    press = Message(id="w", kind="button", payload="tunggu")
    assert bodies(run(bot, press, mode="queued")) == ["Halo sabar"]
    assert run(bot, press, mode="human").replies == ()


def test_what_a_timer_says_beside_a_person_is_held(bot: Bot) -> None:
    bot.timer("ingat")(lambda ctx, siapa: ctx.say("halo", nama=siapa))
    fired = TimerFired(id="t", name="ingat", data={"siapa": "Sari"}, at=NOW)
    assert bodies(run(bot, fired)) == ["Halo Sari"]
    held = run(bot, fired, mode="human")
    assert held.replies == ()
    assert held.held[0].body == "Halo Sari"


def test_a_timer_of_another_version_is_ignored(bot: Bot) -> None:
    assert run(bot, TimerFired(id="t", name="lama", at=NOW)).handled == "silent"


def test_a_timer_with_a_key_hands_it_over(bot: Bot) -> None:
    bot.timer("ingat")(lambda ctx, key: ctx.say("halo", nama=key))
    assert bodies(run(bot, TimerFired(id="t", name="ingat", key="k1", at=NOW))) == ["Halo k1"]


def test_lifecycle_hooks_run_without_a_contact(bot: Bot) -> None:
    heard: list[Any] = []
    bot.on_install(lambda ctx: heard.append("install"))
    bot.on_settings(lambda ctx, old: heard.append(old))
    bot.on_pause(lambda ctx: heard.append("pause"))
    bot.on_uninstall(lambda ctx: heard.append("uninstall"))
    for kind in ("install", "settings", "pause", "resume", "uninstall"):
        run(bot, Lifecycle(id=kind, kind=kind, old={"a": 1}), contact=None)
    assert heard == ["install", {"a": 1}, "pause", "uninstall"]


def test_a_turn_without_contact_or_message_says_so(bot: Bot) -> None:
    bot.on_install(lambda ctx: ctx.contact)
    with pytest.raises(BotError):
        run(bot, Lifecycle(id="l", kind="install"), contact=None)
    bot.on_install(lambda ctx: ctx.msg)
    with pytest.raises(BotError):
        run(bot, Lifecycle(id="l", kind="install"), contact=None)


def test_text_no_database_can_hold_never_reaches_the_bot(bot: Bot) -> None:
    @bot.fallback
    def keep(ctx: Ctx) -> None:
        ctx.state["text"] = ctx.msg.text

    assert run(bot, text="a\x00b\ud800c").state["text"] == "abc"
    assert len(run(bot, text="x" * 9000).state["text"]) == 4096


def test_the_language_is_chosen_then_guessed_then_the_owners(bot: Bot) -> None:
    @bot.fallback
    def tell(ctx: Ctx) -> None:
        ctx.state["language"] = ctx.language

    assert run(bot, text="qwerty").state["language"] == "id"
    guessed = run(bot, text="what do you have").state
    assert guessed["language"] == "en"
    assert run(bot, text="qwerty", state=guessed).state["language"] == "en"
    chosen = Contact("c1", "Andi", language="id")
    assert run(bot, text="what do you have", contact=chosen).state["language"] == "id"


def test_entry_keywords_open_the_menu(tmp_path: Path) -> None:
    from tests.sdk.making import MANIFEST

    made = make(
        tmp_path,
        manifest=MANIFEST.replace('category = "jasa"', 'category = "jasa"\nentry = {keywords = ["Selamat pagi"]}'),
    )
    made.menu(lambda ctx: ctx.say("menu_utama"))
    assert bodies(run(made, text="selamat pagi!")) == ["Menu Toko"]


def test_a_message_to_another_contact_names_it(bot: Bot) -> None:
    bot.fallback(lambda ctx: ctx.send("c2", "halo", nama="Sari"))
    reply = run(bot).replies[0]
    assert (reply.to, reply.body) == ("c2", "Halo Sari")


def test_once_is_true_the_first_time_only(bot: Bot) -> None:
    heard: list[bool] = []
    bot.fallback(lambda ctx: heard.append(ctx.once("tutup:A1")))
    tables = MemoryTables()
    engine.run(bot, turn(), tables)
    engine.run(bot, turn(Message(id="w2", text="halo")), tables)
    assert heard == [True, False]


def test_times_carry_the_zone_of_the_business(bot: Bot) -> None:
    heard: list[str] = []
    bot.fallback(lambda ctx: heard.append(ctx.when(ctx.now)))
    run(bot, text="qwerty")
    run(bot, text="qwerty", installation=replace(PLACE, business=Business("Toko", "Asia/Jayapura", "en")))
    assert heard == ["Sen 23 Nov 10.00 WIB", "Mon 23 Nov 12:00 PM WIT"]


def test_settings_absent_from_the_installation_take_their_defaults(tmp_path: Path) -> None:
    from botruntime import bots

    sim = bots.load("tanya").sim()
    sim.installation = replace(sim.installation, settings={})
    user = sim.user()
    user.says("jam buka")
    assert user.sees("08.00-17.00")


def test_a_late_clock_of_an_earlier_question_does_not_close_the_new_one(bot: Bot) -> None:
    bot.step(menu_step)
    bot.fallback(lambda ctx: ctx.ask("tanya", step="menu_step", timeout="30m"))
    outcome = run(bot, text="qwerty")
    assert outcome.asking
    late = TimerFired(id="t", name="_ask", at=NOW, data={"step": "menu_step"})
    assert run(bot, late, asking=outcome.asking).asking == outcome.asking
    due = run(bot, late, asking=outcome.asking, now=NOW + timedelta(minutes=30))
    assert due.asking is None


def menu_step(ctx: Ctx, value: str) -> None:
    """A step for questions nobody answers."""
