"""The bot's data inside a turn: `Pending` collects writes until the bot's code succeeded, `MemoryTables` keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from botruntime.sdk import limits
from botruntime.sdk.contract import BotError, Conflict, Record, Tables

_NAMESPACE = UUID("6f0b2b3e-6d0c-5b6e-9a55-0c9d6d0f3c11")
Where = Mapping[str, Any] | None


def matches(record: Record, contact: str | None, key: str | None, where: Where) -> bool:
    """Whether the record passes all given filters."""
    return (
        (contact is None or record.contact == contact)
        and (key is None or record.key == key)
        and all(record.data.get(name) == value for name, value in (where or {}).items())
    )


class MemoryTables:
    """Tables of one installation in memory, for the simulator; can be written to JSON and read back."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: dict[tuple[str, str], Record] = {(record.collection, record.code): record for record in records}

    def find(
        self,
        collection: str,
        *,
        contact: str | None = None,
        key: str | None = None,
        where: Where = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Record]:
        """See `Tables.find`."""
        found = [record for (name, _), record in self.records.items() if name == collection]
        found = [record for record in found if matches(record, contact, key, where)]
        found.sort(key=lambda record: record.created_at)
        return (found[::-1] if newest_first else found)[:limit]

    def get(self, collection: str, code: str) -> Record | None:
        """See `Tables.get`."""
        return self.records.get((collection, code))

    def count(self, collection: str, *, contact: str | None = None, where: Where = None) -> int:
        """See `Tables.count`."""
        return len(self.find(collection, contact=contact, where=where))

    def insert(self, record: Record) -> None:
        """See `Tables.insert`."""
        if record.key is not None and self.find(record.collection, key=record.key):
            raise Conflict(f"{record.collection}: {record.key} is taken")
        self.records[record.collection, record.code] = record

    def update(self, record: Record) -> None:
        """See `Tables.update`."""
        old = self.records.get((record.collection, record.code))
        if old is None or old.revision != record.revision - 1:
            raise Conflict(f"{record.collection}: changed meanwhile")
        self.records[record.collection, record.code] = record

    def delete(self, collection: str, code: str) -> None:
        """See `Tables.delete`."""
        self.records.pop((collection, code), None)


class Pending:
    """Reads through to the tables with its own writes laid over them; `flush` carries the writes out, in order."""

    def __init__(self, tables: Tables, seed: str, now: datetime) -> None:
        self._tables = tables
        self._seed = seed
        self._now = now
        self._inserted: dict[tuple[str, str], Record] = {}
        self._updated: dict[tuple[str, str], Record] = {}
        self._deleted: set[tuple[str, str]] = set()
        self._made = 0

    def find(
        self,
        collection: str,
        *,
        contact: str | None = None,
        key: str | None = None,
        where: Where = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Record]:
        """Records as they will be after this turn."""
        if not self._touched(collection):
            return self._tables.find(
                collection, contact=contact, key=key, where=where, newest_first=newest_first, limit=limit
            )
        stored = self._tables.find(collection, contact=contact)
        found = [self._updated.get((collection, record.code), record) for record in stored]
        found = [record for record in found if (collection, record.code) not in self._deleted]
        found += [record for (name, _), record in self._inserted.items() if name == collection]
        found = [record for record in found if matches(record, contact, key, where)]
        return (found[::-1] if newest_first else found)[:limit]

    def get(self, collection: str, code: str) -> Record | None:
        """The record as it will be after this turn."""
        place = (collection, code)
        if place in self._deleted:
            return None
        return self._inserted.get(place) or self._updated.get(place) or self._tables.get(collection, code)

    def count(self, collection: str, *, contact: str | None = None, where: Where = None) -> int:
        """How many there will be."""
        if self._touched(collection):
            return len(self.find(collection, contact=contact, where=where))
        return self._tables.count(collection, contact=contact, where=where)

    def insert(self, collection: str, data: Mapping[str, Any], key: str | None, contact: str | None) -> Record:
        """A new record. Its code follows from the event and its place in the turn, so a repeated turn makes the same.

        Raises Conflict when the key is taken, BotError when the data is no JSON or too big.
        """
        if key is not None and self.find(collection, key=key, limit=1):
            raise Conflict(f"{collection}: {key} is taken")
        self._made += 1
        code = str(uuid5(_NAMESPACE, f"{self._seed}/{self._made}"))
        record = Record(code, collection, checked(data), self._now, self._now, key, contact)
        self._inserted[collection, code] = record
        self._within_limit()
        return record

    def update(self, record: Record, data: Mapping[str, Any]) -> Record:
        """The record with new data. Raises Conflict when it is gone."""
        place = (record.collection, record.code)
        if place in self._inserted:
            self._inserted[place] = replace(record, data=checked(data), updated_at=self._now)
            return self._inserted[place]
        if self.get(*place) is None:
            raise Conflict(f"{record.collection}: the record is gone")
        base = self._updated[place].revision - 1 if place in self._updated else record.revision
        self._updated[place] = replace(record, data=checked(data), updated_at=self._now, revision=base + 1)
        self._within_limit()
        return self._updated[place]

    def delete(self, collection: str, code: str) -> None:
        """Forget the record."""
        place = (collection, code)
        self._updated.pop(place, None)
        if self._inserted.pop(place, None) is None:
            self._deleted.add(place)

    def flush(self) -> None:
        """Write everything to the tables. Raises Conflict; then the whole turn has to be undone and run again."""
        for collection, code in sorted(self._deleted):
            self._tables.delete(collection, code)
        for record in self._updated.values():
            self._tables.update(record)
        for record in self._inserted.values():
            self._tables.insert(record)
        for written in (self._inserted, self._updated, self._deleted):
            written.clear()

    def _touched(self, collection: str) -> bool:
        return any(
            name == collection for places in (self._inserted, self._updated, self._deleted) for name, _ in places
        )

    def _within_limit(self) -> None:
        if len(self._inserted) + len(self._updated) > limits.WRITES_PER_TURN:
            raise BotError(f"more than {limits.WRITES_PER_TURN} records written in one turn")


def checked(data: Mapping[str, Any], limit: int = limits.RECORD_BYTES) -> dict[str, Any]:
    """A private copy of JSON data, without NUL, which PostgreSQL cannot hold. Raises BotError for anything else."""
    try:
        written = json.dumps(data, allow_nan=False, ensure_ascii=False)
        size = len(written.encode("utf-8"))
    except (TypeError, ValueError, RecursionError) as error:
        raise BotError(f"only JSON can be kept: {error}") from error
    if size > limit:
        raise BotError(f"{size} bytes to keep, at most {limit} are allowed")
    copy: dict[str, Any] = json.loads(written.replace("\\u0000", ""))
    return copy
