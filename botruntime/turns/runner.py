"""Running the bots of a batch in a thread beside the event loop, and leaving behind the one that does not come back.

A thread hop per turn would cost more than the turn, so a whole batch goes over at once. When one bot is slow the loop
takes the finished part and moves the rest to a fresh thread; the slow one has until its deadline.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from queue import SimpleQueue
from time import monotonic
from typing import Any

from psycopg import Connection, connect

from botruntime.turns.batch import Claimed, Waiting
from botruntime.turns.claims import APPLICATION

Work = Callable[[Claimed, Waiting, "Reader"], None]
SLOW_SECONDS = 0.1


@dataclass(slots=True)
class Reader:
    """The thread's own connection for what bots look up; opened when the first of them asks."""

    dsn: str
    _connection: Connection[Any] | None = None

    def connect(self) -> Connection[Any]:
        """A connection that commits each read by itself."""
        if self._connection is None or self._connection.closed:
            self._connection = connect(
                self.dsn, autocommit=True, application_name=f"{APPLICATION}-reader", options="-c statement_timeout=2000"
            )
        return self._connection

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()


@dataclass(eq=False)
class Job:
    """A batch on its way through a thread. ``position`` is the conversation worked on; ``error`` ended it early."""

    batch: Sequence[Claimed]
    work: Work
    position: int = 0
    began_at: float = field(default_factory=monotonic)
    error: BaseException | None = None
    _is_left: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def finished(self) -> asyncio.Event:
        """Set in the event loop once the thread is through with what it was left with."""
        return asyncio.Event()

    @property
    def stuck_for(self) -> float:
        """Seconds the conversation under way has taken so far."""
        return monotonic() - self.began_at

    def leave(self) -> int | None:
        """Take the rest away from the thread. Returns the position it still works on, None if it just got through."""
        with self._lock:
            self._is_left = True
            return self.position if self.position < len(self.batch) else None

    def run(self, reader: Reader) -> None:
        """Work off the batch in this thread until it is through, fails, or is left."""
        for claimed in self.batch:
            try:
                for event in claimed.events:
                    self.work(claimed, event, reader)
            except BaseException as error:  # noqa: BLE001 - carried over to the loop, which raises or judges it
                self.error = error
            with self._lock:
                self.position += 1
                self.began_at = monotonic()
                if self._is_left or self.error is not None:
                    return


class Runner:
    """Hands jobs to a thread. A thread that was left is given up; it ends by itself when its bot returns."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._queue: SimpleQueue[Job | None] | None = None
        self._lost: set[threading.Thread] = set()

    def submit(self, job: Job) -> None:
        """Start ``job``; ``job.finished`` tells when it is through."""
        assert job.finished is not None
        if self._queue is None:
            self._queue = self._open(asyncio.get_running_loop())
        self._queue.put(job)

    def abandon(self) -> None:
        """The current thread is stuck: the next job gets a new one."""
        if self._queue is not None:
            self._queue.put(None)
            self._queue = None

    @property
    def lost(self) -> int:
        """Threads that were given up and still have not come back."""
        self._lost = {thread for thread in self._lost if thread.is_alive()}
        return len(self._lost) - (self._queue is not None)

    def close(self) -> None:
        """End the thread once it is idle."""
        self.abandon()

    def _open(self, loop: asyncio.AbstractEventLoop) -> "SimpleQueue[Job | None]":
        queue: SimpleQueue[Job | None] = SimpleQueue()
        thread = threading.Thread(target=_serve, args=(queue, loop, self._dsn), name="turns", daemon=True)
        self._lost.add(thread)
        thread.start()
        return queue


def _serve(queue: "SimpleQueue[Job | None]", loop: asyncio.AbstractEventLoop, dsn: str) -> None:
    reader = Reader(dsn)
    while (job := queue.get()) is not None:
        job.run(reader)
        if not loop.is_closed():
            loop.call_soon_threadsafe(job.finished.set)
    reader.close()
