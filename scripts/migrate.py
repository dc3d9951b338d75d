"""Bring a database to the newest schema, in this process."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from catalog.db import engine_for
from scripts.metadata import complete_metadata

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
    config = configuration()
    if ScriptDirectory.from_config(config).get_current_head() is None:
        complete_metadata().create_all(engine)
        return
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_empty(engine: Engine) -> bool:
    """Whether nothing was ever migrated here."""
    return not inspect(engine).get_table_names()
