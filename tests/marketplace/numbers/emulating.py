"""The emulator as a real process, and a hand on its control API."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.source import ROOT


@dataclass
class Emulator:
    """WhatsApp on localhost at ``url``."""

    url: str

    def control(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """One call of the control API."""
        data = json.dumps(body).encode() if body is not None else None
        verb = method or ("POST" if body is not None else "GET")
        request = Request(f"{self.url}/__ctl/{path}", data, {"Content-Type": "application/json"}, method=verb)
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def number(self, **wishes: Any) -> dict[str, str]:
        """A new number, verified and not registered: portfolio_id, waba_id, phone_number_id, display_phone_number."""
        made: dict[str, str] = self.control("numbers", wishes)
        return made

    def signup(self, **wishes: Any) -> dict[str, Any]:
        """As if somebody had walked the dialog: ``{"code", "event"}``."""
        done: dict[str, Any] = self.control("signup", wishes)
        return done

    def faults(self, **switches: Any) -> None:
        """Turn switches on, or off with None."""
        self.control("faults", switches)

    def state_of(self, phone_number_id: str) -> dict[str, Any]:
        """How Meta sees a number."""
        numbers: list[dict[str, Any]] = self.control("state")["numbers"]
        return next(row for row in numbers if row["id"] == phone_number_id)

    def waba(self, waba_id: str) -> dict[str, Any]:
        """How Meta sees a WABA."""
        wabas: list[dict[str, Any]] = self.control("state")["wabas"]
        return next(row for row in wabas if row["id"] == waba_id)

    def calls(self, path: str = "") -> list[dict[str, Any]]:
        """The Graph calls it got, oldest first."""
        found: list[dict[str, Any]] = self.control(f"requests?path={path}")["requests"]
        return found


@contextmanager
def running(port: int, data: Path, settings: dict[str, str]) -> Iterator[Emulator]:
    """The emulator for the app of ``settings`` and the store at its address."""
    command = [sys.executable, "-m", "botruntime.emulator", "--port", str(port), "--data", str(data)]
    command += ["--app-id", settings["META_APP_ID"], "--app-secret", settings["META_APP_SECRET"]]
    command += ["--config-id", settings["META_CONFIG_ID"], "--verify-token", settings["META_VERIFY_TOKEN"]]
    command += ["--callback", "http://localhost:9/webhooks/whatsapp", "--store-origin", settings["STORE_URL"]]
    process = subprocess.Popen(command, cwd=ROOT)
    emulator = Emulator(f"http://localhost:{port}")
    try:
        wait_until_ready(emulator.url, process)
        yield emulator
    finally:
        process.terminate()
        process.wait(10)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", seconds: float = 20) -> None:
    """Until it answers; fails where it ended instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the emulator ended at start"
        with suppress(OSError), urlopen(f"{url}/readyz", timeout=1) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the emulator did not start")
