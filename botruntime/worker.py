"""The worker process: turns, timers, statuses, account events and the sender, side by side in one event loop.

Every part runs for ever, survives the loss of its database connection, and is woken by ``NOTIFY`` or, should a bell be
lost, within a second. Start with ``python -m botruntime.worker``.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import psycopg
import structlog
from prometheus_client import start_http_server
from psycopg import AsyncConnection
from psycopg.types.json import set_json_dumps, set_json_loads

from botruntime import logs, metrics
from botruntime.config import Config, SettingError, load
from botruntime.hosting.base import Host
from botruntime.hosting.builtin import Builtin
from botruntime.outbound.sender import Sender
from botruntime.transports import registry
from botruntime.turns import aside, claims, timers
from botruntime.turns.loop import TooManyLost, TurnLoop
from catalog.db import engine_for, session_factory

log = structlog.get_logger(__name__)
Connection = AsyncConnection[Any]

INBOUND = "pasarbot_inbound"
SWEEP_SECONDS = 1.0
TIMER_SECONDS = 0.5
GAUGE_SECONDS = 5.0
RECONNECT_SECONDS = 0.5
# A transaction that idles belongs to a frozen process and loses its locks. A queue's indexes are right at any size and
# its statistics wrong most of the time.
SETTINGS = (
    "-c idle_in_transaction_session_timeout=5000 -c statement_timeout=10000 -c plan_cache_mode=force_generic_plan "
    "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_material=off -c enable_hashjoin=off "
    "-c enable_mergejoin=off"
)

_GAUGES = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(e.received_at)), 0)
FROM conversation c JOIN inbound_event e ON e.id = c.waiting_since WHERE c.waiting_since IS NOT NULL
"""


class Worker:
    """All parts of one worker process. ``run`` returns once ``stop`` is set and everything under way is written."""

    def __init__(self, config: Config, hosts: Mapping[str, Host] | None = None) -> None:
        self._config = config
        self._hosts = hosts or {"builtin": Builtin()}
        self._engine = engine_for(config.database_url, pool_size=2, max_overflow=2)
        self._sessions = session_factory(self._engine)
        self._stop = asyncio.Event()
        self._bells = [asyncio.Event() for _ in range(3)]
        self._turns_bell, self._statuses_bell, self._accounts_bell = self._bells
        self._holder: int | None = None
        self.has_failed = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``."""
        self._stop = stop
        transports = registry.open_all(self._config)
        sender = Sender(
            self._config.database_dsn,
            transports=transports,
            sealer=self._config.sealer,
            sessions=self._sessions,
            sends_under_way=self._config.sends_under_way,
        )
        self._turns = TurnLoop(self._config, self._hosts, self._connect, sender.wake)
        parts = [
            self._for_ever("bell", self._listen),
            self._for_ever("turns", self._work),
            self._for_ever("timers", self._watch_timers),
            self._for_ever("statuses", self._settle_statuses),
            self._for_ever("accounts", self._settle_accounts),
            self._for_ever("sweep", self._sweep),
            self._ring_at_stop(),
            sender.run(stop),
        ]
        try:
            await asyncio.gather(*parts)
        finally:
            await self._turns.finish()
            for transport in transports.values():
                await transport.close()
            self._engine.dispose()

    def ring(self) -> None:
        """Something may have come in."""
        for bell in self._bells:
            bell.set()

    async def _for_ever(self, name: str, part: Callable[[Connection], Awaitable[None]]) -> None:
        """Run ``part`` on a connection of its own until stopped; whatever breaks it, it begins again."""
        while not self._stop.is_set():
            try:
                connection = await self._connect()
                async with connection:
                    await part(connection)
            except TooManyLost:
                log.critical("bots do not come back; the process ends to be rid of them")
                self.has_failed = True
                self._stop.set()
            except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, OSError) as trouble:
                log.warning("database unavailable", part=name, trouble=str(trouble).strip())
                await self._pause(RECONNECT_SECONDS)
            except Exception:
                log.exception("part failed", part=name)
                await self._pause(SWEEP_SECONDS)

    async def _connect(self) -> Connection:
        connection: Connection = await psycopg.AsyncConnection.connect(
            self._config.database_dsn, autocommit=True, application_name=claims.APPLICATION, options=SETTINGS
        )
        set_json_loads(orjson.loads, connection)
        set_json_dumps(orjson.dumps, connection)
        return connection

    async def _listen(self, connection: Connection) -> None:
        """The bell's connection also stands for this process: while it lives, so do our leases."""
        before, self._holder = self._holder, connection.info.backend_pid
        if before is not None:
            await claims.disown(connection, before)
        await claims.reap(connection)
        await connection.execute(f"LISTEN {INBOUND}")
        self.ring()
        while not self._stop.is_set():
            async for _ in connection.notifies(timeout=SWEEP_SECONDS, stop_after=1):
                self.ring()

    async def _work(self, connection: Connection) -> None:
        while not self._stop.is_set():
            self._turns_bell.clear()
            holder = self._holder
            if holder is not None:
                while not self._stop.is_set() and await self._turns.step(connection, holder):
                    holder = self._holder or holder
            await self._wait(self._turns_bell, SWEEP_SECONDS)

    async def _watch_timers(self, connection: Connection) -> None:
        while not self._stop.is_set():
            async with connection.transaction():
                released = await timers.release(connection)
            if released:
                self._turns_bell.set()
            upcoming = await timers.seconds_to_next(connection)
            await self._pause(min(TIMER_SECONDS, max(0.01, upcoming if upcoming is not None else TIMER_SECONDS)))

    async def _settle_statuses(self, connection: Connection) -> None:
        while not self._stop.is_set():
            self._statuses_bell.clear()
            while not self._stop.is_set() and await aside.settle_statuses(connection):
                continue
            await self._wait(self._statuses_bell, SWEEP_SECONDS)

    async def _settle_accounts(self, _: Connection) -> None:
        while not self._stop.is_set():
            self._accounts_bell.clear()
            while not self._stop.is_set() and await asyncio.to_thread(aside.settle_account, self._sessions):
                continue
            await self._wait(self._accounts_bell, SWEEP_SECONDS)

    async def _sweep(self, connection: Connection) -> None:
        since_gauges = GAUGE_SECONDS
        while not self._stop.is_set():
            if await claims.reap(connection):
                self._turns_bell.set()
            if since_gauges >= GAUGE_SECONDS:
                since_gauges = 0.0
                row = await (await connection.execute(_GAUGES)).fetchone()
                if row is not None:
                    metrics.QUEUE_LENGTH.set(row[0])
                    metrics.QUEUE_AGE_SECONDS.set(float(row[1]))
            await self._pause(SWEEP_SECONDS)
            since_gauges += SWEEP_SECONDS

    async def _wait(self, bell: asyncio.Event, seconds: float) -> None:
        """Until the bell (the stop rings it too) or the end of ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await bell.wait()

    async def _pause(self, seconds: float) -> None:
        await self._wait(self._stop, seconds)

    async def _ring_at_stop(self) -> None:
        await self._stop.wait()
        self.ring()


async def _run(config: Config) -> bool:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    if config.worker_metrics_port:
        start_http_server(config.worker_metrics_port, addr="127.0.0.1")
    worker = Worker(config)
    await worker.run(stop)
    return not worker.has_failed


def main() -> None:
    """Work until told to stop."""
    logs.set_up()
    try:
        config = load()
    except SettingError as wrong:
        sys.exit(f"worker: {wrong}")
    sys.exit(0 if asyncio.run(_run(config)) else 3)


if __name__ == "__main__":
    main()
