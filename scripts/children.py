"""Starting, watching and ending child processes that never outlive the process that started them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


class ServiceError(Exception):
    """A program cannot run here. The text is one line that says why or what to do instead."""


def leashed(argv: Sequence[str | Path], *, death_signal: signal.Signals = signal.SIGKILL, uid: int = -1) -> list[str]:
    """The command that runs ``argv``, as the user ``uid`` if given, as a child which gets ``death_signal`` when this
    process dies."""
    own = [sys.executable, "-I", "-S", str(LEASH), str(int(death_signal)), str(os.getpid()), str(uid)]
    return [*own, *map(str, argv)]


def spawn(
    argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start ``argv`` with its output appended to ``log``. Call from the main thread: the parent-death signal
    fires when the *thread* that spawned the child ends.

    The child gets a session of its own, so that Ctrl-C in the terminal reaches only the supervisor, which then
    ends its children in the right order.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd, start_new_session=True
        )


def end(process: subprocess.Popen[bytes], *, with_signal: signal.Signals, seconds: float) -> bool:
    """Ask ``process`` to end, insist after ``seconds``. True where it went by itself."""
    if process.poll() is not None:
        return True
    process.send_signal(with_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


@dataclass(frozen=True)
class Exit:
    """How a process ended, in words."""

    code: int

    def __str__(self) -> str:
        if self.code >= 0:
            return f"exit status {self.code}"
        try:
            return signal.Signals(-self.code).name
        except ValueError:
            return f"signal {-self.code}"


def last_words(log: Path, lines: int = 3) -> str:
    """The last non-empty lines of a log, for a message that says why something ended."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])


def wait_for_orphan(pid_file: Path, seconds: float) -> None:
    """Wait until the process named in the first line of ``pid_file`` has gone; kill it if it stays.

    After ``kill -9`` of a supervisor its database is still shutting down while the next start already asks for the
    folder. The caller holds the lock of the folder, so that process can only be such an orphan.
    """
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ProcessLookupError):
        while pid_file.exists() and is_program(pid, "postgres"):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGQUIT)
                deadline += seconds
            time.sleep(0.05)


def is_program(pid: int, name: str) -> bool:
    """Whether ``pid`` lives (a zombie does not) and runs ``name``; a pid may have been given to another since."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    program, _, rest = status.partition("(")[2].rpartition(")")
    return program == name and not rest.startswith(" Z")
