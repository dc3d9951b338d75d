"""A number with an installed bot whose behaviour is written in the test, and a worker driven step by step."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from botruntime.config import Config
from botruntime.inbound.keeper import Keeper
from botruntime.inbound.payload_split import split
from botruntime.sdk.contract import Outcome, Reply, Tables, Turn
from botruntime.turns import claims, timers
from botruntime.turns.loop import TurnLoop
from botruntime.worker import SETTINGS
from catalog import clock
from catalog.models import Business, Installation, Number, User
from tests.botruntime import hooks

T = TypeVar("T")
Behaviour = Callable[[Turn, Tables], Outcome]


def say(body: str, **wishes: Any) -> Outcome:
    return Outcome(replies=(Reply(body=body),), **wishes)


@dataclass
class ScriptedHost:
    """Runs the test's own function and remembers the turns it saw."""

    behaviour: Behaviour = lambda turn, tables: say(f"re: {turn.event.text}", state=turn.state)
    turns: list[Turn] = field(default_factory=list)

    def run(self, bot: str, turn: Turn, tables: Tables) -> Outcome:
        self.turns.append(turn)
        return self.behaviour(turn, tables)

    @property
    def heard(self) -> list[str]:
        return [turn.event.text for turn in self.turns if turn.event.type == "message"]


@dataclass
class Stage:
    """One business with one live number and, unless removed, one active bot."""

    config: Config
    engine: Engine
    session: Session
    owner: User
    business: Business
    number: Number
    installation: Installation
    host: ScriptedHost = field(default_factory=ScriptedHost)

    def keep(self, *bodies: bytes) -> None:
        """Put webhooks into the inbox as the door does."""

        async def write() -> None:
            keeper = Keeper(self.config.database_dsn)
            keeper.start()
            for body in bodies:
                await keeper.keep(split(body))
            await keeper.stop()

        asyncio.run(write())

    def say(self, *messages: str | dict[str, Any], number: Number | None = None) -> None:
        """A contact writes, one webhook per message."""
        made = [hooks.text(item) if isinstance(item, str) else item for item in messages]
        self.keep(*(hooks.hook((number or self.number).phone_number_id, item) for item in made))

    def work(self, host: ScriptedHost | None = None) -> None:
        """Let a worker do all there is to do."""
        asyncio.run(self.working(lambda worker: worker.until_idle(), host))

    async def working(self, act: Callable[["Driven"], Awaitable[T]], host: ScriptedHost | None = None) -> T:
        async with driven(self.config, host or self.host) as worker:
            return await act(worker)

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]

    def sent(self) -> list[str]:
        """Bodies in the outbox, in order."""
        return [row["payload"]["body"] for row in self.rows("SELECT payload FROM outbound_message ORDER BY id")]

    def events(self) -> list[tuple[str, str | None]]:
        """State and reason of everything that came in."""
        rows = self.rows("SELECT state, reason FROM inbound_event ORDER BY id")
        return [(row["state"], row["reason"]) for row in rows]

    def conversation(self) -> dict[str, Any]:
        (row,) = self.rows("SELECT * FROM conversation")
        return row

    def conversations_of(self, name: str) -> list[int]:
        query = "SELECT c.id FROM conversation c JOIN contact p ON p.id = c.contact_id WHERE p.name = :name"
        return [row["id"] for row in self.rows(query, name=name)]

    def execute(self, query: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(query), values)

    def advance(self, seconds: int) -> None:
        """Move business time."""
        clock.advance(self.session, seconds)
        self.session.commit()


@dataclass
class Driven:
    """A turn loop with its connection; does one step at a time."""

    loop: TurnLoop
    connection: psycopg.AsyncConnection[Any]
    holder: int
    rung: int = 0

    async def step(self) -> bool:
        return await self.loop.step(self.connection, self.holder)

    async def until_idle(self) -> None:
        await claims.reap(self.connection)
        async with self.connection.transaction():
            await timers.release(self.connection)
        while await self.step():
            continue
        await self.loop.finish()


@asynccontextmanager
async def driven(config: Config, host: ScriptedHost) -> AsyncIterator[Driven]:
    async def connect() -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            config.database_dsn, autocommit=True, application_name=claims.APPLICATION, options=SETTINGS
        )
        set_json_loads(orjson.loads, connection)
        set_json_dumps(orjson.dumps, connection)
        return connection

    connection = await connect()
    async with connection:
        loop = TurnLoop(config, {"builtin": host}, connect, lambda: None)
        yield Driven(loop, connection, connection.info.backend_pid)
        await loop.finish()
