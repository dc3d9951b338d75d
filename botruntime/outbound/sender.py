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
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any

import orjson
import psycopg
import structlog
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy.orm import Session, sessionmaker

from botruntime.outbound import checks, metrics, outbox, refusals, results, trouble, verdicts
from botruntime.outbound.claim import LEASE_SECONDS, Claimed, claim
from botruntime.outbound.credentials import Credentials
from botruntime.outbound.pacing import NumberPace, PairPace
from botruntime.outbound.payload import reply_of
from botruntime.outbound.results import Result
from botruntime.transports.base import Action, Outgoing, Transport, TransportError
from catalog.sealing import SealBroken, Sealer

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 1.0
UNPARK_SECONDS = 5.0
RECONNECT_SECONDS = 0.5
CROWD = 32
GATHER_SECONDS = 0.003
UNREADY_SECONDS = 60.0
NUMBERS_REMEMBERED = 10_000

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
        self._transports = transports
        self._credentials = Credentials(sealer)
        self._sessions = sessions
        self._places = sends_under_way
        self._lease = lease_seconds
        self._cap = max(1, sends_under_way // 4)
        self._pairs = PairPace()
        self._numbers: dict[int, NumberPace] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._beside: set[asyncio.Task[None]] = set()
        self._reported: set[tuple[int, str]] = set()
        self._results: list[Result] = []
        self._rung = asyncio.Event()
        self._thread: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._next_due = 0.0
        self._unpark_at = 0.0

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
            while not (stop.is_set() and not self._under_way and not self._results):
                try:
                    async with self._connected() as (connection, holder):
                        await self._pump(connection, holder, stop)
                except (psycopg.Error, OSError) as problem:
                    log.warning("outbox unavailable", problem=str(problem).strip())
                    await asyncio.sleep(RECONNECT_SECONDS)
            if self._beside:
                await asyncio.wait(self._beside)
        finally:
            ending.cancel()
            for task in self._under_way:
                task.cancel()

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._rung.set()

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[psycopg.AsyncConnection[Any], int]]:
        """The pump's connection, and the process id of the bell's, which names the holder of leases."""
        async with (
            await psycopg.AsyncConnection.connect(self._dsn, options=SETTINGS, autocommit=True) as connection,
            await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as bell,
        ):
            set_json_loads(orjson.loads, connection)
            set_json_dumps(orjson.dumps, connection)
            await bell.execute(f"LISTEN {outbox.BELL}")
            listener = asyncio.create_task(self._listen(bell))
            try:
                yield connection, bell.info.backend_pid
            finally:
                listener.cancel()
                with contextlib.suppress(asyncio.CancelledError, psycopg.Error):
                    await listener

    async def _listen(self, bell: psycopg.AsyncConnection[Any]) -> None:
        try:
            async for _ in bell.notifies():
                self._rung.set()
        except psycopg.Error as problem:
            # The sweep replaces the bell until the pump connects again.
            log.warning("bell lost", problem=str(problem).strip())

    async def _pump(self, connection: psycopg.AsyncConnection[Any], holder: int, stop: asyncio.Event) -> None:
        while True:
            self._rung.clear()
            free = 0 if stop.is_set() else self._places - len(self._under_way)
            rows = await self._turn(connection, holder, free)
            for row in rows:
                self._begin(row)
            if stop.is_set() and not self._under_way and not self._results:
                return
            if not self._results:
                await self._sleep()
            if len(self._under_way) >= CROWD:
                # Many answers are on their way: a moment's wait shares one commit among them.
                await asyncio.sleep(GATHER_SECONDS)

    async def _turn(self, connection: psycopg.AsyncConnection[Any], holder: int, free: int) -> list[Claimed]:
        """One commit: everything that came back is written, everything due is claimed."""
        written, self._results = self._results, []
        metrics.UNDER_WAY.set(len(self._under_way))
        try:
            try:
                return await self._transact(connection, holder, free, written)
            except results.WamidTwice:
                await results.settle_wamids(connection, written)
                return await self._transact(connection, holder, free, written)
        except BaseException:
            # Not committed, as far as we know: written again on the next connection, which changes nothing twice.
            self._results = written + self._results
            raise

    async def _transact(
        self, connection: psycopg.AsyncConnection[Any], holder: int, free: int, written: list[Result]
    ) -> list[Claimed]:
        # The pipeline saves waiting for the answer to BEGIN and, where nothing came back, everything but one.
        async with connection.pipeline(), connection.transaction():
            if written:
                await results.write(connection, written)
            if time.monotonic() >= self._unpark_at:
                self._unpark_at = time.monotonic() + UNPARK_SECONDS
                await results.unpark(connection)
            return await claim(connection, holder=holder, limit=free, lease=self._lease) if free > 0 else []

    async def _sleep(self) -> None:
        now = time.monotonic()
        pause = SWEEP_SECONDS
        if now < self._next_due < now + pause:
            pause = self._next_due - now
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._rung.wait()

    def _begin(self, row: Claimed) -> None:
        """Start the request for a claimed message, or note why not."""
        ruling = checks.before(row)
        outgoing = self._outgoing(row) if ruling is None else ruling
        if isinstance(outgoing, Result):
            self._note(outgoing, outgoing.state)
            return
        delayed = self._paced(row)
        if delayed is not None:
            self._note(delayed, "paced")
            return
        task = asyncio.create_task(self._send(row, outgoing))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _outgoing(self, row: Claimed) -> Outgoing | Result:
        if row.transport not in self._transports:
            return checks.end(row, "refused", refusals.NO_TRANSPORT)
        if row.waba_code is None or row.business_token is None:
            self._report(row, trouble.TOKEN)
            return checks.park(row)
        try:
            reply = reply_of(row.payload)
            token = self._credentials.token(row.waba_code, row.business_token)
        except (TypeError, ValueError, KeyError):
            log.exception("payload unreadable", message=row.code)
            return checks.end(row, "refused", refusals.UNREADABLE)
        except SealBroken as wrong:
            # The operator's keys, not the owner's number: nothing is lost while somebody puts them right.
            log.error("token does not open", waba=row.waba_code, problem=str(wrong))
            return checks.postpone(row, UNREADY_SECONDS, refusals.LATER)
        return Outgoing(row.code, row.phone_number_id, token, reply, row.wa_id, row.bsuid)

    def _paced(self, row: Claimed) -> Result | None:
        """Count the message against its number's and its pair's allowance, or put it off."""
        now, number = time.monotonic(), self._number(row)
        wait = self._pairs.wait(row.conversation_id, now)
        if wait > 0:
            return checks.postpone(row, wait, refusals.PACED_PAIR)
        wait = number.wait(now)
        if wait > 0:
            return checks.postpone(row, wait, refusals.PACED_NUMBER)
        self._pairs.take(row.conversation_id, now)
        number.start(now)
        return None

    def _number(self, row: Claimed) -> NumberPace:
        pace = self._numbers.get(row.number_id)
        if pace is None:
            if len(self._numbers) >= NUMBERS_REMEMBERED:
                now = time.monotonic()
                self._numbers = {key: pace for key, pace in self._numbers.items() if not pace.is_idle(now)}
            pace = NumberPace.of(is_coexistence=row.is_coexistence, cap=self._cap)
            self._numbers[row.number_id] = pace
        return pace

    async def _send(self, row: Claimed, outgoing: Outgoing) -> None:
        began, number = time.monotonic(), self._numbers[row.number_id]
        try:
            wamid = await self._transports[row.transport].send(outgoing)
        except TransportError as error:
            self._failed(row, error)
        except Exception:
            # A fault of ours: whether the message went out is not known, so it is treated like a lost answer.
            log.exception("send broke off", message=row.code)
            self._failed(row, TransportError(Action.UNSURE, refusals.LOST))
        else:
            number.succeeded()
            self._note(Result(row.id, row.token, row.conversation_id, "sent", wamid=wamid), "sent")
            metrics.OUTBOX_SECONDS.observe(row.age + time.monotonic() - began)
        finally:
            metrics.SEND_SECONDS.observe(time.monotonic() - began)
            number.under_way -= 1
            self._rung.set()

    def _failed(self, row: Claimed, error: TransportError) -> None:
        now, result = time.monotonic(), verdicts.after(row, error)
        metrics.ERRORS.labels("none" if error.code is None else str(error.code)).inc()
        if error.kind is Action.PACE_NUMBER:
            result.delay = self._number(row).throttled(now, error.retry_after)
        elif error.kind is Action.PACE_PAIR:
            self._pairs.throttled(row.conversation_id, now)
        elif error.kind in (Action.PARK, Action.STOP):
            self._report(row, trouble.TOKEN if error.kind is Action.PARK else error.key)
        elif error.kind is Action.FINAL and error.key in trouble.OWNERS_WORK:
            self._report(row, error.key, error.code)
        log.info("not sent", message=row.code, outcome=result.state, key=error.key, code=error.code, trace=error.trace)
        self._note(result, error.kind.value)

    def _note(self, result: Result, outcome: str) -> None:
        metrics.SENDS.labels(outcome).inc()
        self._results.append(result)
        if result.delay:
            due, now = time.monotonic() + result.delay, time.monotonic()
            self._next_due = due if self._next_due <= now else min(self._next_due, due)

    def _report(self, row: Claimed, key: str, code: int | None = None) -> None:
        """Have a number's trouble put on record and its owners told, beside the sending and once at a time."""
        if (row.number_id, key) in self._reported:
            return
        self._reported.add((row.number_id, key))
        act: Coroutine[Any, Any, bool]
        if key == trouble.TOKEN:
            act = asyncio.to_thread(trouble.lose_token, self._sessions, row.number_id, row.business_token)
        elif code is not None:
            act = asyncio.to_thread(trouble.mention, self._sessions, row.number_id, key, code)
        else:
            act = asyncio.to_thread(trouble.stop, self._sessions, row.number_id, key)
        # Until the record is made, nothing more leaves from this number.
        if code is None:
            self._number(row).held_until = time.monotonic() + RECONNECT_SECONDS
        task = asyncio.create_task(self._finish_report(act, row.number_id, key))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _finish_report(self, act: Coroutine[Any, Any, bool], number_id: int, key: str) -> None:
        try:
            if await act:
                log.warning("number in trouble", number_id=number_id, key=key)
        except Exception:
            # The next error of this number tries again.
            log.exception("trouble not recorded", number_id=number_id, key=key)
        finally:
            self._reported.discard((number_id, key))
