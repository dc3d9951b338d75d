"""How fast: a bucket per number (throughput) and one per pair of number and contact, and holds after throttling.

Source: Meta, "Throughput" (80 messages a second, 20 under coexistence) and "Pair rate limits" (one message in six
seconds; a burst of 45 borrows from the future). The buckets are this process's own: with several senders Meta's
throttling errors are the common measure. All times are seconds of the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass

NUMBER_RATE = 80.0
COEXISTENCE_RATE = 20.0
PAIR_INTERVAL = 6.0
PAIR_BURST = 45
HOLD_FIRST, HOLD_LONGEST = 1.0, 60.0
FORGET_ABOVE = 10_000
ROUNDING = 1e-6


@dataclass(slots=True)
class Bucket:
    """A token bucket as one moment: `full_at` is when it would be full again (generic cell rate algorithm)."""

    interval: float
    burst: int
    full_at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until a message may go; 0.0 means now."""
        wait = self.full_at - now - self.interval * (self.burst - 1)
        return wait if wait > ROUNDING else 0.0

    def take(self, now: float) -> None:
        """Count a message."""
        self.full_at = max(self.full_at, now) + self.interval

    def drain(self, now: float) -> None:
        """The platform says the allowance is used up: from now on one message per interval."""
        self.full_at = now + self.interval * self.burst


class PairPace:
    """The pairs this process sends to, by conversation. A pair at rest is not remembered."""

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}
        self._forget_above = FORGET_ABOVE

    def wait(self, conversation_id: int, now: float) -> float:
        """Seconds until this conversation may have a message."""
        bucket = self._buckets.get(conversation_id)
        return bucket.wait(now) if bucket else 0.0

    def take(self, conversation_id: int, now: float) -> None:
        """Count a message."""
        bucket = self._bucket(conversation_id, now)
        bucket.take(now)
        if bucket.wait(now):
            # Empty: a full interval until the next one, since the moment the platform counts is not ours.
            bucket.drain(now)

    def throttled(self, conversation_id: int, now: float) -> None:
        """The platform refused a message for pair rate."""
        self._bucket(conversation_id, now).drain(now)

    def _bucket(self, conversation_id: int, now: float) -> Bucket:
        bucket = self._buckets.get(conversation_id)
        if bucket is None:
            if len(self._buckets) >= self._forget_above:
                self._buckets = {key: known for key, known in self._buckets.items() if known.full_at > now}
                # Twice what is left: the work of forgetting stays in proportion to the work done.
                self._forget_above = max(FORGET_ABOVE, 2 * len(self._buckets))
            bucket = self._buckets[conversation_id] = Bucket(PAIR_INTERVAL, PAIR_BURST)
        return bucket


@dataclass(slots=True)
class NumberPace:
    """One number: its bucket, how many sends are under way, and a hold after throttling."""

    bucket: Bucket
    cap: int
    """Most sends under way at once, so that one number cannot take all places."""
    under_way: int = 0
    held_until: float = 0.0
    hold: float = 0.0
    queue_ends_at: float = 0.0
    """When the last message sent back to wait is planned to go."""

    @classmethod
    def of(cls, *, is_coexistence: bool, cap: int) -> NumberPace:
        """The pace of a fresh number."""
        rate = COEXISTENCE_RATE if is_coexistence else NUMBER_RATE
        return cls(Bucket(1 / rate, int(rate)), cap)

    def wait(self, now: float) -> float:
        """Seconds until this number may send again; 0.0 means now."""
        if now < self.held_until:
            return self._queue(self.held_until, now)
        wait = self.bucket.wait(now)
        if wait > 0 or self.under_way >= self.cap:
            return self._queue(now + wait, now)
        return 0.0

    def start(self, now: float) -> None:
        """A send begins."""
        self.bucket.take(now)
        self.under_way += 1

    def succeeded(self) -> None:
        """The platform took a message."""
        self.hold = 0.0

    def throttled(self, now: float, retry_after: float | None) -> float:
        """The platform refused for rate: hold the number, longer each time. Returns the seconds of the hold."""
        if now >= self.held_until:
            self.hold = min(max(self.hold * 2, HOLD_FIRST), HOLD_LONGEST)
            self.held_until = now + max(self.hold, retry_after or 0.0)
            self.bucket.drain(self.held_until)
        elif retry_after and now + retry_after > self.held_until:
            self.held_until = now + retry_after
        return self._queue(self.held_until, now)

    def is_idle(self, now: float) -> bool:
        """Whether nothing needs to be remembered."""
        return self.under_way == 0 and max(self.bucket.full_at, self.held_until, self.queue_ends_at) <= now

    def _queue(self, earliest: float, now: float) -> float:
        """Plan a waiting message behind the others that wait, at the number's rate."""
        self.queue_ends_at = max(self.queue_ends_at, earliest) + self.bucket.interval
        return self.queue_ends_at - now


class NumberPaces:
    """The numbers this process sends from. A number at rest is not remembered."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._paces: dict[int, NumberPace] = {}
        self._forget_above = FORGET_ABOVE

    def of(self, number_id: int, *, is_coexistence: bool, now: float) -> NumberPace:
        """The pace of a number."""
        pace = self._paces.get(number_id)
        if pace is None:
            if len(self._paces) >= self._forget_above:
                self._paces = {key: known for key, known in self._paces.items() if not known.is_idle(now)}
                self._forget_above = max(FORGET_ABOVE, 2 * len(self._paces))
            pace = self._paces[number_id] = NumberPace.of(is_coexistence=is_coexistence, cap=self._cap)
        return pace
