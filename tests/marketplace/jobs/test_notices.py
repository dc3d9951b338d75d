"""Mail from the outbox to the mailbox."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Notice
from catalog.models.notice import RETRIES, post
from marketplace.config import Config
from marketplace.jobs import notices, sweep
from tests.marketplace.jobs.test_queue import burst
from tests.marketplace.mailbox import Mailbox, words


@pytest.fixture
def bell(jobs: Config) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(jobs.redis_url) as client:
        yield client


@pytest.fixture
def waiting(session: Session) -> Notice:
    """A mail in the outbox."""
    notice = post(session, "verify_email", email="sari@example.com", language="id", name="Sari", token="rahasia")
    session.commit()
    return notice


def due(session: Session, notice: Notice) -> None:
    """Make a waiting retry due."""
    session.refresh(notice)
    notice.next_try_at = datetime.now(UTC) - timedelta(seconds=1)
    session.commit()


def test_the_sweep_finds_it_and_the_worker_sends_it(
    bell: redis.Redis, waiting: Notice, mails: Mailbox, session: Session
) -> None:
    sweep.once()
    burst(bell)
    assert [m["To"] for m in mails.messages] == ["sari@example.com"]
    assert "rahasia" in words(mails.messages[0])
    session.refresh(waiting)
    assert waiting.sent_at is not None
    assert waiting.params == {}


def test_it_is_sent_once_however_often_it_is_queued(
    bell: redis.Redis, waiting: Notice, mails: Mailbox, session: Session
) -> None:
    for _ in range(3):
        sweep.once()
        burst(bell)
        notices.send(str(waiting.code))
    assert len(mails.raw) == 1


def test_two_workers_at_once_send_one_mail(jobs: Config, waiting: Notice, mails: Mailbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: notices.send(str(waiting.code)), range(8)))
    assert len(mails.raw) == 1


def test_f_flushall_loses_no_mail(bell: redis.Redis, waiting: Notice, mails: Mailbox) -> None:
    sweep.once()
    bell.flushall()
    burst(bell)
    assert mails.raw == []
    sweep.once()
    burst(bell)
    assert len(mails.raw) == 1


def test_a_mailbox_that_says_no_is_asked_again_later(
    bell: redis.Redis, waiting: Notice, mails: Mailbox, session: Session
) -> None:
    mails.refusing = 503
    sweep.once()
    burst(bell)
    session.refresh(waiting)
    assert (waiting.sent_at, waiting.tries) == (None, 1)
    assert "503" in str(waiting.error)
    assert waiting.next_try_at > datetime.now(UTC)
    mails.refusing = None
    sweep.once()
    burst(bell)
    assert mails.raw == []
    due(session, waiting)
    sweep.once()
    burst(bell)
    assert len(mails.raw) == 1


def test_after_the_last_try_it_is_given_up(
    bell: redis.Redis, waiting: Notice, mails: Mailbox, session: Session
) -> None:
    mails.refusing = 500
    for _ in range(len(RETRIES) + 1):
        due(session, waiting)
        notices.send(str(waiting.code))
    session.refresh(waiting)
    assert waiting.given_up_at is not None
    mails.refusing = None
    due(session, waiting)
    sweep.once()
    burst(bell)
    assert mails.raw == []


def test_one_that_cannot_be_written_does_not_hold_up_others(
    bell: redis.Redis, waiting: Notice, mails: Mailbox, session: Session
) -> None:
    broken = post(session, "invitation", email="x@example.com", language="id")
    session.commit()
    sweep.once()
    burst(bell)
    session.refresh(broken)
    assert broken.tries == 1
    assert broken.error is not None
    assert len(mails.raw) == 1


def test_the_sweep_keeps_on_when_one_sweep_fails(
    jobs: Config, bell: redis.Redis, waiting: Notice, mails: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "SWEEPS", ["marketplace.jobs.worker:refuse", *sweep.SWEEPS])
    assert sweep.once() is False
    burst(bell)
    assert len(mails.raw) == 1


def test_a073_no_secret_reaches_the_queue(bell: redis.Redis, waiting: Notice, session: Session) -> None:
    sweep.once()
    dump = b"".join(
        b"".join(part for pair in bell.hgetall(key).items() for part in pair) for key in bell.scan_iter("rq:job:*")
    )
    assert str(waiting.code).encode() in dump
    assert b"rahasia" not in dump
    assert session.scalars(select(Notice)).one().params["token"] == "rahasia"
