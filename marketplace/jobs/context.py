"""What a job stands on outside a request: this process's settings and database sessions."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from catalog.db import engine_for, session_factory
from marketplace.config import Config

_config: Config | None = None
_factories: dict[str, sessionmaker[Session]] = {}


def use(config: Config) -> None:
    """Name the settings jobs run and are queued with. The app and the jobs process call it once at start."""
    global _config
    _config = config


def settings() -> Config:
    """The settings in use. Raises ``RuntimeError`` before ``use``."""
    if _config is None:
        raise RuntimeError("marketplace.jobs.use(config) was not called")
    return _config


@contextmanager
def session() -> Iterator[Session]:
    """A session whose transaction is committed when the block ends well and rolled back when it does not."""
    url = settings().database_url
    if url not in _factories:
        _factories[url] = session_factory(engine_for(url, pool_size=4))
    with _factories[url].begin() as opened:
        yield opened


def dispose() -> None:
    """Close every pooled connection."""
    for factory in _factories.values():
        factory.kw["bind"].dispose()
    _factories.clear()
