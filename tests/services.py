"""One PostgreSQL and one Valkey per test process, started by the first test that wants them."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from catalog import clock
from catalog.db import engine_for, session_factory
from scripts.migrate import upgrade
from scripts.services import Postgres, Valkey

SHADOW = "as_migrated"


class TestDatabase:
    """A migrated database that can be put back to how the migrations left it.

    Tests commit as the product does, so nothing can be rolled back: rows are deleted and what the migrations brought
    is restored from a shadow copy. Triggers rest meanwhile (``replica``), so append-only tables can be emptied too.
    """

    __test__ = False

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = engine_for(url)
        upgrade(self.engine)
        with session_factory(self.engine).begin() as session:
            clock.make_movable(session)
        with self.engine.begin() as connection:
            self.tables = self._names(connection)
            connection.execute(text(f"CREATE SCHEMA {SHADOW}"))
            self.seeded = [name for name in self.tables if self._has_rows(connection, name)]
            for name in self.seeded:
                connection.execute(text(f'CREATE TABLE {SHADOW}."{name}" AS TABLE public."{name}"'))
        others = (name for name in self.tables if name not in self.seeded)
        self._dirty = text(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM public.\"{name}\")" for name in others)
        )

    def clean(self) -> None:
        """Put every table back. Fails where a test left a transaction open that holds rows."""
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for name in connection.scalars(self._dirty).all():
                connection.execute(text(f'DELETE FROM public."{name}"'))
            for name in self.seeded:
                self._restore(connection, name)

    def _restore(self, connection: Connection, name: str) -> None:
        """Only what changed is written again: most tests leave the seeded tables alone."""
        public, shadow = f'public."{name}"', f'{SHADOW}."{name}"'
        changed = connection.scalar(
            text(
                f"SELECT EXISTS (TABLE {public} EXCEPT TABLE {shadow}) OR EXISTS (TABLE {shadow} EXCEPT TABLE {public})"
            )
        )
        if changed:
            connection.execute(text(f"DELETE FROM {public}"))
            connection.execute(text(f"INSERT INTO {public} TABLE {shadow}"))

    @staticmethod
    def _names(connection: Connection) -> list[str]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        return sorted(connection.scalars(text(query)))

    @staticmethod
    def _has_rows(connection: Connection, name: str) -> bool:
        return bool(connection.scalar(text(f'SELECT EXISTS (SELECT 1 FROM public."{name}")')))


def running_postgres(folder: Path) -> Iterator[Postgres]:
    """A server whose data a crash may lose: tests need speed, not durability."""
    server = Postgres(folder / "pg", folder / "postgres.log", durable=False)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def running_valkey(folder: Path) -> Iterator[Valkey]:
    server = Valkey(folder / "valkey", folder / "valkey.log")
    try:
        server.start()
        yield server
    finally:
        server.stop()
