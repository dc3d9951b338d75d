"""Bring a database to the newest schema, in this process."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from catalog.db import engine_for

ROOT = Path(__file__).resolve().parents[1]


def configuration() -> Config:
    """Alembic's configuration; the connection travels in ``attributes``."""
    config = Config()
    # Percent signs are escaped because Alembic interpolates its options.
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(url: str) -> None:
    """Upgrade the database at ``url`` to the newest revision; all of it in one transaction, or nothing."""
    engine = engine_for(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def upgrade(engine: Engine) -> None:
    """Upgrade the database of ``engine``."""
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
