"""Putting a job into the queue."""

from functools import cache
from typing import Any

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

from marketplace.jobs.context import settings

QUEUE = "store"
# Jobs answer to nobody: what came of one stands in its row.
KEEP_RESULT_SECONDS = 0
KEEP_FAILURE_SECONDS = 24 * 3600
TIMEOUT_SECONDS = 120
# A waiting copy that the queue lost without our knowing may be queued again after this long.
WAITING_SECONDS = 30
WAITING = "store:waiting:{}"

log = structlog.get_logger()


@cache
def connection(url: str) -> redis.Redis:
    """A connection for callers who must not wait: a request goes on without the bell."""
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)


def enqueue(function: str, *ids: str, job_id: str | None = None) -> bool:
    """Queue ``function`` (dotted path below ``marketplace``) with ``ids``. True where a job was added.

    ``job_id`` names the work: while a job of that name waits, a second one is not added (one that has begun no longer
    counts as waiting). Without Valkey nothing is raised: the sweep will queue the work once it is back.
    """
    url = settings().redis_url
    try:
        bell = connection(url)
        if job_id and not bell.set(WAITING.format(job_id), 1, nx=True, ex=WAITING_SECONDS):
            return False
        Queue(QUEUE, connection=bell, serializer=JSONSerializer).enqueue_call(
            function,
            args=ids,
            timeout=TIMEOUT_SECONDS,
            result_ttl=KEEP_RESULT_SECONDS,
            failure_ttl=KEEP_FAILURE_SECONDS,
            meta={"work": job_id} if job_id else {},
        )
    except redis.RedisError as away:
        log.warning("job not queued, the sweep will", function=function, reason=type(away).__name__)
        return False
    return True


def enqueue_after_commit(
    session: "Session | scoped_session[Any]", function: str, *ids: str, job_id: str | None = None
) -> None:
    """Queue once ``session``'s present transaction is committed, so that the job finds its row. Not on rollback."""
    real: Session = session() if isinstance(session, scoped_session) else session
    done: list[bool] = []

    def ring(_: Session) -> None:
        if not done:
            done.append(True)
            enqueue(function, *ids, job_id=job_id)

    def forget(_: Session) -> None:
        done.append(False)

    event.listen(real, "after_commit", ring, once=True)
    event.listen(real, "after_rollback", forget, once=True)
