"""The emulator's memory: records in dictionaries, mirrored in a SQLite file used as a document store."""

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Record(Protocol):
    """A dataclass of JSON values with a string id."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    id: str


R = TypeVar("R", bound=Record)


class Journal:
    """Documents by (kind, id). Writes reach the operating system at ``commit``, which is enough to survive kill -9."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "emulator.db", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # No fsync: a power cut may lose the last seconds of a pretend world, a killed process loses nothing.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS doc (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))")
        self._open = False

    def load(self, kind: str) -> Iterator[dict[str, Any]]:
        """All documents of one kind in the order they were first written."""
        for (body,) in self._db.execute("SELECT body FROM doc WHERE kind = ? ORDER BY rowid", (kind,)):
            yield json.loads(body)

    def put(self, kind: str, record_id: str, document: dict[str, Any]) -> None:
        """Insert or overwrite one document."""
        self._begin()
        self._db.execute(
            "INSERT INTO doc VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, record_id, json.dumps(document, separators=(",", ":"))),
        )

    def remove(self, kind: str, record_id: str) -> None:
        """Forget one document."""
        self._begin()
        self._db.execute("DELETE FROM doc WHERE kind = ? AND id = ?", (kind, record_id))

    def commit(self) -> None:
        """Make everything written since the last commit durable against a killed process."""
        if self._open:
            self._db.execute("COMMIT")
            self._open = False

    def close(self) -> None:
        """Commit and let go of the file."""
        self.commit()
        self._db.close()

    def _begin(self) -> None:
        if not self._open:
            self._db.execute("BEGIN")
            self._open = True


class Table(Generic[R]):
    """All records of one kind, by id, in order of creation."""

    def __init__(self, journal: Journal, record: type[R]) -> None:
        self._journal = journal
        self._kind = record.__name__.lower()
        known = {field.name for field in dataclasses.fields(record)}
        self._rows: dict[str, R] = {}
        for document in journal.load(self._kind):
            row = record(**{key: value for key, value in document.items() if key in known})
            self._rows[row.id] = row

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, record_id: str | None) -> R | None:
        """The record, or None."""
        return self._rows.get(record_id) if record_id else None

    def __getitem__(self, record_id: str) -> R:
        return self._rows[record_id]

    def put(self, record: R) -> R:
        """Keep a new or changed record."""
        self._rows[record.id] = record
        self._journal.put(self._kind, record.id, vars(record))
        return record

    def remove(self, record_id: str) -> None:
        """Forget a record; unknown ids are fine."""
        if self._rows.pop(record_id, None) is not None:
            self._journal.remove(self._kind, record_id)

    def clear(self) -> None:
        """Forget all records of this kind."""
        for record_id in list(self._rows):
            self.remove(record_id)
