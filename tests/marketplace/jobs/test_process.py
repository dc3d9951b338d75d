"""The jobs process itself: it starts, works, outlives its services and ends when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy.orm import Session

from catalog.models import Notice
from catalog.models.notice import post
from marketplace.config import Config
from scripts.services import Valkey
from tests.marketplace.mailbox import Mailbox

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.processes


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def start(
    environment: dict[str, str], mails: Mailbox, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts jobs processes and ends them after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(**settings: str) -> subprocess.Popen[bytes]:
        values = {"PATH": os.environ["PATH"], **environment, "MAIL_URL": mails.url, **settings}
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "marketplace.jobs"], cwd=ROOT, env=values, stdout=log, stderr=log
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def letter(session: Session) -> Notice:
    notice = post(session, "mail_test", email="sari@example.com", language="id")
    session.commit()
    return notice


def test_it_sends_what_waits_and_ends_on_sigterm(
    start: Callable[..., subprocess.Popen[bytes]], session: Session, mails: Mailbox
) -> None:
    process = start()
    letter(session)
    until(lambda: len(mails.raw) == 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_it_goes_on_after_flushall_and_is_replaced_after_kill(
    start: Callable[..., subprocess.Popen[bytes]], session: Session, mails: Mailbox, settings: Config
) -> None:
    process = start()
    letter(session)
    until(lambda: len(mails.raw) == 1)
    with redis.Redis.from_url(settings.redis_url) as bell:
        bell.flushall()
    letter(session)
    until(lambda: len(mails.raw) == 2)
    process.kill()
    process.wait()
    letter(session)
    start()
    until(lambda: len(mails.raw) == 3)


def test_valkey_may_come_late_and_go_in_between(
    start: Callable[..., subprocess.Popen[bytes]], session: Session, mails: Mailbox, tmp_path: Path
) -> None:
    server = Valkey(tmp_path / "valkey", tmp_path / "valkey.log")
    process = start(REDIS_URL=server.url)
    letter(session)
    time.sleep(1.5)
    assert process.poll() is None
    server.start()
    try:
        until(lambda: len(mails.raw) == 1)
        server.stop()
        letter(session)
        time.sleep(1.0)
        assert process.poll() is None
        server.sockets.mkdir(exist_ok=True)
        server.start()
        until(lambda: len(mails.raw) == 2)
        server.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        server.stop()
