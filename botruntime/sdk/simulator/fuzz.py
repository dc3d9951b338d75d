"""Random misuse of a bot, repeatable by its seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, get_args

from botruntime.sdk.contract import Message, MessageKind
from botruntime.sdk.reserved import WORDS
from botruntime.sdk.simulator.user import User, choices

if TYPE_CHECKING:
    from botruntime.sdk.simulator.world import Simulator

_TEXTS = (
    "", " ", "halo", "hi", "harga berapa kak", "buka jam brp", "what time do you open", "Budi", "besok", "350rb",
    "0812 3456 7890", "ya", "tidak", "\x00", "\ud800", "👍", "a" * 5000, "{usaha}", "{i}", "1", "-1", "<b>x</b>",
    "jl. melati no 5, bandung", "https://example.com", "😀" * 300, "menu utama", "admin?", "kembali",
)  # fmt: skip
_PAYLOADS = ("", "menu", "f:gone", "f:more:99", "ok:", "data:erase", "x" * 300, "lang:en", ":::", "{i}")
_WAITS = ("10s", "5m", "31m", "3h", "25h", "8d")


def fuzz(sim: Simulator, seed: int, steps: int) -> None:
    """Drive two contacts through `steps` random acts; see `Simulator.fuzz`."""
    dice = random.Random(seed)
    users = [sim.user("Andi"), sim.user("Sari", phone_visible=False)]
    for _ in range(steps):
        user = dice.choice(users)
        before = len(user.received)
        until = user.chat.human_until
        human = user.chat.mode == "human" and until is not None and until > sim.now
        word = _act(sim, user, dice)
        if human and word not in WORDS and word != "wait" and len(user.received) != before:
            raise AssertionError(f"the bot spoke over a person\n{sim.transcript()}")


def _act(sim: Simulator, user: User, dice: random.Random) -> str:
    """One random act; returns the text said, "wait" for waiting, or "" for anything else."""
    roll = dice.random()
    if roll < 0.4:
        text = dice.choice((*_TEXTS, *WORDS, *map(str.upper, WORDS)))
        user.says(text)
        return "wait" if _is_shared_title(user, text) else text.lower()
    if roll < 0.65:
        offered = [choice for reply in user.received for choice in choices(reply)]
        if offered and roll < 0.6:
            user.presses(*dice.choice(offered))
        else:
            user.presses(dice.choice(_PAYLOADS))
        return "wait"
    if roll < 0.78:
        user.sends(dice.choice(get_args(MessageKind)))
        return ""
    if roll < 0.84:
        _say_twice(sim, user, dice)
        return "wait"
    if roll < 0.88:
        sim.person_answers(user, "ok")
    elif roll < 0.92:
        sim.restart()
    else:
        sim.advance(dice.choice(_WAITS))
    return "wait"


def _is_shared_title(user: User, text: str) -> bool:
    return text in ("menu utama", "kembali", "admin?") or not user.chat.is_known


def _say_twice(sim: Simulator, user: User, dice: random.Random) -> None:
    """The same message delivered twice has one effect."""
    message = Message(id=sim.new_id(), at=sim.now, text=dice.choice(_TEXTS))
    user.repeats(message)
    state, records = user.chat.state, dict(sim.tables.records)
    if user.repeats(message) is not None or (user.chat.state, dict(sim.tables.records)) != (state, records):
        raise AssertionError("a duplicate had an effect")
