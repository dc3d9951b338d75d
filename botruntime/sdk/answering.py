"""The open question: reading the answer, asking again, giving up, running out of time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from botruntime.sdk import parsing
from botruntime.sdk.context import Ctx
from botruntime.sdk.contract import Asking, Message, TimerFired
from botruntime.sdk.reserved import drop_question


def is_choice(asking: Asking | None, payload: str) -> bool:
    """Whether a press answers the open question."""
    return asking is not None and any(payload == key for key, _ in asking.choices)


def press(ctx: Ctx, asking: Asking, payload: str) -> str:
    """A button of the question: a `choice` gets its id, every other input the meaning of its title."""
    title = dict(asking.choices)[payload]
    value = payload if asking.input == "choice" else _read(ctx, asking, title)
    return _accept(ctx, asking, title if value is None else value)


def hear(ctx: Ctx, asking: Asking, message: Message) -> str:
    """A typed answer, or a shared contact card where a phone number was asked for."""
    value = _read(ctx, asking, _said(asking, message))
    if value is not None:
        return _accept(ctx, asking, value)
    if asking.tries >= asking.retries:
        drop_question(ctx)
        ctx.say("unknown")
        ctx.out = replace(ctx.out, seen_unknown_at=ctx.now)
        return f"given-up:{asking.step}"
    ctx.asking = replace(asking, tries=asking.tries + 1)
    repeat(ctx, asking)
    return f"again:{asking.step}"


def repeat(ctx: Ctx, asking: Asking) -> None:
    """Say what kind of answer fits, with the question's own buttons."""
    ctx.say(f"invalid_{asking.input}", buttons=asking.choices)


def again(ctx: Ctx, asking: Asking) -> None:
    """Say the question itself again."""
    ctx.say(asking.key, buttons=asking.choices, **asking.fill)


def expire(ctx: Ctx, timer: TimerFired) -> str:
    """The question's time is up: drop it, and call `on_timeout` when the author named a step."""
    asking = ctx.asking
    if asking is None or asking.step != timer.data.get("step") or not asking.expires_at:
        return "timer:late"
    if asking.expires_at > ctx.now:
        return "timer:late"
    ctx.asking = None
    if asking.on_timeout in ctx.bot.steps:
        ctx.bot.steps[asking.on_timeout](ctx, None, **asking.params)
    return f"timeout:{asking.step}"


def _accept(ctx: Ctx, asking: Asking, value: Any) -> str:
    drop_question(ctx)
    if asking.step not in ctx.bot.steps:  # the question was asked by a version that had this step
        ctx.say("unknown")
        return "step:gone"
    ctx.bot.steps[asking.step](ctx, value, **asking.params)
    return f"step:{asking.step}"


def _read(ctx: Ctx, asking: Asking, text: str) -> Any:
    return parsing.read(asking.input, text, ctx.local.date(), asking.choices)


def _said(asking: Asking, message: Message) -> str:
    if asking.input == "phone" and message.contacts:
        phones = message.contacts[0].get("phones") or [""]
        return str(phones[0])
    return message.text
