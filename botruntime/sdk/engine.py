"""One turn: who answers, in which order, and what came of it. Pure: the same turn and tables give the same outcome.

Order for a message: reserved words and shared buttons; silence while a person has the chat; the open question; buttons;
typed titles of the last card; the author's patterns; entry keywords; the fallback; at last "I did not understand".
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from botruntime.sdk import answering, limits, privacy, reserved, routes
from botruntime.sdk.bot import Bot
from botruntime.sdk.context import ASK_TIMER, OWN, Ctx
from botruntime.sdk.contract import (
    BotError,
    Conflict,
    Lifecycle,
    Message,
    Outcome,
    Reject,
    Tables,
    TimerFired,
    Turn,
)
from botruntime.sdk.language import guess
from botruntime.sdk.matching import normal
from botruntime.sdk.tables import checked

_SILENT = frozenset({"edit", "revoke", "system", "reaction"})
"""Kinds nobody expects an answer to."""
_HEARD = frozenset({"audio", "video"})
_UNSAFE = re.compile("[\x00\ud800-\udfff]")


def run(bot: Bot, turn: Turn, tables: Tables) -> Outcome:
    """The outcome of `turn`. Writes to `tables` only after the bot's code succeeded.

    Raises BotError when the bot's code failed or broke a limit (nothing applies; `__cause__` is the bot's exception),
    and Conflict when another turn changed the same record (undo the transaction, run again).
    """
    ctx = Ctx(bot, _safe(turn), tables)
    try:
        handled = _dispatch(ctx)
    except Reject as refusal:
        return _refused(bot, turn, tables, refusal)
    except (BotError, Conflict):
        raise
    except Exception as error:
        raise BotError(f"{type(error).__name__}: {error}") from error
    outcome = _outcome(ctx, handled)
    ctx.pending.flush()
    return outcome


def _refused(bot: Bot, turn: Turn, tables: Tables, refusal: Reject) -> Outcome:
    """Only the refusal is said; state, question and tables stay as they were."""
    ctx = Ctx(bot, _safe(turn), tables)
    ctx.say(refusal.key, **refusal.fill)
    return _outcome(ctx, f"reject:{refusal.key}")


def _outcome(ctx: Ctx, handled: str) -> Outcome:
    _remember_card(ctx)
    state = checked({**ctx.state, OWN: ctx.own} if ctx.own else ctx.state, limits.STATE_BYTES)
    mode = None if ctx.mode == ctx.turn.mode else ctx.mode
    outcome = replace(ctx.out, state=state, asking=ctx.asking, mode=mode, handled=handled)
    if ctx.turn.mode == "human" and not isinstance(ctx.turn.event, Message):
        return replace(outcome, replies=(), held=outcome.replies)
    return outcome


def _remember_card(ctx: Ctx) -> None:
    """Keep the last card's choices, so that typing a title does what pressing it does."""
    for reply in reversed(ctx.out.replies):
        choices = [[button.id, button.title] for button in reply.buttons]
        choices += [[row.id, row.title] for section in reply.sections for row in section.rows]
        if choices and reply.to is None and not ctx.out.erase:
            ctx.own["card"] = choices
            return


def _safe(turn: Turn) -> Turn:
    """Text without NUL and lone surrogates, which neither database nor platform takes, and of a bounded length."""
    if not isinstance(turn.event, Message):
        return turn
    text = limits.clip(_UNSAFE.sub("", turn.event.text), limits.BODY_TEXT)
    payload = _UNSAFE.sub("", turn.event.payload)[: limits.BUTTON_ID]
    title = limits.clip(_UNSAFE.sub("", turn.event.title), limits.BUTTON_ID)
    return replace(turn, event=replace(turn.event, text=text, payload=payload, title=title))


def _dispatch(ctx: Ctx) -> str:
    event = ctx.turn.event
    if isinstance(event, Lifecycle):
        return _lifecycle(ctx, event)
    if isinstance(event, TimerFired):
        return _timer(ctx, event)
    return _message(ctx, event)


def _lifecycle(ctx: Ctx, event: Lifecycle) -> str:
    if event.kind == "erase":
        privacy.forget(ctx)
        return "lifecycle:erase"
    hook = ctx.bot.hooks.get(f"on_{event.kind}")
    if hook is None:
        return "silent"
    hook(ctx, event.old) if event.kind == "settings" else hook(ctx)
    return f"lifecycle:{event.kind}"


def _timer(ctx: Ctx, event: TimerFired) -> str:
    if event.name == ASK_TIMER:
        return answering.expire(ctx, event)
    handler = ctx.bot.timers.get(event.name)
    if handler is None:  # set by a version that knew this timer
        return "silent"
    handler(ctx, **({"key": event.key} if event.key else {}), **event.data)
    return f"timer:{event.name}"


def _message(ctx: Ctx, message: Message) -> str:
    if message.kind in _SILENT:
        return _by_kind(ctx, message) if ctx.mode == "bot" else "silent"
    spoken = message.text if message.kind == "text" else ""
    payload = message.payload or (_typed_title(ctx, spoken) if ctx.asking is None else "")
    if wish := reserved.meant(spoken, payload):
        reserved.act(ctx, wish)
        return f"reserved:{wish}"
    if found := guess(spoken):
        ctx.own["guess"] = found
    if ctx.mode != "bot":
        return _while_waiting(ctx, payload)
    if payload:
        return _press(ctx, payload)
    if ctx.asking is not None:
        return _answer(ctx, message)
    return _said(ctx, message) if message.kind == "text" else _by_kind(ctx, message)


def _while_waiting(ctx: Ctx, payload: str) -> str:
    """Only buttons that were made for waiting speak before a person does."""
    waiting = [route for route in ctx.bot.buttons if route.waiting]
    found = routes.first(waiting, payload)
    if ctx.mode == "human" or found is None:
        return "silent"
    found[0].handler(ctx, **found[1])
    return f"button:{found[0].pattern}"


def _press(ctx: Ctx, payload: str) -> str:
    if ctx.asking is not None and answering.is_choice(ctx.asking, payload):
        return answering.press(ctx, ctx.asking, payload)
    found = routes.first(ctx.bot.buttons, payload)
    if found is not None:
        reserved.drop_question(ctx)
        found[0].handler(ctx, **found[1])
        return f"button:{found[0].pattern}"
    ctx.say("stale")
    if ctx.asking is not None:
        answering.again(ctx, ctx.asking)
    else:
        reserved.menu(ctx)
    return "stale"


def _answer(ctx: Ctx, message: Message) -> str:
    """An answer, or something no question can take: then the question stays as it is."""
    asking = ctx.asking
    assert asking is not None
    if message.kind == "text" or (asking.input == "phone" and message.kind == "contacts"):
        return answering.hear(ctx, asking, message)
    if message.kind in ctx.bot.kinds:
        return _by_kind(ctx, message)
    if message.kind in _HEARD:
        return _unsupported(ctx)
    answering.repeat(ctx, asking)
    return f"again:{asking.step}"


def _said(ctx: Ctx, message: Message) -> str:
    text = message.text.strip()
    if found := routes.first(ctx.bot.patterns, text):
        found[0].handler(ctx, **found[1])
        return f"text:{found[0].pattern}"
    fallback = ctx.bot.hooks.get("fallback")
    if not text or normal(text) in ctx.bot.keywords or (ctx.first and fallback is None):
        reserved.menu(ctx)
        return "menu"
    if fallback is not None:
        fallback(ctx)
        return "fallback"
    return _unknown(ctx)


def _typed_title(ctx: Ctx, text: str) -> str:
    """The payload whose title on the last card was typed; "" when none was."""
    wanted = normal(text)
    return next((str(key) for key, title in ctx.own.get("card", ()) if wanted and normal(title) == wanted), "")


def _by_kind(ctx: Ctx, message: Message) -> str:
    handler = ctx.bot.kinds.get(message.kind)
    if handler is not None:
        handler(ctx)
        return f"on:{message.kind}"
    if message.kind in _SILENT:
        return "silent"
    if message.kind in _HEARD:
        return _unsupported(ctx)
    if ctx.first:
        reserved.menu(ctx)
        return "menu"
    return _unknown(ctx)


def _unsupported(ctx: Ctx) -> str:
    """A voice note or video, said once per ten minutes, then silence."""
    if ctx.now.timestamp() - float(ctx.own.get("media_at", 0)) < limits.UNKNOWN_EVERY_S:
        return "silent"
    ctx.say("media_unsupported")
    ctx.own["media_at"] = ctx.now.timestamp()
    return "media_unsupported"


def _unknown(ctx: Ctx) -> str:
    """Nothing matched, said once per ten minutes, then silence."""
    last = ctx.turn.last_unknown_at
    if last is not None and ctx.now - last < timedelta(seconds=limits.UNKNOWN_EVERY_S):
        return "silent"
    ctx.say("unknown")
    ctx.out = replace(ctx.out, seen_unknown_at=ctx.now)
    return "unknown"
