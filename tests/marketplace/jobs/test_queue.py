"""Putting jobs into the queue."""

import dataclasses
from collections.abc import Iterator

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from catalog.models import User
from marketplace import jobs as store_jobs
from marketplace.config import Config
from marketplace.jobs import context
from marketplace.jobs.queue import QUEUE, enqueue, enqueue_after_commit
from marketplace.jobs.worker import StoreWorker
from tests import factories

HERE = "marketplace.jobs.notices.send"


@pytest.fixture
def bell(jobs: Config) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(jobs.redis_url) as client:
        yield client


def queue(bell: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=bell, serializer=JSONSerializer)


def burst(bell: redis.Redis) -> None:
    """Work until the queue is empty."""
    StoreWorker([queue(bell)], connection=bell, serializer=JSONSerializer).work(burst=True, logging_level="WARNING")


def test_a_job_carries_ids_in_json(bell: redis.Redis) -> None:
    assert enqueue(HERE, "code-1") is True
    job = queue(bell).jobs[0]
    assert (job.func_name, job.args) == (HERE, ["code-1"])
    assert bell.hget(job.key, "data") is not None


def test_the_same_work_waits_once(bell: redis.Redis) -> None:
    assert [enqueue(HERE, "a", job_id="notice-a") for _ in range(3)] == [True, False, False]
    assert enqueue(HERE, "b", job_id="notice-b")
    assert len(queue(bell)) == 2


def test_work_that_has_begun_may_wait_again(bell: redis.Redis) -> None:
    enqueue(HERE, "00000000-0000-0000-0000-000000000000", job_id="notice-x")
    burst(bell)
    assert enqueue(HERE, "00000000-0000-0000-0000-000000000000", job_id="notice-x")


def test_f_flushall_forgets_that_work_waits(bell: redis.Redis) -> None:
    enqueue(HERE, "a", job_id="notice-a")
    bell.flushall()
    assert enqueue(HERE, "a", job_id="notice-a")


def test_without_valkey_the_caller_goes_on(jobs: Config) -> None:
    context.use(dataclasses.replace(jobs, redis_url="unix:///nowhere/valkey.sock"))
    assert enqueue(HERE, "a", job_id="notice-a") is False


def test_a_job_is_queued_when_its_row_is_there(bell: redis.Redis, session: Session) -> None:
    factories.user(session)
    enqueue_after_commit(session, HERE, "a")
    assert len(queue(bell)) == 0
    session.commit()
    assert len(queue(bell)) == 1
    session.commit()
    assert len(queue(bell)) == 1


def test_a_job_whose_row_never_came_is_not_queued(bell: redis.Redis, session: Session) -> None:
    factories.user(session)
    enqueue_after_commit(session, HERE, "a")
    session.rollback()
    factories.user(session)
    session.commit()
    assert len(queue(bell)) == 0


def test_a011_a_function_that_is_not_ours_is_not_run(bell: redis.Redis) -> None:
    foreign = Queue(QUEUE, connection=bell, serializer=JSONSerializer)
    job = foreign.enqueue_call("os.mkdir", args=("/tmp/pasarbot-should-not-exist",))
    burst(bell)
    assert job.get_status(refresh=True) == "failed"
    latest = job.latest_result()
    assert latest is not None
    assert "only functions of marketplace" in str(latest.exc_string)


def test_a011_a_pickle_in_the_queue_is_refused(bell: redis.Redis) -> None:
    pickled = Queue(QUEUE, connection=bell)
    job = pickled.enqueue_call("os.mkdir", args=("/tmp/pasarbot-should-not-exist",))
    enqueue(HERE, "00000000-0000-0000-0000-000000000000")
    burst(bell)
    assert len(queue(bell)) == 0
    assert bell.hget(job.key, "status") == b"failed"


def test_the_worker_does_not_fork(bell: redis.Redis) -> None:
    assert issubclass(StoreWorker, SimpleWorker)


def test_before_use_the_missing_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_config", None)
    with pytest.raises(RuntimeError, match=r"jobs\.use"):
        store_jobs.settings()


def test_a_failed_block_leaves_no_trace(jobs: Config, session: Session) -> None:
    def fail() -> None:
        with store_jobs.session() as other:
            factories.user(other, "gone@example.com")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with store_jobs.session() as other:
        factories.user(other, "kept@example.com")
    assert User.by_email(session, "gone@example.com") is None
    assert User.by_email(session, "kept@example.com") is not None
