"""A bot's data during a batch: read from the table ``entry``, written only with the turn's own transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from botruntime.sdk.contract import Conflict, Record
from botruntime.sdk.tables import matches

Where = Mapping[str, Any] | None
Place = tuple[str, str]

_COLUMNS = """
SELECT e.code, e.collection, e.data, e.created_at, e.updated_at, e.key, c.code, e.revision
FROM entry e LEFT JOIN contact c ON c.id = e.contact_id
WHERE e.installation_id = %(installation)s AND e.collection = %(collection)s
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to write. ``base`` is the stored revision it replaces; None for a new one."""

    record: Record
    base: int | None


@dataclass(slots=True)
class Shelf:
    """``Tables`` of one installation for one batch. Later turns of the batch see what earlier ones wrote.

    Reads see what is committed; a change by somebody else in between shows when the batch is written, as ``Conflict``.
    """

    installation_id: int
    connect: Callable[[], Connection[Any]]
    drafts: dict[Place, Draft] = field(default_factory=dict)
    gone: set[Place] = field(default_factory=set)

    def mark(self) -> tuple[dict[Place, Draft], set[Place]]:
        """How the shelf is now, for ``put_back``."""
        return dict(self.drafts), set(self.gone)

    def put_back(self, mark: tuple[dict[Place, Draft], set[Place]]) -> None:
        """Undo what a failed turn wrote."""
        self.drafts, self.gone = mark

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
        """See ``Tables.find``."""
        found = [record for record in self._stored(collection, contact, key, where) if self._is_current(record)]
        found += [draft.record for (name, _), draft in self.drafts.items() if name == collection]
        found = [record for record in found if matches(record, contact, key, where)]
        found.sort(key=lambda record: record.created_at)
        return (found[::-1] if newest_first else found)[:limit]

    def get(self, collection: str, code: str) -> Record | None:
        """See ``Tables.get``."""
        place = (collection, code)
        if place in self.gone:
            return None
        if place in self.drafts:
            return self.drafts[place].record
        rows = self._read(_COLUMNS + "AND e.code = %(code)s", collection, code=code)
        return rows[0] if rows else None

    def count(self, collection: str, *, contact: str | None = None, where: Where = None) -> int:
        """See ``Tables.count``."""
        return len(self.find(collection, contact=contact, where=where))

    def insert(self, record: Record) -> None:
        """See ``Tables.insert``."""
        if record.key is not None and self.find(record.collection, key=record.key, limit=1):
            raise Conflict(f"{record.collection}: {record.key} is taken")
        self.drafts[record.collection, record.code] = Draft(record, None)

    def update(self, record: Record) -> None:
        """See ``Tables.update``."""
        place = (record.collection, record.code)
        stored = self.get(*place)
        if stored is None or stored.revision != record.revision - 1:
            raise Conflict(f"{record.collection}: changed meanwhile")
        known = self.drafts.get(place)
        self.drafts[place] = Draft(record, known.base if known else stored.revision)

    def delete(self, collection: str, code: str) -> None:
        """See ``Tables.delete``."""
        draft = self.drafts.pop((collection, code), None)
        if draft is None or draft.base is not None:
            self.gone.add((collection, code))

    def _is_current(self, record: Record) -> bool:
        place = (record.collection, record.code)
        return place not in self.gone and place not in self.drafts

    def _stored(self, collection: str, contact: str | None, key: str | None, where: Where) -> list[Record]:
        """What the database has; a filter on equal texts and numbers is left to its containment."""
        plain = {name: value for name, value in (where or {}).items() if isinstance(value, str | int | float)}
        query = _COLUMNS
        query += "AND e.key = %(key)s " if key is not None else ""
        query += "AND c.code = %(contact)s " if contact is not None else ""
        query += "AND e.data @> %(where)s " if plain else ""
        return self._read(query + "ORDER BY e.id", collection, key=key, contact=contact, where=Jsonb(plain))

    def _read(self, query: str, collection: str, **values: Any) -> list[Record]:
        given = {"installation": self.installation_id, "collection": collection, **values}
        rows = self.connect().execute(query, given).fetchall()
        return [_record(*row) for row in rows]


def _record(
    code: UUID,
    collection: str,
    data: Any,
    created_at: Any,
    updated_at: Any,
    key: Any,
    contact: UUID | None,
    revision: int,
) -> Record:
    return Record(
        str(code), collection, data, created_at, updated_at, key, None if contact is None else str(contact), revision
    )
