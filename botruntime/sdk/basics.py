"""What every bot must be able to do, checked on the simulator; `bot check` and the tests run all of them.

Each check takes a bot and raises AssertionError (or what the bot raises) when it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from botruntime.sdk.bot import Bot
from botruntime.sdk.contract import Message, MessageKind
from botruntime.sdk.simulator.user import User
from botruntime.sdk.simulator.world import Simulator

Check = Callable[[Bot], None]


def greets_a_first_message(bot: Bot) -> None:
    """Whatever comes first is answered."""
    for text in ("Halo", "?", "qwertyuiop asdf"):
        user = bot.sim().user()
        user.says(text)
        _expect(user.news, f"no answer to a first {text!r}")


def answers_an_empty_message(bot: Bot) -> None:
    """An empty text is answered, first or later."""
    user = bot.sim().user()
    for text in ("", "   "):
        user.says(text)
        _expect(user.news, "no answer to an empty message")


def survives_every_kind(bot: Bot) -> None:
    """Every kind of message is taken, also with nothing in it, also in the middle of a question."""
    for kind in get_args(MessageKind):
        sim = bot.sim()
        user = sim.user()
        user.says("Halo")
        for choice in _choices(sim)[:10]:
            user.presses(choice)
            user.sends(kind)
            sim.deliver(user.code, Message(id=sim.new_id(), kind=kind))


def answers_a_voice_note(bot: Bot) -> None:
    """Somebody who speaks instead of typing gets an answer."""
    user = bot.sim().user()
    user.says("Halo")
    user.sends("audio")
    _expect(user.news, "no answer to a voice note")


def always_reaches_a_person(bot: Bot) -> None:
    """ADMIN, CS and MANUSIA work at any time: first, after the menu, in a question, outside office hours."""
    for word in ("ADMIN", "cs", "Manusia!"):
        for before in (None, "Halo"):
            sim = bot.sim()
            user = sim.user()
            if before:
                user.says(before)
            user.says(word)
            _expect(sim.handovers and user.news, f"{word} reached nobody")
    for choice in _openings(bot):
        sim = bot.sim()
        user = sim.user()
        user.says("Halo")
        user.presses(choice)
        sim.advance("12h")
        user.says("admin")
        _expect(sim.handovers and user.news, f"ADMIN reached nobody after {choice}")


def cancels_a_question(bot: Bot) -> None:
    """BATAL ends an open question; MENU always answers."""
    for choice in _openings(bot):
        user = bot.sim().user()
        user.says("Halo")
        user.presses(choice)
        if _is_asked(user):
            user.says("Batal.")
            _expect(not _is_asked(user) and user.news, f"BATAL did not end the question of {choice}")
        user.says("MENU")
        _expect(user.news and user.chat.mode == "bot" and user.chat.asking is None, f"no menu after {choice}")


def stops_and_starts(bot: Bot) -> None:
    """STOP and MULAI switch notifications and are answered."""
    user = bot.sim().user()
    user.says("stop")
    _expect(user.chat.is_opted_out and user.news, "STOP did not opt out")
    user.says("MULAI")
    _expect(not user.chat.is_opted_out and user.news, "MULAI did not opt in")


def changes_language(bot: Bot) -> None:
    """BAHASA offers both languages and the choice holds."""
    user = bot.sim().user()
    user.says("BAHASA")
    user.taps("lang:en")
    _expect(user.chat.contact.language == "en" and user.news, "the language did not change")
    user.says("help")
    wanted = "Type:" if "en" in bot.manifest.languages else "Ketik:"
    _expect(user.sees(wanted), f"expected {wanted!r} after the change")


def shows_and_erases_data(bot: Bot) -> None:
    """DATA shows what is held, sends a copy and erases after a confirmation."""
    sim = bot.sim()
    user = sim.user("Andi")
    user.says("DATA")
    user.taps("data:export")
    _expect(sim.exports and user.sees("Andi"), "no copy of the data")
    user.says("data")
    user.taps("data:erase")
    _expect(not sim.erasures, "erased without a confirmation")
    user.taps("data:erase:yes")
    _expect(sim.erasures and user.news and not user.chat.state, "not erased")


def takes_a_duplicate_once(bot: Bot) -> None:
    """The same message twice has one effect."""
    sim = bot.sim()
    user = sim.user()
    message = Message(id="wamid.twice", text="Halo", at=sim.now)
    sim.deliver(user.code, message)
    count = len(user.received)
    sim.deliver(user.code, message)
    _expect(len(user.received) == count, "a duplicate was answered again")


def is_silent_beside_a_person(bot: Bot) -> None:
    """While a person has the chat the bot says nothing."""
    sim = bot.sim()
    user = sim.user()
    user.says("Halo")
    sim.person_answers(user, "Sebentar ya")
    user.says("oke kak, harga berapa?")
    _expect(not user.news, "the bot spoke over a person")


def needs_no_phone_number(bot: Bot) -> None:
    """A contact without a visible number can use everything the menu offers."""
    for choice in _openings(bot):
        sim = bot.sim()
        user = sim.user("Sari", phone_visible=False, username="sari")
        user.says("Halo")
        user.presses(choice)
        sim.restart()
        user.says("besok")


def survives_old_buttons(bot: Bot) -> None:
    """A button nobody knows any more shows what is current."""
    user = bot.sim().user()
    user.presses("gone:1:2", "Lama")
    _expect(user.news, "no answer to an old button")


def survives_misuse(bot: Bot) -> None:
    """Random misuse with three seeds."""
    for seed in range(3):
        bot.sim().fuzz(seed)


CHECKS: tuple[Check, ...] = (
    greets_a_first_message, answers_an_empty_message, survives_every_kind, answers_a_voice_note,
    always_reaches_a_person, cancels_a_question, stops_and_starts, changes_language, shows_and_erases_data,
    takes_a_duplicate_once, is_silent_beside_a_person, needs_no_phone_number, survives_old_buttons, survives_misuse,
)  # fmt: skip


def _expect(met: object, otherwise: str) -> None:
    """Not `assert`, which vanishes under `python -O`."""
    if not met:
        raise AssertionError(otherwise)


def _is_asked(user: User) -> bool:
    return user.chat.asking is not None and user.chat.mode == "bot"


def _openings(bot: Bot) -> list[str]:
    """Payloads of the menu's card."""
    sim = bot.sim()
    sim.user().says("Halo")
    return _choices(sim)


def _choices(sim: Simulator) -> list[str]:
    replies = [line.reply for chat in sim.chats.values() for line in chat.lines if line.reply]
    found = [button.id for reply in replies for button in reply.buttons]
    found += [row.id for reply in replies for section in reply.sections for row in section.rows]
    return found or ["menu"]


def required_settings_filled(bot: Bot) -> Bot:
    """The bot with stand-ins for required settings without default, so that the checks can run."""
    manifest = bot.manifest
    _, problems = manifest.validate_settings({})
    missing = {path for path, problem in problems.items() if problem.code == "required" and "." not in path}
    if not missing:
        return bot
    fields = tuple(
        field.model_copy(update={"default": _STAND_INS.get(field.type)}) if field.key in missing else field
        for field in manifest.settings
    )
    copy = Bot(manifest.model_copy(update={"settings": fields}), bot.texts, bot.folder)
    for name in ("buttons", "patterns", "kinds", "steps", "timers", "hooks"):
        setattr(copy, name, getattr(bot, name))
    return copy


_STAND_INS = {
    "string": "Contoh", "text": "Contoh", "int": 1, "number": 1.0, "money": 1000, "email": "nama@contoh.com",
    "phone": "+628123456789", "url": "https://contoh.com/", "image": "https://contoh.com/a.png", "date": "2026-11-23",
    "time": "08:00", "weekly_hours": {"mon": [["08:00", "17:00"]]}, "zone": "Asia/Jakarta",
}  # fmt: skip
