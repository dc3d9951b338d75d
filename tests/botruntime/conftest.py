"""The door as a real server on a port of its own, and a stage with one bot on one number."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests
import uvicorn
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from botruntime.config import Config, read
from botruntime.inbound.door import Door
from tests import factories
from tests.botruntime import hooks
from tests.botruntime.stage import Stage


@pytest.fixture
def config(environment: dict[str, str]) -> Config:
    return read(environment)


@dataclass
class RunningDoor:
    """A door that listens, and its inbox."""

    url: str
    engine: Engine

    def post(self, body: bytes, **headers: str) -> requests.Response:
        return requests.post(
            f"{self.url}/webhooks/whatsapp", data=body, headers=headers or hooks.headers(body), timeout=10
        )

    def inbox(self) -> list[dict[str, Any]]:
        query = text("SELECT * FROM inbound_event ORDER BY id")
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def serve(door: Door, engine: Engine) -> Iterator[RunningDoor]:
    """Run ``door`` in a thread with an event loop of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(door, log_level="warning", access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        thread.start()
        try:
            yield RunningDoor(f"http://127.0.0.1:{listening.getsockname()[1]}", engine)
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture
def door(config: Config, engine: Engine) -> Iterator[RunningDoor]:
    yield from serve(Door(config), engine)


@pytest.fixture
def stage(config: Config, engine: Engine, session: Session) -> Stage:
    owner = factories.user(session, "owner@example.com")
    business = factories.business(session, owner)
    number = factories.number(session, business)
    installation = factories.installation(session, number, factories.listing(session), owner)
    session.commit()
    return Stage(replace(config, turn_lease_seconds=2), engine, session, owner, business, number, installation)
