"""The heart of the worker: sort the inbox, claim conversations, run their bots, write what came of it; again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from botruntime import metrics
from botruntime.config import Config
from botruntime.hosting.base import Host
from botruntime.sdk.contract import Conflict
from botruntime.turns import claims, effects, turn
from botruntime.turns.batch import Claimed, Waiting
from botruntime.turns.claims import Held, Lease
from botruntime.turns.runner import SLOW_SECONDS, Job, Reader, Runner
from botruntime.turns.shelf import Shelf
from botruntime.turns.sorting import sort
from botruntime.turns.turn import Setting

log = structlog.get_logger(__name__)
Connection = AsyncConnection[Any]

MAX_TRIES = 3
MAX_SLOW = 8
MAX_LOST_THREADS = 4
_TIMES = "SELECT clock_timestamp(), clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), interval '0')"


class TooManyLost(Exception):
    """Too many bots never came back; only a fresh process gets rid of their threads."""


class _Slow(Exception):
    """The bot of ``held`` takes its time; the others of the batch shall not wait for it."""

    def __init__(self, held: Held, event: int) -> None:
        super().__init__(held)
        self.held = held
        self.event = event


@dataclass(slots=True)
class Bench:
    """Shelves of one batch, by installation; each thread's reads go through the connection of its own."""

    reader: Reader | None
    shelves: dict[int, Shelf]

    def shelf(self, installation_id: int) -> Shelf:
        """The one shelf of the installation in this batch."""
        if installation_id not in self.shelves:
            assert self.reader is not None
            self.shelves[installation_id] = Shelf(installation_id, self.reader.connect)
        return self.shelves[installation_id]


class TurnLoop:
    """Works on one connection; conversations with slow bots go on beside it, each on a connection of its own.

    ``connect`` opens another connection like the one ``step`` is given; ``on_replies`` is called after a commit that
    put something into the outbox.
    """

    def __init__(
        self,
        config: Config,
        hosts: Mapping[str, Host],
        connect: Callable[[], "asyncio.Future[Connection] | Any"],
        on_replies: Callable[[], None],
    ) -> None:
        self._config = config
        self._hosts = hosts
        self._connect = connect
        self._on_replies = on_replies
        self._runner = Runner(config.database_dsn)
        self._slow: set[asyncio.Task[None]] = set()

    async def step(self, connection: Connection, holder: int) -> bool:
        """Sort and work off one batch. Returns whether there was anything to do.

        Database trouble comes out as ``psycopg.Error``; nothing is lost by it.
        """
        lease = Lease(holder, self._config.turn_lease_seconds)
        if len(self._slow) >= MAX_SLOW:
            await asyncio.wait(self._slow, return_when=asyncio.FIRST_COMPLETED)
        async with connection.transaction():
            sorted_now = await sort(connection)
            held = await claims.claim(connection, lease, self._config.turn_batch, may_be_suspect=not self._slow)
        if held:
            await self._work(connection, held)
        return bool(sorted_now or held)

    async def finish(self) -> None:
        """Wait for the slow ones, then let the threads go."""
        if self._slow:
            await asyncio.wait(self._slow)
        self._runner.close()

    async def _work(self, connection: Connection, held: Sequence[Held]) -> None:
        """Work off ``held``; when something is in the way of the batch, one conversation at a time."""
        try:
            await self._attempt(connection, held, self._runner, SLOW_SECONDS)
        except _Slow as slow:
            self._set_beside(slow)
            others = [pair for pair in held if pair != slow.held]
            if others:
                await claims.renew(connection, others, self._config.turn_lease_seconds)
                await self._work(connection, others)
        except Exception as trouble:
            if connection.closed or connection.broken:
                raise
            if len(held) > 1:
                log.info("batch taken apart", trouble=type(trouble).__name__)
                for pair in held:
                    await self._work(connection, [pair])
            else:
                await self._again(connection, held, trouble)

    async def _again(self, connection: Connection, held: Sequence[Held], trouble: Exception) -> None:
        """One conversation that did not go through: try again, then park the event that leads it."""
        for _ in range(MAX_TRIES - 1):
            if not isinstance(trouble, Conflict | psycopg.OperationalError | effects.Stale):
                break
            try:
                return await self._attempt(connection, held, self._runner, self._config.bot_deadline_seconds)
            except _Slow as slow:
                return self._set_beside(slow)
            except Exception as again:
                if connection.closed or connection.broken:
                    raise
                trouble = again
        log.error("turn failed", conversation=held[0][0], exc_info=trouble)
        return await self._park(connection, held, "conflict" if isinstance(trouble, Conflict) else "turn_failed")

    async def _attempt(self, connection: Connection, held: Sequence[Held], runner: Runner, patience: float) -> None:
        """Load, run, write. Raises ``_Slow`` when one bot takes longer than ``patience``."""
        async with connection.transaction():
            batch = await claims.load(connection, held)
            bench, setting = await self._prepare(connection)
        idle = [(claimed.id, claimed.token) for claimed in batch if not claimed.events]
        batch = [claimed for claimed in batch if claimed.events]
        await self._run(batch, bench, setting, runner, patience)
        async with connection.transaction():
            if idle:
                await claims.give_back(connection, idle)
            if batch:
                await effects.write(connection, batch, bench.shelves.values())
        self._after(batch)

    async def _prepare(self, connection: Connection) -> tuple[Bench, Setting]:
        row = await (await connection.execute(_TIMES)).fetchone()
        assert row is not None
        bench = Bench(None, {})
        setting = Setting(
            now=row[1].astimezone(UTC),
            real_now=row[0],
            hosts=self._hosts,
            shelf=bench.shelf,
            turns_per_minute=self._config.loop_turns_per_minute,
            human_minutes=self._config.human_minutes,
        )
        return bench, setting

    async def _run(
        self, batch: Sequence[Claimed], bench: Bench, setting: Setting, runner: Runner, patience: float
    ) -> None:
        def work(claimed: Claimed, event: Waiting, reader: Reader) -> None:
            bench.reader = reader
            turn.take(claimed, event, setting)
            claimed.position += 1

        job = Job(batch, work)
        runner.submit(job)
        while not job.finished.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await job.finished.wait()
            if job.finished.is_set() or job.stuck_for < patience:
                continue
            position = job.leave()
            if position is None:
                await job.finished.wait()
                continue
            runner.abandon()
            stuck = batch[position]
            raise _Slow((stuck.id, stuck.token), stuck.position)
        if job.error is not None:
            raise job.error

    def _set_beside(self, slow: _Slow) -> None:
        if self._runner.lost >= MAX_LOST_THREADS:
            raise TooManyLost
        task = asyncio.create_task(self._linger(slow.held), name="slow bot")
        self._slow.add(task)
        task.add_done_callback(self._slow.discard)

    async def _linger(self, held: Held) -> None:
        """Give one conversation its bot's whole deadline, beside the others. Its lease outlasts that."""
        runner = Runner(self._config.database_dsn)
        try:
            connection = await self._connect()
            try:
                await claims.renew(connection, [held], self._config.turn_lease_seconds)
                try:
                    await self._attempt(connection, [held], runner, self._config.bot_deadline_seconds)
                except _Slow as slow:
                    await self._time_out(connection, slow)
            finally:
                await connection.close()
        except (psycopg.Error, OSError, effects.Stale, Conflict) as trouble:
            # Its lease ends by itself, and then it is worked off again, alone.
            log.warning("slow turn given up", conversation=held[0], trouble=str(trouble).strip())
        except Exception:
            log.exception("slow turn failed", conversation=held[0])
        finally:
            runner.close()

    async def _time_out(self, connection: Connection, slow: _Slow) -> None:
        """What came before the endless one is worked off as usual; the endless one fails."""
        async with connection.transaction():
            batch = await claims.load(connection, [slow.held], max(slow.event, 1))
            bench, setting = await self._prepare(connection)
        if slow.event > 0:
            runner = Runner(self._config.database_dsn)
            await self._run(batch, bench, setting, runner, self._config.bot_deadline_seconds)
            runner.close()
        else:
            for claimed in batch:
                for event in claimed.events:
                    turn.fail(claimed, event, setting, "bot_timeout", "deadline")
        async with connection.transaction():
            await effects.write(connection, batch, bench.shelves.values())
        self._after(batch)

    async def _park(self, connection: Connection, held: Sequence[Held], reason: str) -> None:
        async with connection.transaction():
            batch = await claims.load(connection, held, 1)
            _, setting = await self._prepare(connection)
            for claimed in batch:
                for event in claimed.events:
                    turn.fail(claimed, event, setting, reason, reason)
            await effects.write(connection, batch, ())
        self._after(batch)

    def _after(self, batch: Sequence[Claimed]) -> None:
        """After the commit: count, and ring for the sender."""
        now = datetime.now(UTC)
        for claimed in batch:
            for ended in claimed.effects.ended:
                metrics.TURNS.labels(ended.reason or ended.state).inc()
                metrics.TURN_SECONDS.observe(max(0.0, (now - ended.received_at).total_seconds()))
        if any(claimed.effects.planned for claimed in batch):
            self._on_replies()
