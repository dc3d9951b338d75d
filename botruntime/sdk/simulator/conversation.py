"""Conversations as data: a TOML file of what the contact does and what is then to be seen.

bot = "tanya"
[[conversation]]
title = "asks for the hours"
language = "id"
settings = { }                      # laid over the defaults
talk = [
    { says = "jam buka", sees = ["08.00"], buttons = ["Terjawab"] },
    { taps = "Terjawab", silent = true },
    { advance = "2h" }, { restart = true }, { sends = "audio", sees = ["pesan suara"] },
]
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botruntime.sdk.simulator.user import User, choices, shown

if TYPE_CHECKING:
    from botruntime.sdk.bot import Bot
    from botruntime.sdk.simulator.world import Simulator


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the contact (or of time), and what is to be seen after it."""

    says: str | None = None
    taps: str | None = None
    sends: Any = None
    advance: str | None = None
    restart: bool = False
    person: str | None = None
    """Somebody of the business answers from the phone."""
    referral: dict[str, str] | None = None
    sees: tuple[str, ...] = ()
    sees_not: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    """Titles on the newest reply, exactly these."""
    silent: bool = False
    """Nothing arrives."""
    exactly: str | None = None
    """Body of the newest reply, to the letter."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A scripted talk of one contact with a fresh installation."""

    title: str
    talk: tuple[Step, ...]
    language: str = "id"
    name: str = "Andi"
    start: datetime | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    bot: str = ""


def read(path: Path) -> list[Conversation]:
    """The conversations of a file. Raises ValueError for an unknown word in it."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    found = []
    for item in data.get("conversation", ()):
        steps = tuple(_step(step) for step in item.pop("talk"))
        found.append(Conversation(**item, talk=steps, bot=str(data.get("bot", ""))))
    return found


def _step(item: dict[str, Any]) -> Step:
    unknown = set(item) - {part.name for part in fields(Step)}
    if unknown:
        raise ValueError(f"a conversation has no {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
    return Step(**values)


def play(bot: Bot, conversation: Conversation) -> Simulator:
    """Run the conversation. Raises AssertionError with the transcript at the first difference."""
    options: dict[str, Any] = {"start": conversation.start} if conversation.start else {}
    sim = bot.sim(conversation.settings, language=conversation.language, **options)
    user = sim.user(conversation.name)
    for place, step in enumerate(conversation.talk, start=1):
        _do(sim, user, step)
        problem = difference(user, step)
        if problem:
            raise AssertionError(f"{conversation.title}, step {place}: {problem}\n{sim.transcript()}")
    return sim


def _do(sim: Simulator, user: User, step: Step) -> None:
    user.chat.mark = len(user.chat.lines)
    if step.restart:
        sim.restart()
    if step.advance:
        sim.advance(step.advance)
    if step.person is not None:
        sim.person_answers(user, step.person)
    if step.says is not None:
        user.says(step.says, referral=step.referral)
    if step.taps is not None:
        user.taps(step.taps)
    if step.sends is not None:
        user.sends(step.sends)


def difference(user: User, step: Step) -> str:
    """What is not as the step says, "" when all is."""
    screen = "\n".join(shown(reply) for reply in user.news)
    if step.silent and user.news:
        return f"expected silence, got {screen!r}"
    if missing := [piece for piece in step.sees if piece not in screen]:
        return f"{missing!r} not seen in {screen!r}"
    if extra := [piece for piece in step.sees_not if piece in screen]:
        return f"{extra!r} seen in {screen!r}"
    if step.exactly is not None and (not user.news or user.news[-1].body != step.exactly):
        return f"expected {step.exactly!r}, got {screen!r}"
    if step.buttons:
        titles = tuple(title for _, title, _ in choices(user.news[-1])) if user.news else ()
        if titles != step.buttons:
            return f"expected buttons {step.buttons!r}, got {titles!r}"
    return ""
