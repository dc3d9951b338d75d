"""Bot, queue, human: who speaks in a conversation."""

from datetime import datetime, timedelta

from botruntime.models import Mode
from botruntime.sdk.contract import Outcome
from botruntime.turns.batch import Claimed


def end_when_due(claimed: Claimed, now: datetime) -> None:
    """A takeover that has run out gives the conversation back to the bot."""
    if claimed.mode == Mode.HUMAN and claimed.human_until is not None and claimed.human_until <= now:
        claimed.mode, claimed.human_until = Mode.BOT, None


def take_over_by_phone(claimed: Claimed, now: datetime, minutes: int) -> None:
    """The owner wrote from the phone: the bot is silent from here on, for ``minutes`` after the last such message."""
    claimed.mode = Mode.HUMAN
    claimed.human_until = now + timedelta(minutes=minutes)
    claimed.handover_at = claimed.handover = None
    claimed.effects.is_silenced = True


def follow(claimed: Claimed, outcome: Outcome, now: datetime) -> None:
    """What the bot or a reserved word decided."""
    if outcome.mode is not None:
        claimed.mode, claimed.human_until = outcome.mode, None
        if outcome.mode == "bot":
            claimed.handover_at = claimed.handover = None
    if outcome.handover is not None:
        claimed.handover_at = now
        claimed.handover = {"team": outcome.handover.team, "note": outcome.handover.note}
