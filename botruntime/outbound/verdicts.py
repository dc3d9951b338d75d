"""What the sender makes of a transport's error: again when, or the end, with the reason a person can read."""

from __future__ import annotations

import random
from typing import Any

from botruntime.outbound import ambiguous, checks, pacing, refusals
from botruntime.outbound.claim import Claimed
from botruntime.outbound.results import Result
from botruntime.transports.base import Action, TransportError

BACKOFF = (1.0, 2.0, 5.0, 15.0, 40.0, 90.0, 180.0)
"""Seconds before the next try after the first, second … failure."""
JITTER = 0.2
PAIR_LONGEST = 256.0


def after(row: Claimed, error: TransportError) -> Result:
    """The result of a failed send. Holding the number or the pair is the caller's business."""
    if error.kind is Action.RETRY:
        return _again(row, error)
    if error.kind is Action.UNSURE:
        return _result(row, "ambiguous", refusals.UNSURE, error, delay=ambiguous.WAIT_SECONDS, lost=True)
    if error.kind is Action.PACE_NUMBER:
        return _result(row, "queued", refusals.PACED_NUMBER, error, delay=error.retry_after or BACKOFF[0])
    if error.kind is Action.PACE_PAIR:
        return _result(row, "queued", refusals.PACED_PAIR, error, delay=pair_delay(row.attempts))
    if error.kind is Action.PARK:
        return checks.park(row)
    return _result(row, "failed", error.key, error)


def pair_delay(attempts: int) -> float:
    """Seconds after the pair rate was exceeded: Meta's 4^X, but never less than the rate itself allows."""
    return max(pacing.PAIR_INTERVAL, min(4.0 ** (attempts - 1), PAIR_LONGEST)) + random.uniform(0, JITTER)


def _again(row: Claimed, error: TransportError) -> Result:
    if row.attempts >= error.tries:
        return _result(row, "failed", error.key, error)
    pause = BACKOFF[min(row.attempts, len(BACKOFF)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return _result(row, "queued", refusals.LATER, error, delay=max(pause, error.retry_after or 0.0))


def _result(row: Claimed, state: str, reason: str, error: TransportError, **more: Any) -> Result:
    said = {"code": error.code, "title": "", "details": error.detail}
    if error.trace:
        said["trace"] = error.trace
    return Result(row.id, row.token, row.conversation_id, state, reason, said, **more)
