"""Putting messages into the outbox, and taking them back.

    outbox.enqueue(connection, [Draft(number_id=…, contact_id=…, conversation_id=…, reply=reply, …), …]) -> [code, …]

`connection` is a psycopg connection inside the caller's transaction (`aenqueue` for an async one). The drafts become
rows in the order given; within one conversation they are sent in that order, each after the one before was accepted
or ended. One statement, whatever their number. Nothing is rung: after its commit the caller calls `Sender.wake()`
where the sender lives in the same process, or has called `ring(connection)` before it where it does not; a forgotten
bell costs at most the second until the sender's next sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson
from psycopg import AsyncConnection, Connection

from botruntime.outbound import refusals
from botruntime.sdk.contract import Reply

BELL = "pasarbot_outbound"
"""Channel of `LISTEN` and `NOTIFY`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to put into the outbox.

    `installation_id` and `generation` bind what a bot wrote to its installation as it was; `policy` `reply` answers
    what the contact just did, `notice` comes unasked and yields to opt-out. `held` keeps the message from being sent
    until a person lets it go. `not_before` is real time.
    """

    number_id: int
    contact_id: int
    conversation_id: int
    reply: Reply
    installation_id: int | None = None
    generation: int | None = None
    author: Literal["bot", "system", "agent"] = "bot"
    policy: Literal["reply", "notice"] = "reply"
    cause_id: int | None = None
    held: bool = False
    not_before: datetime | None = None


_ENQUEUE = """
INSERT INTO outbound_message (code, number_id, contact_id, conversation_id, installation_id, generation, author, policy,
    payload, cause_id, state, next_try_at)
SELECT code, number_id, contact_id, conversation_id, installation_id, generation, author, policy, payload::jsonb,
    cause_id, state, coalesce(not_before, now())
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::text[],
    %s::text[], %s::bigint[], %s::text[], %s::timestamptz[])
    WITH ORDINALITY AS draft (code, number_id, contact_id, conversation_id, installation_id, generation, author,
        policy, payload, cause_id, state, not_before, position)
ORDER BY position
"""

_SILENCE = """
UPDATE outbound_message SET state = 'cancelled', reason = %s, parked_at = NULL
WHERE conversation_id = %s AND is_open AND state = 'queued' AND author = 'bot'
"""


def enqueue(connection: Connection[Any], drafts: Sequence[Draft]) -> list[UUID]:
    """Put `drafts` into the outbox; returns their codes in the same order."""
    codes, columns = _columns(drafts)
    if codes:
        connection.execute(_ENQUEUE, columns)
    return codes


async def aenqueue(connection: AsyncConnection[Any], drafts: Sequence[Draft]) -> list[UUID]:
    """`enqueue` on an async connection."""
    codes, columns = _columns(drafts)
    if codes:
        await connection.execute(_ENQUEUE, columns)
    return codes


def ring(connection: Connection[Any]) -> None:
    """Wake the senders of all processes at the caller's commit."""
    connection.execute("SELECT pg_notify(%s, '')", (BELL,))


def silence(connection: Connection[Any], conversation_id: int, reason: str = refusals.HUMAN) -> int:
    """A person took the chat: what the bot still has queued there is not sent. Returns how many rows that were."""
    return connection.execute(_SILENCE, (reason, conversation_id)).rowcount


async def asilence(connection: AsyncConnection[Any], conversation_id: int, reason: str = refusals.HUMAN) -> int:
    """`silence` on an async connection."""
    return (await connection.execute(_SILENCE, (reason, conversation_id))).rowcount


def _columns(drafts: Sequence[Draft]) -> tuple[list[UUID], tuple[list[Any], ...]]:
    codes = [uuid4() for _ in drafts]
    return codes, (
        codes,
        [draft.number_id for draft in drafts],
        [draft.contact_id for draft in drafts],
        [draft.conversation_id for draft in drafts],
        [draft.installation_id for draft in drafts],
        [draft.generation for draft in drafts],
        [draft.author for draft in drafts],
        [draft.policy for draft in drafts],
        [_payload(draft.reply) for draft in drafts],
        [draft.cause_id for draft in drafts],
        ["held" if draft.held else "queued" for draft in drafts],
        [draft.not_before for draft in drafts],
    )


def _payload(reply: Reply) -> str:
    """`Reply.to_dict()` as JSON; orjson writes dataclasses itself, in the same shape."""
    try:
        made = orjson.dumps(reply)
    except TypeError:
        made = orjson.dumps(_storable(reply.to_dict()))
    if b"\\u0000" in made:
        made = orjson.dumps(_storable(reply.to_dict()))
    return made.decode()


def _storable(value: Any) -> Any:
    """PostgreSQL keeps no NUL, and a lone surrogate is no text: neither may hold up the turn's other replies."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
