"""Words all bots share, answered before the bot: MENU, BATAL, ADMIN/CS/MANUSIA, STOP/MULAI, BAHASA, BANTUAN/HELP, DATA.

Case and punctuation are ignored; only the whole message counts. Shared cards use the payloads `menu`, `human`,
`lang:<language>` and `data:<wish>` for the same acts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from botruntime.sdk import cards, privacy, texts
from botruntime.sdk.context import ASK_TIMER, Ctx
from botruntime.sdk.matching import normal
from botruntime.sdk.outcome import Reply

WORDS = {
    "menu": "menu", "batal": "cancel", "admin": "human", "cs": "human", "manusia": "human", "stop": "stop",
    "berhenti": "stop",  # what people write who were never told the word
    "mulai": "start", "bahasa": "language", "bantuan": "help", "help": "help", "data": "data",
}  # fmt: skip
_PAYLOADS = {
    "menu": "menu", "human": "human", "lang:id": "lang:id", "lang:en": "lang:en", "data:export": "export",
    "data:erase": "confirm", "data:erase:yes": "erase",
}  # fmt: skip


def meant(text: str, payload: str) -> str | None:
    """The act a message asks for, or None when it is the bot's."""
    return WORDS.get(normal(text)) or _PAYLOADS.get(payload)


def common(language: str, key: str, **fill: Any) -> Reply:
    """A shared message outside a turn: `paused` and `failed` need only `usaha` (the business's name)."""
    return cards.card(_shared().get(language, key), fill)


@cache
def _shared() -> texts.Catalogue:
    return texts.load(Path(__file__).parent / "texts")


def act(ctx: Ctx, wish: str) -> None:
    """Carry out a reserved act."""
    if wish.startswith("lang:"):
        ctx.choose_language(wish.removeprefix("lang:"))
        return menu(ctx)
    return _ACTS[wish](ctx)


def menu(ctx: Ctx) -> None:
    """Back to the bot, whatever was open: its menu, or the help when it has none."""
    drop_question(ctx)
    if ctx.mode != "bot":
        ctx.resume()
        if "return" in ctx.bot.hooks:
            ctx.bot.hooks["return"](ctx)
    if "menu" in ctx.bot.hooks:
        return ctx.bot.hooks["menu"](ctx)
    return ctx.say("help_reserved")


def human(ctx: Ctx) -> None:
    """A person is wanted. In the mode `human` one is there already and nothing is said."""
    if ctx.mode == "human":
        return
    drop_question(ctx)
    if "human" in ctx.bot.hooks:
        ctx.bot.hooks["human"](ctx)
        return
    ctx.handover(note=ctx.msg.text)
    ctx.say("human_ok")


def drop_question(ctx: Ctx) -> None:
    """Close the open question, if any."""
    if ctx.asking is not None and ctx.asking.expires_at is not None:
        ctx.cancel(ASK_TIMER)
    ctx.asking = None


def _cancel(ctx: Ctx) -> None:
    if ctx.asking is None:
        return menu(ctx)
    drop_question(ctx)
    return ctx.say("cancelled")


def _stop(ctx: Ctx) -> None:
    ctx.out = replace(ctx.out, opt_out=True)
    if "stop" in ctx.bot.hooks:
        ctx.bot.hooks["stop"](ctx)
    ctx.say("stop_ok")


def _start(ctx: Ctx) -> None:
    ctx.out = replace(ctx.out, opt_in=True)
    ctx.say("start_ok")


_ACTS: dict[str, Callable[[Ctx], None]] = {
    "menu": menu, "human": human, "cancel": _cancel, "stop": _stop, "start": _start,
    "language": lambda ctx: ctx.say("lang"), "help": lambda ctx: ctx.say("help_reserved"),
    "data": lambda ctx: ctx.say("data_menu", n=privacy.count(ctx)),
    "export": privacy.export, "confirm": lambda ctx: ctx.say("data_confirm"), "erase": privacy.erase,
}  # fmt: skip
