"""The worker of the queue: one process, no fork per job."""

import time

import redis
import structlog
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError, StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from marketplace.jobs.queue import QUEUE, WAITING

OURS = "marketplace."
AWAY_SECONDS = 1.0

log = structlog.get_logger()


class StoreWorker(SimpleWorker):
    """Runs our own functions only, and lets the same work be queued again as soon as it has begun."""

    # Seconds between tries while Valkey is away; rq's own would grow to a minute.
    max_connection_wait_time = 2.0
    is_busy = False
    is_stopping = False

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run one job. A function outside ``marketplace`` is failed without being imported."""
        if not is_ours(job):
            log.error("foreign job refused", job=job.id)
            job.func_name = f"{refuse.__module__}.{refuse.__name__}"
        elif work := job.meta.get("work"):
            self.connection.delete(WAITING.format(work))
        self.is_busy = True
        try:
            return bool(super().perform_job(job, queue, execution))
        finally:
            self.is_busy = False

    def _shutdown(self) -> None:
        """On SIGTERM or SIGINT: finish the job in hand, then end. rq would ask Valkey, which may be away."""
        self.is_stopping = True
        if not self.is_busy:
            raise StopRequested
        self._stop_requested = True


def is_ours(job: Job) -> bool:
    """Whether the job names one of our functions; a payload that is no JSON does not."""
    try:
        return str(job.func_name).startswith(OURS)
    except DeserializationError:
        return False


def refuse(*_: object) -> None:
    """What runs in place of a foreign function."""
    raise PermissionError("only functions of marketplace may be queued here")


def work(redis_url: str) -> None:
    """Take jobs until a signal ends the process. Valkey may be away at start and in between."""
    try:
        while not _work_once(redis_url):
            time.sleep(AWAY_SECONDS)
    except StopRequested:
        return


def _work_once(redis_url: str) -> bool:
    """Work until a signal (True) or until rq gives up (False)."""
    connection = redis.Redis.from_url(redis_url)
    worker = None
    try:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        worker = StoreWorker([queue], connection=connection, serializer=JSONSerializer, log_job_description=False)
        worker.work(logging_level="WARNING")
    except redis.RedisError as away:
        log.warning("no queue", reason=type(away).__name__)
    finally:
        connection.close()
    return worker is not None and worker.is_stopping
