"""Virtual time and the timers that hang on it."""

import heapq
import threading
import time
from collections.abc import Callable, Iterator

from botruntime.emulator.journal import Table
from botruntime.emulator.records import Meta, Timer


class Clock:
    """Real time plus an offset that only the control API moves, never backwards."""

    def __init__(self, meta: Table[Meta]) -> None:
        self._meta = meta

    @property
    def offset(self) -> float:
        """Seconds the virtual clock is ahead of the real one."""
        row = self._meta.get("clock_offset")
        return float(row.value) if row else 0.0

    def now(self) -> float:
        """Virtual unix seconds."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move ahead."""
        self._meta.put(Meta("clock_offset", self.offset + seconds))


class Timers:
    """Due things in order of their virtual time. All calls under the world's lock, except ``wait``."""

    def __init__(self, table: Table[Timer], clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._heap = [(timer.due, timer.id) for timer in table]
        heapq.heapify(self._heap)
        self._changed = threading.Condition()
        self._handlers: dict[str, Callable[[Timer], None]] = {}
        self._next = max((int(timer.id) for timer in table), default=0)

    def on(self, kind: str, handler: Callable[[Timer], None]) -> None:
        """Let ``handler`` be called with every due timer of that kind."""
        self._handlers[kind] = handler

    def set(self, due: float, kind: str, **data: object) -> Timer:
        """Make something due at a virtual time."""
        self._next += 1
        timer = self._table.put(Timer(str(self._next), due, kind, dict(data)))
        heapq.heappush(self._heap, (timer.due, timer.id))
        self.poke()
        return timer

    def __iter__(self) -> Iterator[Timer]:
        return iter(self._table)

    def clear(self) -> None:
        """Forget every timer."""
        self._table.clear()
        self._heap.clear()

    def run_due(self) -> int:
        """Call the handlers of all due timers, earliest first; the number of them."""
        done = 0
        while self._heap and self._heap[0][0] <= self._clock.now():
            _, timer_id = heapq.heappop(self._heap)
            timer = self._table.get(timer_id)
            if timer is None:
                continue
            self._table.remove(timer_id)
            self._handlers[timer.kind](timer)
            done += 1
        return done

    def poke(self) -> None:
        """Let ``wait`` look again."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, longest: float) -> None:
        """Sleep until something may be due, at most ``longest`` real seconds."""
        with self._changed:
            pause = longest if not self._heap else min(longest, self._heap[0][0] - self._clock.now())
            if pause > 0:
                self._changed.wait(pause)
