"""One event of a claimed conversation: who answers it, and what that comes to. Touches no database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from botruntime.hosting.base import Host, NotRunnable
from botruntime.inbound.payload import Malformed, message_of
from botruntime.models import EventKind, EventState, Mode
from botruntime.sdk import reserved
from botruntime.sdk.contract import (
    Asking,
    BotError,
    Business,
    Contact,
    Installation,
    Message,
    Outcome,
    SetTimer,
    TimerFired,
    Turn,
)
from botruntime.turns import guard, handover
from botruntime.turns.batch import Bound, Claimed, Ended, Planned, Told, Waiting
from botruntime.turns.shelf import Shelf

log = structlog.get_logger(__name__)

PAUSED_EVERY = timedelta(hours=24)
FALLBACK_EVERY = timedelta(minutes=10)
# What nobody expects an answer to.
SILENT_KINDS = frozenset({"reaction", "edit", "revoke", "system"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What turns need beside the conversation. ``now`` is business time, ``real_now`` the database's clock."""

    now: datetime
    real_now: datetime
    hosts: Mapping[str, Host]
    shelf: Callable[[int], Shelf]
    turns_per_minute: int
    human_minutes: int


def take(claimed: Claimed, event: Waiting, setting: Setting) -> None:
    """Work off ``event``. Afterwards it has an end among the effects.

    Raises ``Conflict`` when the conversation has to be loaded and run again, by itself.
    """
    handover.end_when_due(claimed, setting.now)
    if event.kind == EventKind.ECHO:
        handover.take_over_by_phone(claimed, setting.now, setting.human_minutes)
        _end(claimed, event)
    elif event.kind == EventKind.TIMER:
        _timer(claimed, event, setting)
    else:
        _message(claimed, event, setting)


def fail(claimed: Claimed, event: Waiting, setting: Setting, reason: str, error: str) -> None:
    """The bot broke over ``event``: it is parked, the contact gets a polite word, owner and developer are told."""
    log.warning("bot failed", conversation=claimed.id, inbound_event=event.id, reason=reason, error=error)
    _end(claimed, event, EventState.PARKED, reason)
    if (
        event.kind == EventKind.MESSAGE
        and claimed.mode == Mode.BOT
        and _is_over(claimed.fallback_told_at, FALLBACK_EVERY, setting.now)
    ):
        claimed.fallback_told_at = setting.now
        _say(claimed, event, "failed")
    bound = claimed.place.bound
    claimed.effects.told.append(
        Told("bot_failed", {"bot": bound.bot if bound else "", "reason": f"{reason}: {error}"}, to_developer=True)
    )


def _message(claimed: Claimed, event: Waiting, setting: Setting) -> None:
    try:
        message = message_of(event.raw).message
    except Malformed:
        return _end(claimed, event, EventState.PARKED, "malformed")
    if event.sent_at and message.kind != "system":
        # A stamp from the future would keep the window open beyond what the platform grants.
        sent_at = min(event.sent_at, setting.now)
        claimed.last_inbound_at = max(filter(None, (claimed.last_inbound_at, sent_at)))
    reason = _nobody_answers(claimed, setting)
    if reason is not None:
        if reason == "paused" and message.kind not in SILENT_KINDS:
            _tell_paused(claimed, event, setting.now)
        return _end(claimed, event, EventState.IGNORED, reason)
    return _run(claimed, event, message, setting)


def _timer(claimed: Claimed, event: Waiting, setting: Setting) -> None:
    """A timer counts only for the installation that set it, and only if nothing earlier called it off."""
    due, bound = claimed.due.get(event.id), claimed.place.bound
    if due is None or due.state != "due" or (due.name, due.key) in claimed.effects.timers:
        return _end(claimed, event, EventState.IGNORED, "timer_off")
    if bound is None or bound.id != due.installation_id:
        claimed.effects.called_off.append(due.id)
        return _end(claimed, event, EventState.IGNORED, "timer_off")
    if _nobody_answers(claimed, setting) is not None:
        claimed.effects.postponed.append(due.id)
        return _end(claimed, event, EventState.IGNORED, "paused")
    claimed.effects.fired.append(due.id)
    fired = TimerFired(id=str(due.code), name=due.name, key=due.key, at=due.due_at, data=due.data)
    return _run(claimed, event, fired, setting)


def _nobody_answers(claimed: Claimed, setting: Setting) -> str | None:
    """Why no bot gets this event; None when one does."""
    bound = claimed.place.bound
    if claimed.place.number_state != "live":
        return "number_not_live"
    if bound is None:
        return "no_bot"
    if bound.state != "active":
        return "paused"
    return "loop" if guard.is_silenced(claimed, setting.real_now) else None


def _run(claimed: Claimed, event: Waiting, happened: Message | TimerFired, setting: Setting) -> None:
    bound = claimed.place.bound
    assert bound is not None
    if claimed.installation_id != bound.id:
        claimed.state, claimed.asking, claimed.last_unknown_at = {}, None, None
    shelf = setting.shelf(bound.id)
    mark = shelf.mark()
    try:
        host = setting.hosts.get(bound.hosting)
        if host is None:
            raise NotRunnable(bound.hosting)
        outcome = host.run(bound.bot, _turn(claimed, bound, happened, setting.now), shelf)
    except BotError as error:
        shelf.put_back(mark)
        return fail(claimed, event, setting, "bot_failed", type(error.__cause__ or error).__name__)
    except NotRunnable:
        return fail(claimed, event, setting, "not_runnable", bound.hosting)
    _absorb(claimed, event, outcome, bound, setting)
    return _end(claimed, event, handled=outcome.handled[:120])


def _turn(claimed: Claimed, bound: Bound, happened: Message | TimerFired, now: datetime) -> Turn:
    person, place = claimed.contact, claimed.place
    business = Business(name=place.business_name, zone=place.zone, language=bound.language)
    phone = f"+{person.wa_id}" if person.wa_id and "phone" in bound.permissions else None
    return Turn(
        installation=Installation(str(bound.code), bound.version, business, bound.settings),
        event=happened,
        now=now,
        contact=Contact(str(person.code), person.name, person.username, phone, person.language),
        state=claimed.state,
        asking=Asking.from_dict(claimed.asking) if claimed.asking else None,
        mode=Mode(claimed.mode).value,
        first=claimed.installation_id != bound.id,
        last_unknown_at=claimed.last_unknown_at,
    )


def _absorb(claimed: Claimed, event: Waiting, outcome: Outcome, bound: Bound, setting: Setting) -> None:
    """The outcome's wishes become effects, and the conversation goes on from its state."""
    effects = claimed.effects
    claimed.installation_id, claimed.state = bound.id, outcome.state
    claimed.asking = outcome.asking.to_dict() if outcome.asking else None
    claimed.last_unknown_at = outcome.seen_unknown_at or claimed.last_unknown_at
    handover.follow(claimed, outcome, setting.now)
    is_answer = event.kind == EventKind.MESSAGE
    for reply in outcome.replies:
        effects.planned.append(Planned(reply, event.id, policy="reply" if is_answer and not reply.to else "notice"))
    effects.planned += [Planned(reply, event.id, policy="notice", is_held=True) for reply in outcome.held]
    for wish in outcome.timers:
        effects.timers[wish.name, wish.key] = wish if isinstance(wish, SetTimer) else None
    effects.told += [Told(notice.kind, dict(notice.params)) for notice in outcome.notices]
    if outcome.replies and is_answer:
        guard.count(claimed, setting.real_now, setting.turns_per_minute)
    _absorb_wishes_of_contact(claimed, outcome)


def _absorb_wishes_of_contact(claimed: Claimed, outcome: Outcome) -> None:
    effects, contact = claimed.effects, claimed.contact
    if outcome.opt_out or outcome.opt_in:
        effects.opted = "in" if outcome.opt_in else "out"
    if outcome.language:
        contact.language = outcome.language
    if outcome.export:
        effects.journal.append(("contact.exported", {}))
    if outcome.erase:
        effects.is_erased = True
        effects.journal.append(("contact.erased", {}))
        contact.name, contact.username, contact.language = "", None, None


def _tell_paused(claimed: Claimed, event: Waiting, now: datetime) -> None:
    if claimed.mode == Mode.BOT and _is_over(claimed.paused_told_at, PAUSED_EVERY, now):
        claimed.paused_told_at = now
        _say(claimed, event, "paused")


def _say(claimed: Claimed, event: Waiting, key: str) -> None:
    """The house speaks, not the bot."""
    reply = reserved.common(claimed.language, key, usaha=claimed.place.business_name)
    claimed.effects.planned.append(Planned(reply, event.id, author="system"))


def _is_over(since: datetime | None, span: timedelta, now: datetime) -> bool:
    return since is None or now - since >= span


def _end(
    claimed: Claimed,
    event: Waiting,
    state: EventState = EventState.DONE,
    reason: str | None = None,
    handled: str | None = None,
) -> None:
    claimed.effects.ended.append(Ended(event.id, event.received_at, state, reason, handled))
