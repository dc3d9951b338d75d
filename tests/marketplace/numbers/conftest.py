"""The emulator, the store with its address, and people who connect numbers."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from marketplace import config
from marketplace.app import create_app
from marketplace.config import Config
from marketplace.graph import Graph
from scripts.ports import free_together
from tests import cast
from tests.cast import Cast
from tests.marketplace.numbers import emulating
from tests.marketplace.numbers.desk import Desk
from tests.marketplace.numbers.emulating import Emulator

APP = {
    "META_APP_ID": "100000000000001",
    "META_APP_SECRET": "app-secret-of-the-tests",
    "META_CONFIG_ID": "200000000000002",
    "META_VERIFY_TOKEN": "verify-token-of-the-tests",
}


@pytest.fixture(scope="session")
def addresses() -> dict[str, str]:
    """Where store and emulator listen in this test process."""
    ports = free_together()
    graph = f"http://localhost:{ports.emulator}"
    return {
        "STORE_URL": f"http://localhost:{ports.store}",
        "PAGES_URL": f"http://localhost:{ports.pages}",
        "DOOR_URL": f"http://localhost:{ports.door}",
        "BASE_PORT": str(ports.base),
        "GRAPH_BASE_URL": graph,
        "FB_SDK_URL": f"{graph}/en_US/sdk.js",
        "FB_DIALOG_URL": f"{graph}/v25.0/dialog/oauth",
        "FB_DIALOG_ORIGINS": graph,
        "MAIL_URL": f"{graph}/mail",
    }


@pytest.fixture(scope="session")
def emulator_process(addresses: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for the whole test process."""
    port = int(addresses["GRAPH_BASE_URL"].rpartition(":")[2])
    with emulating.running(port, tmp_path_factory.mktemp("emulator"), {**addresses, **APP}) as emulator:
        yield emulator


@pytest.fixture
def emulator(emulator_process: Emulator) -> Iterator[Emulator]:
    """The emulator without faults; each test makes its own numbers."""
    yield emulator_process
    emulator_process.control("faults", method="DELETE")


@pytest.fixture
def settings(environment: dict[str, str], addresses: dict[str, str]) -> Config:
    """The store's settings with the emulator in Meta's place."""
    return config.read({**environment, **addresses, **APP})


@pytest.fixture
def app(settings: Config, jobs: Config) -> Iterator[Flask]:
    """The store."""
    made = create_app(settings)
    yield made
    with made.app_context():
        from catalog.web.db import db

        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def graph(settings: Config) -> Graph:
    """Graph as the store reaches it."""
    return Graph.of(settings)


@pytest.fixture
def people(session: Session) -> Cast:
    """The named cast."""
    made = cast.assemble(session)
    session.commit()
    return made


@pytest.fixture
def desk(app: Flask, people: Cast, session: Session) -> "Desk":
    """The owner of business A at the browser."""
    return Desk.of(app, session, people.owner_a, people.business_a)


@pytest.fixture
def strangers_desk(app: Flask, people: Cast, session: Session) -> "Desk":
    """The owner of business B at another browser."""
    return Desk.of(app, session, people.owner_b, people.business_b)
