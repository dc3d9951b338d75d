"""Mail to the people behind a bot, and the entries in the log of events, inside the turn's transaction."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botruntime.turns.batch import Claimed, Told

Connection = AsyncConnection[Any]

# What would be said again and again while a trouble lasts is said once an hour.
HOURLY = frozenset({"bot_failed", "loop_stopped"})
TO_DEVELOPER = "bot_failing"

_TEAM = """
INSERT INTO notice (code, kind, email, language, params, business_id, tries)
SELECT gen_random_uuid(), given.kind, u.email, u.language, %(params)s, m.business_id, 0
FROM (SELECT %(kind)s::text AS kind) given, membership m JOIN "user" u ON u.id = m.user_id
WHERE m.business_id = %(business)s AND m.role IN ('owner', 'manager') AND m.ended_at IS NULL AND u.closed_at IS NULL
    AND NOT (%(hourly)s::boolean AND EXISTS (
        SELECT 1 FROM notice n WHERE n.business_id = m.business_id AND n.kind = given.kind AND n.email = u.email
            AND n.created_at > clock_timestamp() - interval '1 hour'))
"""

_DEVELOPER = """
INSERT INTO notice (code, kind, email, language, params, tries)
SELECT gen_random_uuid(), %(kind)s::text, p.support_email, 'id', %(params)s, 0 FROM partner p
WHERE p.id = %(partner)s::bigint AND p.support_email <> '' AND NOT EXISTS (
    SELECT 1 FROM notice n WHERE n.kind = %(kind)s::text AND n.email = p.support_email
        AND n.created_at > clock_timestamp() - interval '1 hour')
"""

_JOURNAL = """
INSERT INTO event (code, happened_at, kind, business_id, subject_kind, subject_code, data)
SELECT gen_random_uuid(), clock_timestamp() + coalesce((SELECT ahead FROM clock_offset), interval '0'),
    %s::text, %s, 'contact', %s, %s
"""


async def write(connection: Connection, batch: Sequence[Claimed]) -> None:
    """Write the notices and events of the batch."""
    for claimed in batch:
        for told in claimed.effects.told:
            await _tell(connection, claimed, told)
        for kind, data in claimed.effects.journal:
            values = (kind, claimed.place.business_id, claimed.contact.code, Jsonb(data))
            await connection.execute(_JOURNAL, values)


async def _tell(connection: Connection, claimed: Claimed, told: Told) -> None:
    place, params = claimed.place, told.params
    values = {
        "kind": told.kind,
        "params": Jsonb({**params, "business": place.business_name, "number": place.display_phone_number}),
        "business": place.business_id,
        "hourly": told.kind in HOURLY,
        "partner": place.bound.partner_id if place.bound else None,
    }
    await connection.execute(_TEAM, values)
    if told.to_developer:
        # What happened, but not at whose place.
        await connection.execute(_DEVELOPER, {**values, "kind": TO_DEVELOPER, "params": Jsonb(params)})
