"""From the outbox to the transports: one pump on one database connection, many requests under way at once.

The pump writes what came back and claims what is due in one commit, then starts the requests, and sleeps until one
of them ends, somebody rings, or a second has passed. Order within a conversation needs no bookkeeping here: only the
oldest open message of a conversation can be claimed, and it stays open until its end is committed.

A process that dies leaves its rows in `sending`; they come up again when their lease ends. When the database is away
the results wait in memory, nothing new is claimed, and a status that arrives meanwhile settles a row by its code.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import psycopg
import structlog
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy.orm import Session, sessionmaker

from botruntime.outbound import metrics, outbox, results
from botruntime.outbound.claim import LEASE_SECONDS, Claimed, claim
from botruntime.outbound.dispatch import Dispatch
from botruntime.outbound.results import Result
from botruntime.transports.base import Transport
from catalog.sealing import Sealer

log = structlog.get_logger(__name__)
Connection = psycopg.AsyncConnection[Any]

SWEEP_SECONDS = 1.0
TIDY_SECONDS = 5.0
RECONNECT_SECONDS = 0.5
PATIENCE_SECONDS = 10.0
"""How long a stopping sender waits for a database that is away."""
CROWD = 32
GATHER_SECONDS = 0.003

# A queue's indexes are right at any size and its statistics wrong most of the time.
SETTINGS = (
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan "
    "-c statement_timeout=10000 -c idle_in_transaction_session_timeout=10000"
)


class Sender:
    """Sends what is in the outbox. `sends_under_way` bounds the requests that wait for their answer at one time.

    `dsn` is psycopg's; `transports` maps `number.transport` to an open transport; `sessions` is for the rare acts
    that go through the models' verbs. One instance serves one event loop.
    """

    def __init__(
        self,
        dsn: str,
        *,
        transports: Mapping[str, Transport],
        sealer: Sealer,
        sessions: sessionmaker[Session],
        sends_under_way: int = 256,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._dsn = dsn
        self._places = sends_under_way
        self._lease = lease_seconds
        self._rung = asyncio.Event()
        self._dispatch = Dispatch(transports, sealer, sessions, max(1, sends_under_way // 4), self._rung.set)
        self._thread: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._is_deaf = False
        self._tidy_at = 0.0

    def wake(self) -> None:
        """Something was put into the outbox and committed. May be called from any thread."""
        if self._thread is None:
            return
        loop, thread = self._thread
        if threading.get_ident() == thread:
            self._rung.set()
        else:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed: nobody is left to wake
                loop.call_soon_threadsafe(self._rung.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then claim nothing more, wait for the answers under way and write them."""
        self._thread = (asyncio.get_running_loop(), threading.get_ident())
        ending = asyncio.create_task(self._ring_at(stop))
        try:
            await self._keep_pumping(stop)
            if self._dispatch.beside:
                await asyncio.wait(self._dispatch.beside)
        finally:
            ending.cancel()
            for task in self._dispatch.under_way:
                task.cancel()

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._rung.set()

    async def _keep_pumping(self, stop: asyncio.Event) -> None:
        """Pump, on a new connection whenever one breaks, until everything is written."""
        give_up_at: float | None = None
        while not (stop.is_set() and self._is_done()):
            try:
                async with self._connected() as (connection, holder):
                    await self._pump(connection, holder, stop)
            except (psycopg.Error, OSError) as problem:
                log.warning("outbox unavailable", problem=str(problem).strip())
                if stop.is_set():
                    give_up_at = give_up_at or time.monotonic() + PATIENCE_SECONDS
                    if time.monotonic() >= give_up_at:
                        # Leases end and statuses come: another process settles them.
                        log.error("results given up", messages=len(self._dispatch.results))
                        return
                await asyncio.sleep(RECONNECT_SECONDS)

    def _is_done(self) -> bool:
        return not self._dispatch.under_way and not self._dispatch.results

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[Connection, int]]:
        """The pump's connection, and the process id of the bell's, which names the holder of leases."""
        async with (
            await psycopg.AsyncConnection.connect(self._dsn, options=SETTINGS, autocommit=True) as connection,
            await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as bell,
        ):
            set_json_loads(orjson.loads, connection)
            set_json_dumps(orjson.dumps, connection)
            await bell.execute(f"LISTEN {outbox.BELL}")
            self._is_deaf = False
            listener = asyncio.create_task(self._listen(bell))
            try:
                yield connection, bell.info.backend_pid
            finally:
                listener.cancel()
                with contextlib.suppress(asyncio.CancelledError, psycopg.Error):
                    await listener

    async def _listen(self, bell: Connection) -> None:
        try:
            async for _ in bell.notifies():
                self._rung.set()
        except psycopg.Error as problem:
            log.warning("bell lost", problem=str(problem).strip())
            self._is_deaf = True
            self._rung.set()

    async def _pump(self, connection: Connection, holder: int, stop: asyncio.Event) -> None:
        dispatch = self._dispatch
        while True:
            self._rung.clear()
            free = 0 if stop.is_set() else self._places - len(dispatch.under_way)
            await self._tidy(connection)
            for row in await self._turn(connection, holder, free):
                dispatch.begin(row)
            if stop.is_set() and self._is_done():
                return
            if self._is_deaf:
                raise psycopg.OperationalError("the bell's connection is lost")
            if not dispatch.results:
                await self._sleep()
            if len(dispatch.under_way) >= CROWD:
                # Many answers are on their way: a moment's wait shares one commit among them.
                await asyncio.sleep(GATHER_SECONDS)

    async def _tidy(self, connection: Connection) -> None:
        """Now and then, in commits of their own: their rows are locked in no order."""
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            await results.unpark(connection)
            await results.cancel_waiting(connection)

    async def _turn(self, connection: Connection, holder: int, free: int) -> list[Claimed]:
        """One commit: everything that came back is written, everything due is claimed."""
        written, self._dispatch.results = self._dispatch.results, []
        metrics.UNDER_WAY.set(len(self._dispatch.under_way))
        try:
            try:
                return await self._transact(connection, holder, free, written)
            except (psycopg.DataError, psycopg.IntegrityError):
                await results.write_each(connection, written)
                written = []
                return await self._transact(connection, holder, free, written)
        except BaseException:
            # Not committed, as far as we know: written again on the next connection, which changes nothing twice.
            self._dispatch.results = written + self._dispatch.results
            raise

    async def _transact(self, connection: Connection, holder: int, free: int, written: list[Result]) -> list[Claimed]:
        # The pipeline saves waiting for the answer to BEGIN and, where nothing came back, everything but one.
        async with connection.pipeline(), connection.transaction():
            if written:
                await results.write(connection, written)
            return await claim(connection, holder=holder, limit=free, lease=self._lease) if free > 0 else []

    async def _sleep(self) -> None:
        now, pause = time.monotonic(), SWEEP_SECONDS
        if now < self._dispatch.next_due < now + pause:
            pause = self._dispatch.next_due - now
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._rung.wait()
