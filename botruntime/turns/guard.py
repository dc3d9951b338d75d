"""Two machines that answer each other must come to rest: at a certain pace the bot falls silent (fault F32)."""

from datetime import datetime, timedelta

from botruntime.turns.batch import Claimed, Told

WINDOW = timedelta(minutes=1)
# Between two numbers of ours even a slow exchange is a loop.
MACHINE_WINDOW, MACHINE_TURNS = timedelta(hours=1), 10
SILENCE = timedelta(minutes=10)


def is_silenced(claimed: Claimed, real_now: datetime) -> bool:
    """Whether the contact is not answered for now."""
    return claimed.silenced_until is not None and claimed.silenced_until > real_now


def count(claimed: Claimed, real_now: datetime, turns_per_minute: int) -> None:
    """Note an answered turn; at the limit fall silent and tell the owner."""
    is_machine = claimed.contact.is_machine
    window, limit = (MACHINE_WINDOW, MACHINE_TURNS) if is_machine else (WINDOW, turns_per_minute)
    if claimed.burst_began_at is None or real_now - claimed.burst_began_at > window:
        claimed.burst_began_at, claimed.burst_turns = real_now, 0
    claimed.burst_turns += 1
    if claimed.burst_turns >= limit:
        claimed.burst_began_at, claimed.burst_turns = None, 0
        claimed.silenced_until = real_now + SILENCE
        claimed.effects.told.append(Told("loop_stopped", {"turns": limit}))
