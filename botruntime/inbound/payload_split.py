"""From a webhook's body to one row per update (Meta: Webhooks, payload; up to 1,000 updates in one POST).

Nothing signed is refused: what cannot be understood is kept as it came, parked with a reason, and never disturbs its
neighbours in the batch.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from botruntime.inbound import payload_cards
from botruntime.inbound.arrival import Arrival, key_of, parked
from botruntime.inbound.payload_cards import Cards
from botruntime.inbound.payload_slices import Uncuttable, items, members
from botruntime.models import EventKind, EventState

MAX_UPDATE_BYTES = 256 * 1024
# Four times what the platform puts into one POST; more would not be written in the time the door has.
MAX_UPDATES = 4096
# What one POST may come to once each update carries what it needs of the rest.
MAX_ROWS_BYTES = 16 * 1024 * 1024
# Lists whose items are updates of their own, by field. All others are one update per change.
LISTS = {
    "messages": (("messages", EventKind.MESSAGE), ("statuses", EventKind.STATUS)),
    "smb_message_echoes": (("message_echoes", EventKind.ECHO),),
}
ACCOUNT_FIELDS = frozenset(
    {
        "account_update", "account_review_update", "account_alerts", "business_capability_update",
        "phone_number_quality_update", "phone_number_name_update", "security", "message_template_status_update",
        "message_template_quality_update", "message_template_components_update", "template_category_update",
        "user_preferences", "business_username_update", "partner_solutions", "messages",
    }
)  # fmt: skip
# Known, kept, and of no use to us: history and address book of the owner's phone, and what Meta's own agent answers.
UNUSED_FIELDS = frozenset({"history", "smb_app_state_sync", "standby", "automatic_events", "calls", "flows",
                           "payment_configuration_update"})  # fmt: skip
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_ROUTABLE = re.compile(r"[0-9A-Za-z_.:-]{1,64}")


class Poison(ValueError):
    """The update cannot be processed; ``args[0]`` is the reason."""


@dataclass(frozen=True, slots=True)
class _Change:
    entry: dict[str, Any]
    field: str
    value: dict[str, Any]
    cards: Cards


def split(body: bytes) -> list[Arrival]:
    """The updates in ``body`` in their order. Never raises, never empty."""
    if b"\\u0000" not in body:
        try:
            return _split_parsed(body, orjson.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # Something in it is odd; the careful way finds out what, and saves the rest.
            return _split_carefully(body)
    return _split_carefully(body)


def _split_parsed(body: bytes, parsed: Any) -> list[Arrival]:
    found = [(change, part) for change in _changes(parsed) for part in _parts(change)]
    if not found:
        return [parked(body, "malformed")]
    if len(found) > MAX_UPDATES:
        return [parked(body, "too_many")]
    if len(found) == 1:
        return [_arrival(*found[0], raw=body)]
    raws = _bounded(_wrap(change, part) for change, part in found)
    if raws is None:
        return [parked(body, "too_large")]
    return [_arrival(change, part, raw=raw) for (change, part), raw in zip(found, raws, strict=True)]


def _bounded(raws: Iterator[bytes]) -> list[bytes] | None:
    """``raws``, or None when together they are more than one POST may come to."""
    kept, size = [], 0
    for raw in raws:
        kept.append(raw)
        size += len(raw)
        if size > MAX_ROWS_BYTES:
            return None
    return kept


def _changes(parsed: Any) -> Iterator[_Change]:
    for entry in parsed["entry"]:
        # Some of Meta's own examples put field and value one level too high.
        for change in entry.get("changes") or [entry]:
            if not isinstance(change["value"], dict):
                raise Poison("malformed")
            yield _Change(entry, str(change["field"]), change["value"], Cards(change["value"].get("contacts")))


def _parts(change: _Change) -> Iterator[tuple[str, Any] | None]:
    """The items of the change that are updates; None stands for the change as a whole."""
    present = [(name, change.value[name]) for name, _ in LISTS.get(change.field, ()) if change.value.get(name)]
    if not present:
        yield None
    for name, parts in present:
        for part in parts:
            yield name, part


def _wrap(change: _Change, part: tuple[str, Any] | None) -> bytes:
    """A body with only this update."""
    value = change.value
    if part is not None:
        lists = {name for name, _ in LISTS[change.field]}
        value = {k: v for k, v in value.items() if k not in lists} | {part[0]: [part[1]]}
        if "contacts" in value:
            value["contacts"] = change.cards.of(part[1])
    entry = {k: v for k, v in change.entry.items() if k in ("id", "time")}
    entry["changes"] = [{"field": change.field, "value": value}]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def _arrival(change: _Change, part: tuple[str, Any] | None, raw: bytes) -> Arrival:
    if len(raw) > MAX_UPDATE_BYTES:
        raise Poison("too_large")
    if part is None:
        return _whole(change, raw)
    name, item = part
    kind = dict(LISTS[change.field])[name]
    number = change.value["metadata"]["phone_number_id"]
    identity = item["id"]
    if not isinstance(number, str) or not _ROUTABLE.fullmatch(number) or not isinstance(identity, str) or not identity:
        raise Poison("malformed")
    if kind is EventKind.STATUS:
        recipient = item.get("recipient_user_id") or item.get("recipient_id") or ""
        key = key_of("st", identity, str(item["status"]), str(recipient))
    else:
        key = key_of(kind.value, number, identity)
    return Arrival(key, kind, raw, phone_number_id=number, sent_at=moment(item.get("timestamp")))


def _whole(change: _Change, raw: bytes) -> Arrival:
    canonical = orjson.dumps(change.value, option=orjson.OPT_SORT_KEYS)
    key = key_of("ac", str(change.entry.get("id")), change.field, str(change.entry.get("time")), canonical)
    metadata = change.value.get("metadata")
    number = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    arrival = Arrival(
        key,
        EventKind.ACCOUNT,
        raw,
        phone_number_id=number if isinstance(number, str) and _ROUTABLE.fullmatch(number) else None,
        sent_at=moment(change.entry.get("time")),
    )
    if change.field == "messages" and not change.value.get("errors"):
        return replace(arrival, kind=EventKind.UNKNOWN, state=EventState.PARKED, reason="malformed")
    if change.field in ACCOUNT_FIELDS:
        return arrival
    if change.field in UNUSED_FIELDS:
        return replace(arrival, kind=EventKind.UNKNOWN, state=EventState.IGNORED, reason="unused_field")
    return replace(arrival, kind=EventKind.UNKNOWN, state=EventState.PARKED, reason="unknown_field")


def moment(seconds: Any) -> datetime | None:
    """Unix seconds, as text or number, as the platform writes them; None for anything else."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _split_carefully(body: bytes) -> list[Arrival]:
    try:
        envelopes = _bounded(islice(_envelopes(body), MAX_UPDATES + 1))
    except Uncuttable:
        return [parked(body, "malformed")]
    if envelopes is None:
        return [parked(body, "too_large")]
    if len(envelopes) > MAX_UPDATES:
        return [parked(body, "too_many")]
    return [_judge(envelope) for envelope in envelopes] or [parked(body, "malformed")]


def _judge(envelope: bytes) -> Arrival:
    """The one update in ``envelope``, or the same bytes parked with the reason."""
    if len(envelope) > MAX_UPDATE_BYTES:
        return parked(envelope, "too_large")
    try:
        parsed = orjson.loads(envelope)
    except ValueError:
        return parked(envelope, "bad_json")
    try:
        written = orjson.dumps(parsed)
    except orjson.JSONEncodeError:
        return parked(envelope, "too_deep")
    if _NUL.search(written):
        return parked(envelope, "nul")
    try:
        (arrival,) = _split_parsed(envelope, parsed)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return parked(envelope, "malformed")
    return arrival


def _envelopes(body: bytes) -> Iterator[bytes]:
    """Bodies with one update each, cut from ``body`` byte by byte."""
    for entry in items(members(body).get(b"entry", b"[]")):
        parts = members(entry)
        head = b"".join(b'"%s":%s,' % (key, parts[key]) for key in (b"id", b"time") if key in parts)
        for change in items(parts[b"changes"]) if b"changes" in parts else [entry]:
            for narrowed in _narrow(members(change)):
                yield (
                    b'{"object":"whatsapp_business_account","entry":[{' + head + b'"changes":[{' + narrowed + b"}]}]}"
                )


def _narrow(change: dict[bytes, bytes]) -> Iterator[bytes]:
    field, value = change.get(b"field", b'""'), change.get(b"value", b"null")
    names = [name.encode() for name, _ in LISTS.get(field.strip(b'"').decode("ascii", "replace"), ())]
    lists = members(value) if names and value.startswith(b"{") else {}
    if not any(lists.get(name, b"").startswith(b"[") for name in names):
        yield b'"field":%s,"value":%s' % (field, value)
        return
    cards, spoiled = payload_cards.read(lists.get(b"contacts", b"[]"))
    rest = b"".join(b'"%s":%s,' % pair for pair in lists.items() if pair[0] not in (*names, b"contacts"))
    for card in spoiled:
        yield b'"field":%s,"value":{%s"contacts":[%s]}' % (field, rest, card)
    for name in names:
        for item in items(lists.get(name, b"[]")):
            about = b'"contacts":%s,' % cards.written_for(item) if b"contacts" in lists else b""
            yield b'"field":%s,"value":{%s%s"%s":[%s]}' % (field, rest, about, name, item)
