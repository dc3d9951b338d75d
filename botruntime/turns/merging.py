"""Making one contact of two, with everything that hangs on them."""

from typing import Any

from psycopg import AsyncConnection

_MOVE_CONVERSATIONS = """
UPDATE conversation g SET contact_id = %(kept)s
WHERE g.contact_id = %(gone)s AND NOT EXISTS (
    SELECT 1 FROM conversation k WHERE k.contact_id = %(kept)s AND k.number_id = g.number_id)
"""

_PAIRS = """
SELECT g.id, k.id FROM conversation g JOIN conversation k USING (number_id)
WHERE g.contact_id = %(gone)s AND k.contact_id = %(kept)s
"""

_LOCK = "SELECT 1 FROM conversation WHERE id IN (%(gone)s, %(kept)s) ORDER BY id FOR UPDATE"

# The new token fences off whoever works on the old conversation right now.
_JOIN_CONVERSATIONS = (
    """
    UPDATE conversation SET lease_token = lease_token + 1, lease_until = NULL, lease_holder = NULL, waiting_since = NULL
    WHERE id = %(gone)s
    """,
    "UPDATE timer SET state = 'cancelled' WHERE conversation_id = %(gone)s AND state IN ('pending', 'due')",
    "UPDATE inbound_event SET conversation_id = %(kept)s WHERE conversation_id = %(gone)s",
    "UPDATE outbound_message SET conversation_id = %(kept)s WHERE conversation_id = %(gone)s",
    """
    UPDATE conversation c SET
        waiting_since = (SELECT min(id) FROM inbound_event WHERE conversation_id = c.id AND state = 'pending'),
        last_inbound_at = greatest(c.last_inbound_at, g.last_inbound_at)
    FROM conversation g WHERE g.id = %(gone)s AND c.id = %(kept)s
    """,
)

_JOIN_CONTACTS = (
    "UPDATE outbound_message SET contact_id = %(kept)s WHERE contact_id = %(gone)s",
    "UPDATE entry SET contact_id = %(kept)s WHERE contact_id = %(gone)s",
    """
    UPDATE contact k SET opted_out_at = coalesce(k.opted_out_at, g.opted_out_at),
        marketing_stopped_at = coalesce(k.marketing_stopped_at, g.marketing_stopped_at),
        language = coalesce(k.language, g.language)
    FROM contact g WHERE k.id = %(kept)s AND g.id = %(gone)s
    """,
)


async def merge(connection: AsyncConnection[Any], *, gone: int, kept: int) -> None:
    """Move conversations, messages and records of contact ``gone`` to ``kept``, in the caller's transaction."""
    ids = {"gone": gone, "kept": kept}
    await connection.execute(_MOVE_CONVERSATIONS, ids)
    for pair in await (await connection.execute(_PAIRS, ids)).fetchall():
        conversations = {"gone": pair[0], "kept": pair[1]}
        await connection.execute(_LOCK, conversations)
        for statement in _JOIN_CONVERSATIONS:
            await connection.execute(statement, conversations)
    for statement in _JOIN_CONTACTS:
        await connection.execute(statement, ids)
