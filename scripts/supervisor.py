"""Keeps child processes up: starts them, restarts what crashed, ends everything in order, says plainly what happens."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Protocol, Self

from scripts.children import Exit, ServiceError, end, last_words, leashed, spawn
from scripts.programs import ROOT, Program

DELAYS = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds before the next try, while it keeps dying young
GROWN_UP = 30.0  # a process that lived this long starts again with the first delay
SETTLED = 0.5  # a process younger than this is not called up again: it may be failing just now
READY_SECONDS = 60.0
STOP_SECONDS = 8.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_BYTES = 5_000_000


class Stopped(BaseException):
    """Somebody asked us to end. Not an Exception: nothing on the way may swallow it."""


def say(text: str) -> None:
    """A line on the terminal, if there still is one: a closed terminal must not keep us from our work."""
    with contextlib.suppress(OSError):
        print(f"pasarbot: {text}", flush=True)


class Service(Protocol):
    """What the supervisor keeps up: PostgreSQL, Valkey, or one of our own programs."""

    name: str
    log: Path
    process: "subprocess.Popen[bytes] | None"

    def start(self) -> None:
        """Start it; raises ``ServiceError`` where it cannot."""

    def is_ready(self) -> bool: ...

    def stop(self) -> None: ...


class Running:
    """One of our own programs."""

    def __init__(self, program: Program, env: Mapping[str, str], logs: Path) -> None:
        self.name = program.name
        self.program = program
        self.env = env
        self.log = logs / f"{program.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._clear_away()
        argv = leashed(self.program.argv, death_signal=self.program.death_signal)
        self.process = spawn(argv, log=self.log, env=self.env, cwd=ROOT)

    def is_ready(self) -> bool:
        if self.program.ready is None:
            return True
        try:
            with urllib.request.urlopen(self.program.ready, timeout=2) as answer:  # noqa: S310 - our own http address
                return bool(answer.status == 200)
        except OSError:  # refused, reset, timed out, or an answer such as 503
            return False

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, with_signal=signal.SIGTERM, seconds=STOP_SECONDS)
            self._clear_away()

    def _clear_away(self) -> None:
        """End what a crashed process left behind (gunicorn's workers hold its port for a second)."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Kept:
    """A service with the history of its crashes."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.crashes = 0
        self.started_at = 0.0
        self.next_try_at: float | None = None
        self.given_up = False
        self.is_back = True

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.next_try_at = None
        self.service.start()

    def look(self) -> None:
        """Notice a crash, say so, restart when it is time."""
        process = self.service.process
        if self.given_up or process is None:
            return
        if self.next_try_at is None:
            code = process.poll()
            if code is not None:
                self._crashed(str(Exit(code)))
            elif not self.is_back and time.monotonic() > self.started_at + SETTLED and self.service.is_ready():
                self.is_back = True
                say(f"{self.service.name} is up again")
        elif time.monotonic() >= self.next_try_at:
            try:
                self.start()
            except ServiceError as error:
                self._crashed(str(error))

    def _crashed(self, how: str) -> None:
        if time.monotonic() - self.started_at > GROWN_UP:
            self.crashes = 0
        self.crashes += 1
        self.is_back = False
        if self.crashes > len(DELAYS):
            self.given_up = True
            tries = f"given up after {self.crashes} tries"
            say(f"{self.service.name} does not stay up ({how}): {tries}. {ending(self.service)}")
            say("the rest keeps running")
            return
        delay = DELAYS[self.crashes - 1]
        self.next_try_at = time.monotonic() + delay
        say(f"{self.service.name} ended ({how}), starting it again in {delay:g} s")


def ending(service: Service) -> str:
    """The end of a service's log: what a person needs to see, also where the folder is thrown away afterwards."""
    return f"The end of {service.log}:\n" + "\n".join(
        f"    {line}" for line in last_words(service.log, 12).splitlines()
    )


class Supervisor:
    """Owns the signals and the children of this process. Use from the main thread, as a context manager."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._rope.fileno(), warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, self._ask_to_end) for number in ENDING}
        # A handler that does nothing: with it, a child's end writes to the wake-up descriptor.
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def _ask_to_end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's shape
        self._ignore_further()
        raise Stopped

    @staticmethod
    def _ignore_further() -> None:
        """While we stop in order, an impatient second Ctrl-C changes nothing."""
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)

    def __exit__(self, *_: object) -> None:
        self._ignore_further()
        self.stop_all()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._bell.close()
        self._rope.close()

    def start(self, service: Service) -> None:
        """Start ``service`` and keep it up from now on."""
        kept = Kept(service)
        self.kept.append(kept)
        kept.start()

    def await_ready(self) -> None:
        """Wait until every program serves. Raises ``ServiceError`` naming the one that does not."""
        deadline = time.monotonic() + READY_SECONDS
        for running in self._programs():
            while not running.is_ready():
                self.look()
                if time.monotonic() > deadline or any(k.given_up for k in self.kept if k.service is running):
                    raise ServiceError(f"{running.name} does not answer. {ending(running)}")
                self._wait(0.05)

    def watch(self, until: Callable[[], bool]) -> None:
        """Restart what crashes, until ``until`` holds or somebody asks us to end (``Stopped``)."""
        while not until():
            self._wait(self._pause())
            self.look()

    def look(self) -> None:
        for kept in self.kept:
            kept.look()

    def _pause(self) -> float:
        """Seconds until the next restart is due; a child's end wakes us earlier."""
        due = [kept.next_try_at for kept in self.kept if kept.next_try_at is not None]
        return max(0.0, min([*due, time.monotonic() + 1.0]) - time.monotonic())

    def _wait(self, seconds: float) -> None:
        if select.select([self._bell], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                self._bell.recv(4096)

    def _programs(self) -> list[Running]:
        return [kept.service for kept in self.kept if isinstance(kept.service, Running)]

    def stop_all(self) -> None:
        """First who lets work in, then who does it, then the emulator, then Valkey and PostgreSQL."""
        programs = self._programs()
        for turn in sorted({running.program.turn for running in programs}):
            group = [running for running in programs if running.program.turn == turn]
            for running in group:
                running.ask_to_stop()
            for running in group:
                running.stop()
        for kept in reversed(self.kept):
            if not isinstance(kept.service, Running):
                kept.service.stop()
        self.kept.clear()


def rotate(logs: Path) -> None:
    """Put aside logs that grew long; one old one of each is kept."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
