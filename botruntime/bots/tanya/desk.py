"""A person is wanted: in office hours the contact waits in line, outside the message is kept for the morning."""

from __future__ import annotations

from datetime import datetime, timedelta

from botruntime.sdk import Ctx, Record, formats, hours

OFFHOURS_EVERY = timedelta(hours=8)
SLA, CLOSE = "sla", "tutup"


def wanted(ctx: Ctx, note: str) -> None:
    """Call a person, with the contact's own words."""
    if ctx.mode == "queued":
        ctx.say("queue", n=place(ctx), menit=wait_minutes(ctx))
        return
    team = on_duty(ctx)
    if team is None:
        _keep(ctx, note)
    else:
        _queue(ctx, note, team)


def on_duty(ctx: Ctx) -> str | None:
    """The first team at work now; None outside hours. A team without hours of its own keeps the staff hours."""
    for team in ctx.settings["tim"]:
        if hours.is_open(team.get("jam") or ctx.settings["jam_staf"], ctx.local):
            return str(team["nama"])
    return None


def waiting(ctx: Ctx) -> Record | None:
    """This contact's open wish for a person."""
    return next(iter(ctx.table("percakapan").find(mine=True, state="menunggu", limit=1)), None)


def place(ctx: Ctx) -> int:
    """The contact's place in line, from 1."""
    line = ctx.table("percakapan").find(state="menunggu")
    mine = [number for number, record in enumerate(line, start=1) if record.contact == ctx.contact.code]
    return mine[0] if mine else len(line) + 1


def wait_minutes(ctx: Ctx) -> int:
    """A cautious guess: the promised answering time for everybody ahead and the contact."""
    return int(ctx.settings["sla_menit"]) * place(ctx)


def close(ctx: Ctx, how: str) -> None:
    """The wish is over: answered, given up or closed by time."""
    record = waiting(ctx)
    if record is not None:
        ctx.table("percakapan").update(record, state=how, ditutup=ctx.now.isoformat())
    ctx.cancel(SLA)
    ctx.cancel(CLOSE)


def when_answered(ctx: Ctx) -> str:
    """When somebody will be in touch: soon, or at the next opening."""
    table = ctx.settings["jam_staf"]
    opening = hours.next_open(table, ctx.local)
    if opening is None:
        return ctx.t("always_off")
    return ctx.t("when_soon") if opening == ctx.local else ctx.t("when_open", waktu=ctx.when(opening))


def _queue(ctx: Ctx, note: str, team: str) -> None:
    _note(ctx, note, team)
    ctx.handover(team, note)
    ctx.say("queue", n=place(ctx), menit=wait_minutes(ctx))
    ctx.after(timedelta(minutes=ctx.settings["sla_menit"]), SLA)
    ctx.after(timedelta(hours=ctx.settings["tutup_otomatis_jam"]), CLOSE)


def _keep(ctx: Ctx, note: str) -> None:
    """One `offhours` in eight hours; in between the message is simply asked for."""
    if _note(ctx, note):
        ctx.handover("", note, queue=False, in_hours=False)
    ctx.after(timedelta(hours=ctx.settings["tutup_otomatis_jam"]), CLOSE)
    said = ctx.state.get("offhours_at")
    if said and ctx.now - datetime.fromisoformat(said) < OFFHOURS_EVERY:
        ask_message(ctx)
        return
    ctx.state["offhours_at"] = ctx.now.isoformat()
    ctx.say("offhours", jam=schedule(ctx))
    ask_message(ctx, silent=True)


def schedule(ctx: Ctx) -> str:
    """`Sen-Sab 08.00-17.00 WIB`."""
    zone = formats.zone_label(ctx.business.zone, ctx.local)
    return f"{hours.shown(ctx.settings['jam_staf'], ctx.language)} {zone}"


def ask_message(ctx: Ctx, *, silent: bool = False) -> None:
    """The next text is the message left for the staff."""
    ctx.ask("lead_need", step="message_left", timeout=OFFHOURS_EVERY, silent=silent)


def keep_message(ctx: Ctx, text: str) -> None:
    """Add the words to the open wish; it is answered first at opening."""
    record = waiting(ctx)
    table = ctx.table("percakapan")
    if record is None:
        table.insert(state="menunggu", tim="", pesan=text, dibuka=ctx.now.isoformat())
    else:
        table.update(record, pesan="\n".join(filter(None, (record.data["pesan"], text)))[:4000])
    ctx.notify_staff("message_left", contact=ctx.contact.name, phone=ctx.contact.phone, message=text)
    ctx.say("lead_ok", nama=ctx.contact.name, kapan=when_answered(ctx))


def _note(ctx: Ctx, note: str, team: str = "") -> bool:
    """Write the wish down; False when it stands there already."""
    if waiting(ctx) is not None:
        return False
    ctx.table("percakapan").insert(state="menunggu", tim=team, pesan=note, dibuka=ctx.now.isoformat())
    return True
