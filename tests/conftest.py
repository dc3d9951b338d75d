"""Fixtures every test may use: a real PostgreSQL, a real Valkey, the settings of a demo, and the seal."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from catalog.db import session_factory
from tests import services
from tests.seal import seal
from tests.services import TestDatabase

ROOT = Path(__file__).resolve().parents[1]


SLOW = ("processes", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: they run beside each other while the other worker steals the quick ones."""
    items.sort(key=lambda item: not (any(map(item.get_closest_marker, SLOW)) or "test_lint" in item.nodeid))


@pytest.fixture(scope="session", autouse=True)
def sealed_suite() -> Iterator[None]:
    """No test reaches beyond loopback."""
    with pytest.MonkeyPatch.context() as patch:
        seal(patch)
        yield


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDatabase]:
    """The test process's own server with a migrated database. Take ``database_url``, ``engine`` or ``session``."""
    for server in services.running_postgres(tmp_path_factory.mktemp("postgres")):
        database = TestDatabase(server.url)
        yield database
        database.engine.dispose()


@pytest.fixture
def database_url(migrated_database: TestDatabase) -> Iterator[str]:
    """Address of a database as the migrations leave it, with a movable clock; code under test may commit."""
    yield migrated_database.url
    migrated_database.clean()


@pytest.fixture
def engine(database_url: str, migrated_database: TestDatabase) -> Engine:
    """An engine on ``database_url``."""
    return migrated_database.engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on ``database_url``; what it commits is gone after the test."""
    with session_factory(engine)() as session:
        yield session


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for server in services.running_valkey(tmp_path_factory.mktemp("valkey")):
        yield server.url


@pytest.fixture
def redis_url(valkey_server: str) -> Iterator[str]:
    """Address of an empty Valkey."""
    yield valkey_server
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()


@pytest.fixture
def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """Settings of a demo whose services are the test's own, as a process would find them in its environment.

    Nothing listens on the ports named here; a test that starts a process puts its own addresses in.
    """
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a-secret-key-that-is-only-for-tests-0123456789",
        "SEALING_KEYS": "k1:" + base64.b64encode(b"sealing key of the tests 32 byte").decode(),
        "STORE_URL": "http://localhost:8000",
        "DOOR_URL": "http://localhost:8001",
        "PAGES_URL": "http://localhost:8003",
        "BASE_PORT": "8000",
        "META_APP_ID": "100000000000001",
        "META_APP_SECRET": "app-secret-of-the-tests",
        "META_CONFIG_ID": "200000000000002",
        "META_VERIFY_TOKEN": "verify-token-of-the-tests",
        "GRAPH_BASE_URL": "http://localhost:8002",
        "GRAPH_VERSION": "v25.0",
        "FB_SDK_URL": "http://localhost:8002/sdk.js",
        "FB_DIALOG_URL": "http://localhost:8002/v25.0/dialog/oauth",
        "FB_DIALOG_ORIGINS": "http://localhost:8002",
        "MAIL_URL": "http://localhost:8002/mail",
        "MAIL_FROM": "Pasarbot <halo@pasarbot.test>",
        "DEMO": "1",
        "TRUSTED_HOSTS": "localhost,127.0.0.1",
        "METRICS_ALLOW": "127.0.0.0/8,::1/128",
    }


@pytest.fixture(scope="session")
def oracle() -> Path:
    """The folder with the platform's own schemas; contract tests skip, and say so, without it."""
    folder = os.environ.get("PASARBOT_ORACLE")
    if not folder:
        pytest.skip("PASARBOT_ORACLE names no folder with the platform's schemas")
    return (ROOT / folder).resolve()
