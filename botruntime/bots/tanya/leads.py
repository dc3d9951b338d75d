"""A lead: the questions of the settings table `form_prospek`, one after the other, saved once."""

from __future__ import annotations

from typing import Any

from botruntime.bots.tanya import desk
from botruntime.sdk import Ctx

TIMEOUT = "12h"
_TEXTS = {"nama": "lead_name", "kebutuhan": "lead_need", "kapan": "lead_when"}
_LABELS = {"nama": "label_name", "kebutuhan": "label_need", "kapan": "label_when"}
_INPUTS = {"nama": "name", "telepon": "phone", "email": "email"}


def begin(ctx: Ctx) -> None:
    """Ask the first question."""
    ask(ctx, 0, {})


def ask(ctx: Ctx, place: int, answers: dict[str, str]) -> None:
    """Ask question `place`, or save the lead when there is none left."""
    form = ctx.settings["form_prospek"]
    if place >= len(form):
        save(ctx, answers)
        return
    kind = form[place]["jenis"]
    params = {"place": place, "answers": answers, "label": label(ctx, form[place])}
    input_kind: Any = _INPUTS.get(kind, "text")
    key = _TEXTS.get(kind) if not form[place].get("pertanyaan") or kind == "kapan" else None
    fill: dict[str, Any] = {} if key else {"pertanyaan": form[place].get("pertanyaan") or label(ctx, form[place])}
    ctx.ask(key or "text_question", step="lead_answer", input=input_kind, timeout=TIMEOUT, params=params, **fill)


def label(ctx: Ctx, field: dict[str, Any]) -> str:
    """What the answer is called in the owner's list."""
    kind = field["jenis"]
    return ctx.t(_LABELS[kind]) if kind in _LABELS else str(field.get("pertanyaan") or kind)


def save(ctx: Ctx, answers: dict[str, str]) -> None:
    """Keep the lead once, tell the owner if wished, thank the contact."""
    source = ctx.state.pop("asal", {})
    ctx.table("prospek").insert(
        fields=answers, sumber=source.get("source", "chat"), iklan=source.get("id", ""), state="baru"
    )
    if "email" in ctx.settings["tujuan_prospek"]:
        who = ctx.contact
        ctx.notify_staff(
            "lead_received",
            contact=who.name,
            username=who.username,
            phone=who.phone,
            fields=answers,
            source=source.get("source", "chat"),
        )
    name = answers.get(ctx.t("label_name")) or ctx.contact.name
    ctx.say("lead_ok", nama=name, kapan=desk.when_answered(ctx))
