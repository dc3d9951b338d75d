"""What happens in the world, told to everyone who listens: the phones' live stream."""

import asyncio
import threading
import time
from collections import deque
from typing import Any

REMEMBERED = 2000


class Listener:
    """One open stream: a queue in the loop that serves it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.queue: asyncio.Queue[tuple[int, dict[str, Any]] | None] = asyncio.Queue()  # None: the stream ends
        self._loop = loop

    def tell(self, numbered: tuple[int, dict[str, Any]]) -> None:
        """Queue one event from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.queue.put_nowait, numbered)


class Hub:
    """Numbers events, remembers the last ones, tells the listeners."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = int(time.time() * 1000)  # so that a number of an earlier process is known to be old
        self._memory: deque[tuple[int, dict[str, Any]]] = deque(maxlen=REMEMBERED)
        self._listeners: set[Listener] = set()

    def publish(self, event: dict[str, Any]) -> None:
        """Tell everyone; from any thread."""
        with self._lock:
            self._last += 1
            numbered = (self._last, event)
            self._memory.append(numbered)
            for listener in self._listeners:
                listener.tell(numbered)

    def join(self, listener: Listener, after: int | None) -> list[tuple[int, dict[str, Any]]]:
        """Start listening; the events since number ``after``, or a ``resync`` when they are forgotten."""
        with self._lock:
            self._listeners.add(listener)
            if after is None or after == self._last:
                return []
            oldest = self._memory[0][0] if self._memory else self._last + 1
            if after > self._last or after < oldest - 1:
                return [(self._last, {"type": "resync"})]
            return [numbered for numbered in self._memory if numbered[0] > after]

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        with self._lock:
            self._listeners.discard(listener)
