"""Real processes that are killed and come back."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Process:
    """One program; ``kill`` is -9 and starts it again at once."""

    argv: list[str]
    environment: dict[str, str]
    log: Path
    child: subprocess.Popen[bytes] | None = None
    deaths: int = field(default=0)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, *self.argv],
                cwd=ROOT,
                env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        assert self.child is not None
        assert self.child.poll() is None, f"died by itself: {self.log.read_text()[-2000:]}"
        self.child.kill()
        self.child.wait()
        self.deaths += 1
        self.start()

    def signal(self, number: signal.Signals) -> None:
        assert self.child is not None
        self.child.send_signal(number)

    def stop(self) -> int:
        """Ask it to end; returns its exit status."""
        assert self.child is not None
        with suppress(ProcessLookupError):
            self.child.terminate()
        try:
            return self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def until_ready(url: str, seconds: float = 30) -> None:
    """Until ``url`` answers 200."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=1).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"{url} did not become ready")
