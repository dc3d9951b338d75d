"""The first answer of an installation, noted once as an event: the owner's home shows that her bot works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

# Two senders may both find nothing and note it twice; readers ask only whether it is there.
_NOTE = """
INSERT INTO event (code, happened_at, kind, business_id, subject_kind, subject_code, data)
SELECT gen_random_uuid(), clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), '0'),
    'installation.answered', i.business_id, 'installation', i.code, '{}'
FROM installation i
WHERE i.id IN (SELECT o.installation_id FROM outbound_message o WHERE o.id = ANY(%s) AND o.author = 'bot')
    AND NOT EXISTS (SELECT FROM event e WHERE e.subject_kind = 'installation' AND e.subject_code = i.code
        AND e.kind = 'installation.answered')
"""


async def note(connection: AsyncConnection[Any], sent: Sequence[int]) -> None:
    """Note the installations whose bot wrote one of these messages, unless they are noted already."""
    await connection.execute(_NOTE, (list(sent),))
