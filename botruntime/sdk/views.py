"""A bot's view of one of its collections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botruntime.sdk.contract import Record
from botruntime.sdk.tables import Pending


class TableView:
    """Records of one collection; what is written shows at once here and is kept when the turn succeeds."""

    def __init__(self, pending: Pending, name: str, contact: str | None) -> None:
        self._pending = pending
        self._name = name
        self._contact = contact

    def insert(self, key: str | None = None, *, shared: bool = False, **data: Any) -> Record:
        """Add a record. It belongs to the contact of the turn, unless `shared`. `key` is unique in the collection.

        Raises Conflict when the key is taken.
        """
        return self._pending.insert(self._name, data, key, None if shared else self._contact)

    def find(
        self, *, mine: bool = False, newest_first: bool = False, limit: int | None = None, **where: Any
    ) -> list[Record]:
        """Records whose data has these values; `mine` only those of the contact of the turn."""
        contact = self._contact if mine else None
        return self._pending.find(self._name, contact=contact, where=where, newest_first=newest_first, limit=limit)

    def by_key(self, key: str) -> Record | None:
        """The record with this key."""
        return next(iter(self._pending.find(self._name, key=key, limit=1)), None)

    def get(self, code: str) -> Record | None:
        """The record with this code."""
        return self._pending.get(self._name, code)

    def update(self, record: Record, **changes: Any) -> Record:
        """Change values of a record; the turn is run again if someone else changed it meanwhile."""
        return self._pending.update(record, {**record.data, **changes})

    def delete(self, record: Record) -> None:
        """Remove a record."""
        self._pending.delete(self._name, record.code)

    def count(self, *, mine: bool = False, **where: Any) -> int:
        """How many records match."""
        found: Mapping[str, Any] = where
        return self._pending.count(self._name, contact=self._contact if mine else None, where=found)
