"""DATA: what is held about a contact, a copy of it, and its erasure (Indonesia's personal data law, UU 27/2022)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from botruntime.sdk import limits
from botruntime.sdk.context import Ctx
from botruntime.sdk.contract import Record
from catalog.manifest.model import Collection

_PART = 3500
"""Characters of records in one message of the copy."""


def count(ctx: Ctx) -> int:
    """How many records are about this contact."""
    return sum(ctx.pending.count(held.name, contact=ctx.contact.code) for held in ctx.bot.manifest.data.collections)


def export(ctx: Ctx) -> None:
    """Answer with a copy of what is held; at most as many messages as one turn may send."""
    who = ctx.contact
    address = who.phone or (f"@{who.username}" if who.username else who.code)
    ctx.out = replace(ctx.out, export=True)
    ctx.say("data_copy", waktu=ctx.when(ctx.now), nama=who.name or "-", id=address, bahasa=ctx.language)
    for held, records in _held(ctx):
        for part in _parts([_line(ctx, record) for record in records]):
            if len(ctx.out.replies) < limits.REPLIES_PER_TURN:
                ctx.say("data_copy_part", bagian=held.label.text(ctx.language), n=len(records), isi=part)


def erase(ctx: Ctx) -> None:
    """Delete the contact's records, empty the personal fields of those that must be kept, and answer what stays."""
    language = ctx.language
    left = forget(ctx)
    ctx.say("data_erased", sisa=", ".join(left) or ctx.bot.texts.get(language, "data_none").body)
    ctx.out = replace(ctx.out, erase=True)


def forget(ctx: Ctx) -> list[str]:
    """Erase without an answer (also used when the owner erases); returns what had to be kept, for people to read."""
    if "on_erase" in ctx.bot.hooks:
        ctx.bot.hooks["on_erase"](ctx)
    left = []
    for held, records in _held(ctx):
        if held.keep:
            left.append(f"{held.label.text(ctx.language)} ({len(records)})")
        for record in records:
            if held.keep:
                ctx.pending.update(record, {**record.data, **dict.fromkeys(held.pii)})
            else:
                ctx.pending.delete(held.name, record.code)
    ctx.state.clear()
    ctx.own.clear()
    ctx.asking = None
    return left


def _held(ctx: Ctx) -> Iterator[tuple[Collection, list[Record]]]:
    for held in ctx.bot.manifest.data.collections:
        records = ctx.pending.find(held.name, contact=ctx.contact.code)
        if records:
            yield held, records


def _line(ctx: Ctx, record: Record) -> str:
    values = "; ".join(f"{name}: {_shown(value)}" for name, value in record.data.items() if value not in (None, ""))
    return limits.clip(f"- {ctx.when(record.created_at)}: {values}", _PART)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _parts(lines: list[str]) -> Iterator[str]:
    part = ""
    for line in lines:
        if part and len(part) + len(line) > _PART:
            yield part
            part = ""
        part = f"{part}\n{line}" if part else line
    yield part
