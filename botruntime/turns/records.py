"""Bots' data and the erasing of a contact, inside the turn's transaction."""

from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from botruntime.sdk.contract import Conflict, Record
from botruntime.turns.shelf import Shelf

Connection = AsyncConnection[Any]

_DELETE = "DELETE FROM entry WHERE installation_id = %s AND code = ANY(%s::uuid[])"

_UPDATE = """
UPDATE entry SET key = %(key)s, data = %(data)s, revision = %(revision)s, updated_at = %(updated_at)s
WHERE installation_id = %(installation)s AND code = %(code)s AND revision = %(base)s
"""

_INSERT = """
INSERT INTO entry (code, installation_id, collection, key, contact_id, data, revision, created_at, updated_at)
VALUES (%(code)s, %(installation)s, %(collection)s, %(key)s, (SELECT id FROM contact WHERE code = %(contact)s),
    %(data)s, %(revision)s, %(created_at)s, %(updated_at)s)
"""

# What the person said and what was said to them goes; that it was said, and who wished for silence, stays.
_ERASE = (
    "UPDATE contact SET name = '', username = NULL, language = NULL, erased_at = clock_timestamp() WHERE id = %(id)s",
    """
    UPDATE inbound_event SET raw = ''
    WHERE conversation_id IN (SELECT id FROM conversation WHERE contact_id = %(id)s) AND state <> 'pending'
    """,
    """
    UPDATE outbound_message SET payload = '{}'
    WHERE contact_id = %(id)s AND state IN ('sent', 'delivered', 'read', 'failed', 'refused', 'cancelled')
    """,
    "UPDATE outbound_message SET state = 'cancelled', payload = '{}' WHERE contact_id = %(id)s AND state = 'held'",
    # A collection that must outlive an erasure, says its manifest, only loses what names the person.
    """
    WITH held AS (
        SELECT e.id, c.keep, c.pii FROM entry e
        JOIN installation i ON i.id = e.installation_id JOIN version v ON v.id = i.version_id
        LEFT JOIN LATERAL jsonb_to_recordset(v.manifest #> '{data,collections}') AS c (name text, keep bool, pii jsonb)
            ON c.name = e.collection
        WHERE e.contact_id = %(id)s AND e.collection NOT LIKE '\\_%%'
    ), kept AS (
        UPDATE entry e SET data = e.data || (
            SELECT coalesce(jsonb_object_agg(field, NULL), '{}') FROM jsonb_array_elements_text(held.pii) AS field
        )
        FROM held WHERE held.id = e.id AND held.keep
    )
    DELETE FROM entry e USING held WHERE held.id = e.id AND held.keep IS NOT TRUE
    """,
)


async def write(connection: Connection, shelf: Shelf) -> None:
    """Write what a shelf collected. Raises ``Conflict`` when somebody else changed the same records meanwhile."""
    if shelf.gone:
        await connection.execute(_DELETE, (shelf.installation_id, [code for _, code in shelf.gone]))
    updates = [draft for draft in shelf.drafts.values() if draft.base is not None]
    for draft in updates:
        done = await connection.execute(_UPDATE, _values(shelf, draft.record) | {"base": draft.base})
        if done.rowcount != 1:
            raise Conflict(f"{draft.record.collection}: changed meanwhile")
    inserts = [_values(shelf, draft.record) for draft in shelf.drafts.values() if draft.base is None]
    if inserts:
        try:
            async with connection.cursor() as cursor:
                await cursor.executemany(_INSERT, inserts)
        except UniqueViolation as taken:
            raise Conflict(str(taken.diag.constraint_name)) from taken


async def erase(connection: Connection, contact_id: int) -> None:
    """Forget the person (Indonesia's UU PDP): name, messages and records in every conversation."""
    for statement in _ERASE:
        await connection.execute(statement, {"id": contact_id})


def _values(shelf: Shelf, record: Record) -> dict[str, Any]:
    return {
        "installation": shelf.installation_id,
        "code": record.code,
        "collection": record.collection,
        "key": record.key,
        "contact": record.contact,
        "data": Jsonb(record.data),
        "revision": record.revision,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }
