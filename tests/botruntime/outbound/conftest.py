"""A number with a token, a contact who wrote a moment ago, an outbox, and a sender on a stub Graph."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from botruntime.config import Config
from botruntime.models import Contact, Conversation
from botruntime.outbound import outbox
from botruntime.outbound.outbox import Draft
from botruntime.outbound.sender import Sender
from botruntime.sdk.contract import Reply
from botruntime.transports.base import Transport
from botruntime.transports.cloud_api.client import CloudApi
from catalog import clock
from catalog.db import session_factory
from catalog.models import Installation, Number, NumberState
from tests import factories
from tests.botruntime.stub_graph import running_graph

TOKEN = "EAAB-business-token"


@dataclass
class Chat:
    """One contact on one number."""

    number_id: int
    contact_id: int
    conversation_id: int
    phone_number_id: str
    wa_id: str | None
    installation_id: int
    generation: int


@dataclass
class Scene:
    """The world of a sender's test."""

    config: Config
    engine: Engine
    session: Session
    person: Any
    business: Any
    chats: list[Chat] = field(default_factory=list)

    def number(self, **known: Any) -> Number:
        number = factories.number(self.session, self.business, state=known.pop("state", NumberState.LIVE), **known)
        assert number.waba is not None
        number.waba.keep_token(self.config.sealer, TOKEN, None)
        installation = factories.installation(self.session, number, factories.listing(self.session), self.person)
        self.session.commit()
        self.installations[number.id] = installation
        return number

    installations: dict[int, Installation] = field(default_factory=dict)

    def chat(self, number: Number, *, wrote: timedelta | None = timedelta(), **ids: Any) -> Chat:
        """A contact who wrote `wrote` ago; None: never."""
        serial = len(self.chats) + 1
        known = ids or {"wa_id": f"628120000{serial:04}", "bsuid": f"ID.1{serial:06}"}
        contact = Contact(business_id=self.business.id, **known)
        self.session.add(contact)
        self.session.flush()
        conversation = Conversation(
            number_id=number.id,
            contact_id=contact.id,
            last_inbound_at=None if wrote is None else clock.now(self.session) - wrote,
        )
        self.session.add(conversation)
        self.session.commit()
        installation = self.installations[number.id]
        made = Chat(
            number.id,
            contact.id,
            conversation.id,
            number.phone_number_id,
            contact.wa_id,
            installation.id,
            installation.generation,
        )
        self.chats.append(made)
        return made

    def draft(self, chat: Chat, body: str | Reply = "Halo", **more: Any) -> Draft:
        reply = Reply(body=body) if isinstance(body, str) else body
        bound = {"installation_id": chat.installation_id, "generation": chat.generation}
        return Draft(
            number_id=chat.number_id,
            contact_id=chat.contact_id,
            conversation_id=chat.conversation_id,
            reply=reply,
            **{**bound, **more},
        )

    def put(self, chat: Chat, *bodies: str | Reply, **more: Any) -> list[UUID]:
        """Put replies into the outbox, committed."""
        with psycopg.connect(self.config.database_dsn) as connection:
            return outbox.enqueue(connection, [self.draft(chat, body, **more) for body in bodies])

    def rows(self) -> list[dict[str, Any]]:
        query = text("SELECT * FROM outbound_message ORDER BY id")
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def row(self) -> dict[str, Any]:
        (row,) = self.rows()
        return row

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def deliveries(self) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text("SELECT * FROM delivery ORDER BY id")).mappings()]

    def run_sql(self, statement: str, **params: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), params)

    def hurry(self) -> None:
        """Everything that waits is due now; what is under way keeps its lease."""
        self.run_sql(
            "UPDATE outbound_message SET next_try_at = now() - interval '1 second' "
            "WHERE state IN ('queued', 'ambiguous') AND next_try_at > now()"
        )

    async def hurrying_until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for `condition` in a world where every pause is short."""
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < deadline, f"not within {seconds} s: {self.rows()}"
            await asyncio.to_thread(self.hurry)
            await asyncio.to_thread(self.run_sql, f"NOTIFY {outbox.BELL}")
            await asyncio.sleep(0.05)

    def later(self, **delta: float) -> None:
        """Move business time ahead."""
        with session_factory(self.engine).begin() as session:
            clock.advance(session, int(timedelta(**delta).total_seconds()))

    def now(self) -> datetime:
        with session_factory(self.engine)() as session:
            return clock.now(session)

    @asynccontextmanager
    async def sending(self, graph_url: str, **options: Any) -> AsyncIterator[Sender]:
        """A sender at work; it has written every result when the block is left."""
        transport: Transport = options.pop("transport", None) or CloudApi(
            graph_url, "v25.0", deadline=options.pop("deadline", 2.0)
        )
        sender = Sender(
            self.config.database_dsn,
            transports={"cloud_api": transport},
            sealer=self.config.sealer,
            sessions=session_factory(self.engine),
            **options,
        )
        stop = asyncio.Event()
        running = asyncio.create_task(sender.run(stop))
        try:
            yield sender
        finally:
            stop.set()
            await asyncio.wait_for(running, 15)
            await transport.close()

    async def until(self, condition: Callable[[], bool], seconds: float = 8.0) -> None:
        deadline = time.monotonic() + seconds
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < deadline, f"not within {seconds} s: {self.rows()}"
            await asyncio.sleep(0.02)

    def all_are(self, *states: str) -> Callable[[], bool]:
        return lambda: set(self.states()) <= set(states)


def refusal(scene: Scene) -> tuple[str, str, int]:
    """Run a sender once over the outbox; state, reason and requests made."""

    async def main() -> int:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(lambda: not scene.row()["is_open"] or scene.row()["parked_at"] is not None)
            return len(graph.requests)

    requests = asyncio.run(main())
    row = scene.row()
    return row["state"], row["reason"], requests


@pytest.fixture
def scene(config: Config, engine: Engine) -> Iterator[Scene]:
    with session_factory(engine)() as session:
        person = factories.user(session)
        business = factories.business(session, person)
        session.commit()
        yield Scene(config, engine, session, person, business)
