"""One emulator for this folder; every test works on numbers of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.stage import Receiver, Stage


@pytest.fixture(scope="session")
def emulator_door() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def running_emulator(tmp_path_factory: pytest.TempPathFactory, emulator_door: Receiver) -> Iterator[Stage]:
    running = Stage(tmp_path_factory.mktemp("emulator"), emulator_door)
    yield running
    running.stop()


@pytest.fixture
def stage(running_emulator: Stage) -> Iterator[Stage]:
    """The emulator, quiet, with no fault switched on, and the door empty."""
    running_emulator.control("DELETE", "faults")
    running_emulator.pass_time(60)
    running_emulator.receiver.clear()
    yield running_emulator
    running_emulator.control("DELETE", "faults")


@pytest.fixture
def door(stage: Stage) -> Receiver:
    return stage.receiver


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[Stage]:
    """An emulator of the test's own, to kill and start again."""
    receiver = Receiver()
    running = Stage(tmp_path / "data", receiver)
    yield running
    running.stop()
    receiver.stop()
