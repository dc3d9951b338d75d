"""The supervisor: what crashes comes back, what cannot is said plainly, everything ends in order."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import supervisor as supervising
from scripts.children import ServiceError
from scripts.programs import Program
from scripts.supervisor import Running, Stopped, Supervisor

SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as one:
        yield one


def running(tmp_path: Path, code: str = SLEEP, name: str = "worker", turn: int = 0) -> Running:
    program = Program(name, (sys.executable, "-I", "-S", "-c", code), turn=turn)
    return Running(program, dict(os.environ), tmp_path)


def watch(supervisor: Supervisor, done: "object", seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    supervisor.watch(until=lambda: done() or time.monotonic() > deadline)  # type: ignore[operator]
    assert time.monotonic() <= deadline, "waited in vain"


def test_what_is_killed_comes_back(supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worker = running(tmp_path)
    supervisor.start(worker)
    assert worker.process is not None
    first = worker.process.pid
    os.kill(first, signal.SIGKILL)
    said: list[str] = []

    def is_back() -> bool:
        said.append(capsys.readouterr().out)
        return "worker is up again" in said[-1]

    watch(supervisor, is_back)
    assert worker.process.pid != first
    assert worker.process.poll() is None
    assert "worker ended (SIGKILL), starting it again in 0.1 s" in "".join(said)


def test_what_cannot_stay_up_is_given_up_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "DELAYS", (0.01, 0.01))
    supervisor.start(running(tmp_path, "import sys; sys.exit('no memory for this')"))
    watch(supervisor, lambda: supervisor.kept[0].given_up)
    said = capsys.readouterr().out
    assert "worker does not stay up (exit status 1): given up after 3 tries" in said
    assert "    no memory for this" in said
    assert "the rest keeps running" in said


def test_one_that_lived_long_starts_again_at_once(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "GROWN_UP", 0.0)
    worker = running(tmp_path)
    supervisor.start(worker)
    kept = supervisor.kept[0]
    for _ in range(3):
        assert worker.process is not None
        worker.process.kill()
        before = worker.process.pid
        watch(supervisor, lambda before=before: worker.process is not None and worker.process.pid != before)
    assert kept.crashes == 1


def test_one_that_never_answers_is_named(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "READY_SECONDS", 0.3)
    program = Program("door", (sys.executable, "-c", SLEEP), turn=0, ready="http://127.0.0.1:9/readyz")
    supervisor.start(Running(program, dict(os.environ), tmp_path))
    with pytest.raises(ServiceError, match="door does not answer"):
        supervisor.await_ready()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_ending_signal_ends_the_watch(supervisor: Supervisor, number: signal.Signals) -> None:
    def ring() -> bool:
        os.kill(os.getpid(), number)
        return False

    with pytest.raises(Stopped):
        supervisor.watch(until=ring)
    os.kill(os.getpid(), number)  # an impatient second one changes nothing


def test_everything_ends_in_turn_and_the_deaf_are_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "STOP_SECONDS", 0.5)
    note = "import signal, sys, time\ndef end(*_):\n    print(time.monotonic(), flush=True)\n    sys.exit()\n"
    polite = note + "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(600)"
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    with Supervisor() as supervisor:
        last = running(tmp_path, polite, "emulator", turn=2)
        first = running(tmp_path, polite, "store", turn=0)
        slow = running(tmp_path, deaf, "worker", turn=1)
        for one in (last, first, slow):
            supervisor.start(one)
        deadline = time.monotonic() + 10
        while not all(one.log.exists() and "up" in one.log.read_text() for one in (last, first, slow)):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    ended = [float(one.log.read_text().split()[-1]) for one in (first, last)]
    assert ended[1] - ended[0] > 0.4, "the emulator ends after the worker had its time"
    assert slow.process is not None
    assert slow.process.returncode == -signal.SIGKILL


def test_long_logs_are_put_aside_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "LOG_BYTES", 10)
    (tmp_path / "door.log").write_text("a long story of the door")
    (tmp_path / "store.log").write_text("short")
    supervising.rotate(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["door.log.1", "store.log"]
