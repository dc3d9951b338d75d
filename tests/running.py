"""A whole copy of Pasarbot as a real process, for tests that need all of it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import uuid4

from scripts.ports import Ports, free_together
from tests.source import ROOT

MARK = "PASARBOT_TEST_MARK"
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "META_APP_ID", "META_APP_SECRET", "STORE_URL", "MAIL_URL")


@dataclass
class Copy:
    """`./run` without the shell in front: start, look, stop, kill. Every process of it carries a mark in its
    environment, so that none can hide."""

    data: Path
    ports: Ports = field(default_factory=free_together)
    extra: dict[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid4().hex)
    known: set[tuple[int, str]] = field(default_factory=set)
    process: "subprocess.Popen[str] | None" = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.data.with_name(self.data.name + ".out")

    @property
    def store(self) -> str:
        return f"http://localhost:{self.ports.store}"

    @property
    def door(self) -> str:
        return f"http://localhost:{self.ports.door}"

    @property
    def emulator(self) -> str:
        return f"http://localhost:{self.ports.emulator}"

    @property
    def pages(self) -> str:
        return f"http://localhost:{self.ports.pages}"

    def launch(self, *arguments: str) -> Self:
        """Start without waiting."""
        env = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        argv = [sys.executable, "-P", "-m", "scripts.launcher", "--data", str(self.data)]
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [*argv, "--port", str(self.ports.base), *arguments],
                cwd=ROOT,
                env=env | self.extra | {MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return self

    def start(self, seconds: float = 60) -> Self:
        """Start and wait until it says that it is ready."""
        self.launch()
        self.wait_for_words("Ctrl-C stops everything", seconds)
        return self

    def wait_for_words(self, words: str, seconds: float = 30) -> None:
        assert self.process is not None
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.process.poll() is None, f"ended before it said {words!r}:\n{self.said()}"
            assert time.monotonic() < deadline, f"did not say {words!r} in {seconds} s:\n{self.said()}"
            time.sleep(0.05)

    def said(self) -> str:
        return self.output.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 40) -> int:
        """Send a signal and wait; the exit status."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(seconds)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end()

    def settings(self) -> dict[str, str]:
        """What the processes were told, as the `pasarbot` command finds it."""
        found: dict[str, str] = json.loads((self.data / "run.json").read_text())["environment"]
        return found

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`pasarbot` beside the running copy."""
        argv = [sys.executable, "-P", "-m", "scripts.command", "--data", str(self.data), *arguments]
        env = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)

    def living(self) -> dict[int, str]:
        """Pid and command line of every process of this copy that lives, the supervisor's included."""
        self.children()
        found: dict[int, str] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_marked = f"{MARK}={self.mark}".encode() in (folder / "environ").read_bytes()
                if is_marked or (int(folder.name), born(folder)) in self.known:
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return {pid: line for pid, line in found.items() if line}

    def children(self) -> dict[int, str]:
        """The direct children of the supervisor. They are remembered: Valkey writes its title over its environment,
        mark and all."""
        assert self.process is not None
        found: dict[int, str] = {}
        with suppress(OSError):
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
                folder = Path("/proc") / pid
                self.known.add((int(pid), born(folder)))
                found[int(pid)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return {pid: line for pid, line in found.items() if line}

    def wait_until_gone(self, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while self.living():
            assert time.monotonic() < deadline, f"still there: {self.living()}"
            time.sleep(0.05)


def born(folder: Path) -> str:
    """When the process of ``/proc/PID`` began: with the pid it names one process for good."""
    return (folder / "stat").read_text().rpartition(")")[2].split()[19]


def answers(url: str) -> bool:
    """Whether ``url`` answers 200."""
    with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False
