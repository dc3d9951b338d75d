"""What the platform says about sent messages moves them forward, never back, whatever the order of arrival.

    await statuses.apply(connection, updates)       inside the caller's transaction

A status is matched by wamid or, before our own send has committed its wamid, by the code that travelled with it. One
that matches nothing is kept as a delivery without a message and taken up by `adopt` when the wamid becomes known.
The fold is order-free: any permutation with any repetition gives the same row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from botruntime.inbound.updates import StatusUpdate
from botruntime.outbound import refusals
from botruntime.transports.cloud_api.errors import key_for

RANK = {"sent": 1, "failed": 2, "delivered": 3, "read": 4}
"""A failure overtakes `sent` (Meta answers 200 first and fails later); only proof of arrival overtakes a failure."""
STAMPS = {"sent": "sent_at", "failed": "failed_at", "delivered": "delivered_at", "read": "read_at"}


@dataclass(slots=True)
class Progress:
    """What is known of one message, and what a status adds to it."""

    id: int
    state: str
    wamid: str | None = None
    reason: str | None = None
    error: dict[str, Any] | None = None
    pricing: dict[str, Any] | None = None
    stamps: dict[str, datetime | None] = field(default_factory=dict)

    def add(self, update: StatusUpdate) -> None:
        """Take one status in."""
        name = "read" if update.status == "played" else update.status
        stamp = STAMPS[name]
        known = self.stamps.get(stamp)
        if update.at is not None and (known is None or update.at < known):
            self.stamps[stamp] = update.at
        if update.status == "failed" and self.error is None:
            self.error = _error(update)
            self.reason = key_for(update.error_code or -1)
        if self.pricing is None and update.pricing:
            self.pricing = update.pricing
        if RANK[name] > RANK.get(self.state, 0):
            self.state = name


_FIND = """
SELECT o.id, o.code, o.wamid, o.state, o.reason, o.error, o.pricing, o.sent_at, o.delivered_at, o.read_at, o.failed_at,
    n.phone_number_id
FROM outbound_message o JOIN number n ON n.id = o.number_id
WHERE o.wamid = ANY(%(wamids)s) OR o.code = ANY(%(codes)s)
ORDER BY o.id FOR UPDATE OF o
"""

_MOVE = """
UPDATE outbound_message o SET state = v.state, wamid = v.wamid, reason = v.reason, error = v.error, pricing = v.pricing,
    sent_at = v.sent_at, delivered_at = v.delivered_at, read_at = v.read_at, failed_at = v.failed_at, parked_at = NULL
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::timestamptz[],
    %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
    AS v (id, state, wamid, reason, error, pricing, sent_at, delivered_at, read_at, failed_at)
WHERE o.id = v.id
"""

_KEEP = """
INSERT INTO delivery (outbound_message_id, wamid, status, at, recipient, error, pricing)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::jsonb[], %s::jsonb[])
ON CONFLICT (wamid, status) DO NOTHING
"""

_ORPHANS = """
SELECT d.id, d.wamid, d.status, d.at, d.error, d.pricing, n.phone_number_id
FROM delivery d JOIN outbound_message o ON o.wamid = d.wamid JOIN number n ON n.id = o.number_id
WHERE d.outbound_message_id IS NULL AND d.wamid = ANY(%s)
"""

_OWN = """
UPDATE delivery d SET outbound_message_id = o.id FROM outbound_message o WHERE o.wamid = d.wamid AND d.id = ANY(%s)
"""


async def apply(connection: AsyncConnection[Any], updates: Sequence[StatusUpdate]) -> None:
    """Move the messages named by `updates`, and keep each status once. Idempotent."""
    if not updates:
        return
    matched = await _move(connection, updates)
    await _keep(connection, updates, matched)


async def adopt(connection: AsyncConnection[Any], wamids: Sequence[str]) -> None:
    """Take up statuses that came before their message's wamid was known here, and without its code."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_ORPHANS, (list(wamids),))).fetchall()
    if not rows:
        return
    await _move(connection, [_again(row) for row in rows])
    await connection.execute(_OWN, ([row["id"] for row in rows],))


async def _move(connection: AsyncConnection[Any], updates: Sequence[StatusUpdate]) -> list[int | None]:
    """Fold the updates into their messages; returns the message's id for each update, None where there is none."""
    codes = [_uuid(update.code) for update in updates]
    wanted = {"wamids": [update.wamid for update in updates], "codes": [code for code in codes if code]}
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_FIND, wanted)).fetchall()
    by_wamid = {row["wamid"]: row for row in rows if row["wamid"]}
    by_code = {row["code"]: row for row in rows}
    moved: dict[int, Progress] = {}
    matched: list[int | None] = []
    taken = set(by_wamid)
    for update, code in zip(updates, codes, strict=True):
        row = by_wamid.get(update.wamid) or (by_code.get(code) if code else None)
        if row is None or row["phone_number_id"] != update.phone_number_id:
            matched.append(None)
            continue
        progress = moved.get(row["id"]) or moved.setdefault(row["id"], _progress(row))
        if progress.wamid is None and update.wamid not in taken:
            progress.wamid = update.wamid
            taken.add(update.wamid)
        progress.add(update)
        matched.append(progress.id)
    if moved:
        await connection.execute(_MOVE, _columns(moved.values()))
    return matched


async def _keep(
    connection: AsyncConnection[Any], updates: Sequence[StatusUpdate], matched: Sequence[int | None]
) -> None:
    columns = (
        list(matched),
        [update.wamid for update in updates],
        [update.status for update in updates],
        [update.at for update in updates],
        [_recipient(update) for update in updates],
        [_json(_error(update)) for update in updates],
        [_json(update.pricing) for update in updates],
    )
    await connection.execute(_KEEP, columns)


def _progress(row: dict[str, Any]) -> Progress:
    if row["failed_at"] is None or row["reason"] == refusals.LOST:
        # What we waited for, or only guessed after a lost answer, is settled by what the platform says now.
        row |= {"reason": None, "error": None, "failed_at": None}
        row["state"] = "sending" if row["state"] == "failed" else row["state"]
    return Progress(
        id=row["id"],
        state=row["state"],
        wamid=row["wamid"],
        reason=row["reason"],
        error=row["error"],
        pricing=row["pricing"],
        stamps={name: row[name] for name in STAMPS.values()},
    )


def _columns(moved: Iterable[Progress]) -> tuple[list[Any], ...]:
    listed = list(moved)
    return (
        [progress.id for progress in listed],
        [progress.state for progress in listed],
        [progress.wamid for progress in listed],
        [progress.reason for progress in listed],
        [_json(progress.error) for progress in listed],
        [_json(progress.pricing) for progress in listed],
        *([progress.stamps.get(name) for progress in listed] for name in STAMPS_IN_ORDER),
    )


STAMPS_IN_ORDER = ("sent_at", "delivered_at", "read_at", "failed_at")


def _error(update: StatusUpdate) -> dict[str, Any] | None:
    if update.status != "failed":
        return None
    return {"code": update.error_code, "title": update.error_title[:200], "details": update.error_details[:500]}


def _again(row: dict[str, Any]) -> StatusUpdate:
    error = row["error"] or {}
    return StatusUpdate(
        event_id=0,
        phone_number_id=row["phone_number_id"],
        wamid=row["wamid"],
        status=row["status"],
        at=row["at"],
        error_code=error.get("code"),
        error_title=error.get("title") or "",
        error_details=error.get("details") or "",
        pricing=row["pricing"],
    )


def _recipient(update: StatusUpdate) -> str | None:
    who = update.recipient
    return (who.bsuid or who.wa_id) if who else None


def _json(value: Any) -> Jsonb | None:
    return None if value is None else Jsonb(value)


def _uuid(code: str | None) -> UUID | None:
    try:
        return UUID(code) if code else None
    except ValueError:
        return None
