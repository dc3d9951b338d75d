"""Loading a directory of contacts for a batch, and writing what the batch found out about them."""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from botruntime.inbound.updates import Identity
from botruntime.turns.directory import Card, Directory, Scope
from botruntime.turns.merging import merge

Connection = AsyncConnection[Any]

_LOAD = """
SELECT c.id, c.code, c.business_id, c.portfolio_id, c.bsuid, c.parent_bsuid, c.wa_id, c.username, c.name
FROM contact c
JOIN unnest(%(business)s::bigint[], %(portfolio)s::text[], %(bsuid)s::text[]) AS b (business_id, portfolio_id, bsuid)
    USING (business_id, portfolio_id, bsuid)
UNION
SELECT c.id, c.code, c.business_id, c.portfolio_id, c.bsuid, c.parent_bsuid, c.wa_id, c.username, c.name
FROM contact c
JOIN unnest(%(business)s::bigint[], %(portfolio)s::text[], %(wa_id)s::text[]) AS w (business_id, portfolio_id, wa_id)
    USING (business_id, portfolio_id, wa_id)
"""

_INSERT = """
INSERT INTO contact (code, business_id, portfolio_id, bsuid, parent_bsuid, wa_id, username, name)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
RETURNING id, code
"""

# Ids that change hands are put down first: a unique index looks at every row by itself.
_PUT_DOWN = """
UPDATE contact SET wa_id = NULL, bsuid = NULL, merged_into_id = id WHERE id = ANY(%s)
"""

_UPDATE = """
UPDATE contact c SET bsuid = v.bsuid, parent_bsuid = v.parent_bsuid, wa_id = v.wa_id, username = v.username,
    name = v.name, merged_into_id = v.merged_into_id
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS v (id, bsuid, parent_bsuid, wa_id, username, name, merged_into_id)
WHERE c.id = v.id
"""


async def load(connection: Connection, wanted: Sequence[tuple[Scope, Identity]]) -> Directory:
    """The contacts that any of ``wanted`` may be."""
    columns = {
        "business": [scope[0] for scope, _ in wanted],
        "portfolio": [scope[1] for scope, _ in wanted],
        "bsuid": [who.bsuid for _, who in wanted],
        "wa_id": [who.wa_id for _, who in wanted],
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_LOAD, columns)).fetchall()
    return Directory(Card((row.pop("business_id"), row.pop("portfolio_id")), **row) for row in rows)


async def write(connection: Connection, directory: Directory) -> None:
    """Write what changed; afterwards every card has its id."""
    if directory.moved:
        await connection.execute(_PUT_DOWN, (list(directory.moved),))
    gone = {id(card) for card, _ in directory.merged}
    fresh = [card for card in directory.new if id(card) not in gone]
    if fresh:
        await _insert(connection, fresh)
    if directory.changed:
        await connection.execute(_UPDATE, _columns(directory))
    for card, kept in directory.merged:
        if card.id is not None and kept.id is not None:
            await merge(connection, gone=card.id, kept=kept.id)


async def _insert(connection: Connection, cards: list[Card]) -> None:
    columns = [
        [card.code for card in cards],
        [card.scope[0] for card in cards],
        [card.scope[1] for card in cards],
        *([getattr(card, name) for card in cards] for name in ("bsuid", "parent_bsuid", "wa_id", "username", "name")),
    ]
    rows = await (await connection.execute(_INSERT, columns)).fetchall()
    ids = {code: row_id for row_id, code in rows}
    for card in cards:
        card.id = ids[card.code]


def _columns(directory: Directory) -> list[list[Any]]:
    cards = list(directory.changed.values())
    kept = {id(card): directory.kept(card).id for card, _ in directory.merged}
    names = ("id", "bsuid", "parent_bsuid", "wa_id", "username", "name")
    return [*([getattr(card, name) for card in cards] for name in names), [kept.get(id(card)) for card in cards]]
