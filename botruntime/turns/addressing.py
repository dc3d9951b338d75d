"""To whom the planned messages of a batch go: usually the contact of the conversation, sometimes another one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botruntime.outbound.outbox import Draft
from botruntime.turns.batch import Claimed, Planned

Connection = AsyncConnection[Any]
Target = tuple[int, int]

# Only contacts of the same business can be named, and never a merged one.
_OTHERS = """
WITH wanted AS (
    SELECT DISTINCT p.id AS contact_id, p.code, n.id AS number_id
    FROM unnest(%s::bigint[], %s::text[]) AS w (number_id, code)
    JOIN number n ON n.id = w.number_id
    JOIN contact p ON p.code::text = w.code AND p.business_id = n.business_id AND p.merged_into_id IS NULL
), made AS (
    INSERT INTO conversation (code, number_id, contact_id)
    SELECT gen_random_uuid(), number_id, contact_id FROM wanted
    ON CONFLICT (number_id, contact_id) DO NOTHING
    RETURNING id, number_id, contact_id
)
SELECT w.number_id, w.code, w.contact_id, coalesce(m.id, c.id) FROM wanted w
LEFT JOIN made m ON (m.number_id, m.contact_id) = (w.number_id, w.contact_id)
LEFT JOIN conversation c ON (c.number_id, c.contact_id) = (w.number_id, w.contact_id)
"""


async def drafts(connection: Connection, batch: Sequence[Claimed]) -> list[Draft]:
    """The outbox rows of the batch, in the order they are to be sent."""
    planned = [(claimed, item) for claimed in batch for item in claimed.effects.planned]
    others = await _others(connection, [pair for pair in planned if pair[1].reply.to])
    found = [_draft(claimed, item, others) for claimed, item in planned]
    return [draft for draft in found if draft is not None]


async def _others(connection: Connection, planned: Sequence[tuple[Claimed, Planned]]) -> dict[tuple[int, str], Target]:
    if not planned:
        return {}
    columns = [claimed.place.number_id for claimed, _ in planned], [item.reply.to for _, item in planned]
    rows: list[tuple[int, UUID, int, int]] = await (await connection.execute(_OTHERS, columns)).fetchall()
    return {(number, str(code)): (contact, conversation) for number, code, contact, conversation in rows}


def _draft(claimed: Claimed, item: Planned, others: dict[tuple[int, str], Target]) -> Draft | None:
    target: Target | None = (claimed.contact.id, claimed.id)
    if item.reply.to and item.reply.to != str(claimed.contact.code):
        target = others.get((claimed.place.number_id, item.reply.to))
    if target is None:
        # A contact of somebody else, or nobody: there is no row such a message could stand in.
        return None
    bound = claimed.place.bound
    return Draft(
        number_id=claimed.place.number_id,
        contact_id=target[0],
        conversation_id=target[1],
        reply=item.reply,
        installation_id=bound.id if bound else None,
        generation=bound.generation if bound else None,
        author=item.author,
        policy=item.policy,
        cause_id=item.cause_id,
        held=item.is_held,
    )
