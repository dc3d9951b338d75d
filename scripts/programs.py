"""The process table: what one copy of Pasarbot consists of, beside PostgreSQL and Valkey."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.environment import has_real_app
from scripts.ports import HOST, Ports

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Program:
    """One process. ``ready`` answers 200 when it serves. Lower ``turn`` is stopped earlier."""

    name: str
    argv: tuple[str, ...]
    turn: int
    ready: str | None = None
    death_signal: signal.Signals = signal.SIGKILL


def python(*argv: str) -> tuple[str, ...]:
    """A module on this very Python; -P keeps the caller's folder off the module path."""
    return (sys.executable, "-P", "-m", *argv)


def table(given: Mapping[str, str], env: Mapping[str, str], ports: Ports, data: Path) -> list[Program]:
    """What to start: ``given`` is the operator's own environment, ``env`` the complete one."""
    programs = [] if has_real_app(given) else [_emulator(env, ports, data)]
    return [
        *programs,
        _store(ports),
        _served("door", "botruntime.inbound", ports.door),
        _served("pages", "botruntime.pages", ports.pages),
        Program("worker", python("botruntime.worker"), turn=1),
        Program("jobs", python("marketplace.jobs"), turn=1),
    ]


def _served(name: str, module: str, port: int) -> Program:
    return Program(name, python(module, "--port", str(port)), turn=0, ready=f"http://{HOST}:{port}/readyz")


def _store(ports: Ports) -> Program:
    argv = ["gunicorn", "--bind", f"{HOST}:{ports.store}", "--worker-class", "gthread", "--threads", "8"]
    argv += ["--graceful-timeout", "5", "--no-control-socket", "--error-logfile", "-", "wsgi:marketplace_app()"]
    # SIGTERM, not SIGKILL: gunicorn's master ends its workers itself.
    ready = f"http://{HOST}:{ports.store}/readyz"
    return Program("store", python(*argv), turn=0, ready=ready, death_signal=signal.SIGTERM)


def _emulator(env: Mapping[str, str], ports: Ports, data: Path) -> Program:
    options = {
        "port": str(ports.emulator),
        "data": str(data / "emulator"),
        "app-id": env["META_APP_ID"],
        "app-secret": env["META_APP_SECRET"],
        "config-id": env["META_CONFIG_ID"],
        "verify-token": env["META_VERIFY_TOKEN"],
        "callback": env["DOOR_URL"] + "/webhooks/whatsapp",
        "store-origin": env["STORE_URL"],
    }
    # One word each: a value may begin with a dash.
    argv = [f"--{name}={value}" for name, value in options.items()]
    return Program(
        "emulator",
        python("botruntime.emulator", *argv),
        turn=2,
        ready=f"http://{HOST}:{ports.emulator}/readyz",
    )
