"""Group commit: requests that arrive together share one statement, one commit and one fsync."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import psycopg
import structlog

from botruntime import metrics
from botruntime.inbound.arrival import Arrival, parked

log = structlog.get_logger(__name__)

# Real time. The door promises an answer within two seconds, whatever the database does.
ANSWER_SECONDS = 1.8
STATEMENT_SECONDS = 1.5
MAX_ROWS = 4096
MAX_WAITING = 20_000
COLUMNS = ("dedupe_key", "kind", "state", "reason", "phone_number_id", "sent_at", "raw")

# The ids are drawn in the order of arrival, the rows written in the order of their keys: two doors that insert the
# same updates at once would deadlock otherwise. The bell rings only if something new was kept.
INSERT = """
WITH arrived AS (
    SELECT nextval('inbound_event_id_seq') AS id, a.*
    FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::bytea[])
        AS a (dedupe_key, kind, state, reason, phone_number_id, sent_at, raw)
), kept AS (
    INSERT INTO inbound_event (id, dedupe_key, kind, state, reason, phone_number_id, sent_at, raw)
    SELECT * FROM arrived ORDER BY dedupe_key
    ON CONFLICT (dedupe_key) DO NOTHING
    RETURNING 1
)
SELECT count(*), CASE WHEN count(*) > 0 THEN pg_notify('pasarbot_inbound', '') END FROM kept
"""


class Unavailable(Exception):
    """The database did not take the rows in time. The sender must send again."""


@dataclass(eq=False, slots=True)
class _Request:
    rows: Sequence[Arrival]
    done: asyncio.Future[None]


class Keeper:
    """Writes arrivals on one connection of its own, and opens a new one whenever that breaks."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.AsyncConnection | None = None
        self._waiting: deque[_Request] = deque()
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    def start(self) -> None:
        """Begin to write. Needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="keeper")

    async def stop(self) -> None:
        """Write what still waits, then close."""
        self._is_stopping = True
        self._bell.set()
        if self._task is not None:
            await self._task
        await self._drop()

    async def keep(self, rows: Sequence[Arrival]) -> None:
        """Return once ``rows`` are committed. Raises ``Unavailable``, within two seconds, when they may not be."""
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable("too many wait")
        request = _Request(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._bell.set()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await request.done
        except TimeoutError:
            raise Unavailable("the database did not answer in time") from None

    async def is_ready(self) -> bool:
        """Whether the database takes rows now."""
        try:
            await self.keep(())
        except Unavailable:
            return False
        return True

    async def _run(self) -> None:
        while self._waiting or not self._is_stopping:
            await self._bell.wait()
            batch = self._take()
            if not batch:
                continue
            try:
                await self._write(batch)
            except (psycopg.Error, OSError, TimeoutError) as problem:
                log.warning("inbox unavailable", problem=str(problem).strip())
                await self._drop()
                _settle(batch, Unavailable(str(problem)))
            except Exception as fault:
                # A fault of ours must not leave the door without its keeper.
                log.exception("inbox failed")
                await self._drop()
                _settle(batch, Unavailable(str(fault)))
            else:
                _settle(batch, None)

    def _take(self) -> list[_Request]:
        """What waits now, up to a bound."""
        batch, rows = [], 0
        while self._waiting and rows < MAX_ROWS:
            batch.append(self._waiting.popleft())
            rows += len(batch[-1].rows)
        if not self._waiting:
            self._bell.clear()
        return batch

    async def _write(self, batch: list[_Request]) -> None:
        """One commit for all; one each when a row among them is one the database refuses."""
        rows = [row for request in batch for row in request.rows]
        # Meta's timestamp breaks ties among what arrived together; otherwise the order of arrival stands.
        rows.sort(key=lambda row: row.sent_at.timestamp() if row.sent_at else 0.0)
        try:
            await self._insert(rows)
        except psycopg.DataError:
            for row in rows:
                await self._insert_alone(row)

    async def _insert_alone(self, row: Arrival) -> None:
        try:
            await self._insert([row])
        except psycopg.DataError as problem:
            log.warning("row parked", problem=str(problem).strip())
            await self._insert([parked(row.raw, "unstorable")])

    async def _insert(self, rows: Sequence[Arrival]) -> None:
        columns = [list(map(attrgetter(name), rows)) for name in COLUMNS]
        async with asyncio.timeout(STATEMENT_SECONDS):
            connection = await self._connected()
            cursor = await connection.execute(INSERT, columns)
            kept = await cursor.fetchone()
        new = kept[0] if kept else 0
        metrics.UPDATES.labels("kept").inc(new)
        metrics.UPDATES.labels("seen").inc(len(rows) - new)
        metrics.BATCH_UPDATES.observe(len(rows))

    async def _connected(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._dsn,
                autocommit=True,
                application_name="pasarbot-door",
                options=f"-c statement_timeout={int(STATEMENT_SECONDS * 1000)}",
            )
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.close()


def _settle(batch: list[_Request], problem: Unavailable | None) -> None:
    for request in batch:
        if request.done.done():
            continue
        if problem is None:
            request.done.set_result(None)
        else:
            request.done.set_exception(problem)
