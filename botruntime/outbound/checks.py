"""Whether a claimed message may go now: everything that can have changed since it was put into the outbox.

`before` returns what stands against it, or None. The order is from what ends the message to what only delays it.
"""

from __future__ import annotations

from datetime import timedelta

from botruntime.outbound import ambiguous, refusals, window
from botruntime.outbound.claim import Claimed
from botruntime.outbound.results import PARKED_FOR, Result

EXPIRES = timedelta(hours=24).total_seconds()
ATTEMPTS_MOST = 40
"""However a message was held up: after so many claims it ends, and a person can see why."""
RUNNING = frozenset({"active", "draining"})


def before(row: Claimed) -> Result | None:
    """The rule that keeps `row` from being sent now, as its result; None if it may go (pacing aside)."""
    return _ended(row) or _bot_gone(row) or _contact_unwilling(row) or _number_away(row) or _window_closed(row)


def end(row: Claimed, state: str, reason: str) -> Result:
    """The message ends here, unsent."""
    return Result(row.id, row.token, row.conversation_id, state, reason, counts=False)


def park(row: Claimed, reason: str = refusals.PARKED) -> Result:
    """The message waits until its number is connected again."""
    delay = PARKED_FOR.total_seconds()
    return Result(row.id, row.token, row.conversation_id, "queued", reason, delay=delay, counts=False, parked=True)


def postpone(row: Claimed, delay: float, reason: str) -> Result:
    """The message comes up again in `delay` seconds, as if it had not been looked at."""
    return Result(row.id, row.token, row.conversation_id, "queued", reason, delay=delay, counts=False)


def _ended(row: Claimed) -> Result | None:
    if not ambiguous.may_resend(row.was, row.lost):
        return end(row, "failed", refusals.LOST)
    if row.attempts > ATTEMPTS_MOST:
        return end(row, "failed", refusals.TOO_OFTEN)
    if row.age > EXPIRES:
        return end(row, "refused", refusals.EXPIRED)
    return None


def _bot_gone(row: Claimed) -> Result | None:
    """Only what a bot wrote is bound to its installation as it was."""
    if row.author != "bot" or row.installation_state is None:
        return None
    if row.installation_state not in RUNNING:
        return end(row, "cancelled", refusals.NOT_ACTIVE)
    if row.generation is not None and row.generation != row.installation_generation:
        return end(row, "cancelled", refusals.GENERATION)
    return None


def _contact_unwilling(row: Claimed) -> Result | None:
    if row.has_opted_out and row.policy == "notice":
        return end(row, "refused", refusals.OPTED_OUT)
    return None


def _number_away(row: Claimed) -> Result | None:
    if row.number_state == "released":
        return end(row, "cancelled", refusals.RELEASED)
    return None if row.number_state == "live" else park(row)


def _window_closed(row: Claimed) -> Result | None:
    """Outside the window only an approved message template may go, and none is known as approved."""
    return None if window.is_open(row.last_inbound_at, row.now) else end(row, "refused", refusals.NO_WINDOW)
