"""Kept rows back to what they say: every row holds a webhook body with exactly one update."""

from typing import Any

import orjson

from botruntime.inbound.payload_message import read_message
from botruntime.inbound.payload_split import moment
from botruntime.inbound.payload_values import optional, table, tables, text
from botruntime.inbound.updates import (
    EchoUpdate,
    Identity,
    IdentityChange,
    MessageUpdate,
    StatusName,
    StatusUpdate,
)

Fields = dict[str, Any]
_STATUSES: dict[str, StatusName] = {
    "sent": "sent", "delivered": "delivered", "read": "read", "played": "played", "failed": "failed",
}  # fmt: skip
# Meta: system messages. The linkage by BSUID is what allows to merge; without it the number may have a new owner.
_CHANGES = ("user_changed_number", "user_changed_user_id")


class Malformed(ValueError):
    """The row does not hold an update of that kind in a shape we know."""


def message_of(raw: bytes) -> MessageUpdate:
    """A contact's message. Raises ``Malformed`` when nobody or no number is named."""
    _, value = _open(raw)
    item = _only(value, "messages")
    card = _card(item, tables(value.get("contacts")))
    sender = identity(item.get("from") or card.get("wa_id"), item.get("from_user_id") or card.get("user_id"), card)
    sender_parent = optional(item.get("from_parent_user_id"), 160)
    if sender_parent:
        sender = Identity(sender.bsuid, sender_parent, sender.wa_id, sender.name, sender.username)
    if not sender.bsuid and not sender.wa_id:
        raise Malformed("nobody sent it")
    return MessageUpdate(_number(value), sender, read_message(item), _change(item, sender))


def status_of(raw: bytes, event_id: int) -> StatusUpdate:
    """A status. Raises ``Malformed`` for one whose name we do not know."""
    _, value = _open(raw)
    item = _only(value, "statuses")
    name = _STATUSES.get(text(item.get("status"), 40))
    if name is None:
        raise Malformed("unknown status")
    error = next(iter(tables(item.get("errors"))), {})
    code = error.get("code")
    return StatusUpdate(
        event_id=event_id,
        phone_number_id=_number(value),
        wamid=text(item.get("id"), 512),
        status=name,
        at=moment(item.get("timestamp")),
        code=optional(item.get("biz_opaque_callback_data")),
        recipient=_recipient(item),
        error_code=code if isinstance(code, int) else None,
        error_title=text(error.get("title") or error.get("message"), 500),
        error_details=text(table(error.get("error_data")).get("details"), 1000),
        pricing=_pricing(table(item.get("pricing"))),
    )


def echo_of(raw: bytes) -> EchoUpdate:
    """What the owner wrote from the phone. Raises ``Malformed`` when the recipient is missing."""
    _, value = _open(raw)
    item = _only(value, "message_echoes")
    recipient = identity(item.get("to"), item.get("to_user_id") or item.get("recipient_user_id"), {})
    if not recipient.bsuid and not recipient.wa_id:
        raise Malformed("nobody received it")
    return EchoUpdate(_number(value), recipient, text(item.get("id"), 512), moment(item.get("timestamp")))


def opened(raw: bytes) -> tuple[Fields, Fields, str]:
    """The entry, the value and the field of the one change inside. Raises ``Malformed``."""
    try:
        entry = orjson.loads(raw)["entry"][0]
        change = (entry.get("changes") or [entry])[0]
        value = change["value"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as wrong:
        raise Malformed("no update inside") from wrong
    return entry, table(value), text(change.get("field"), 80)


def _open(raw: bytes) -> tuple[Fields, Fields]:
    entry, value, _ = opened(raw)
    return entry, value


def _only(value: Fields, name: str) -> Fields:
    found = tables(value.get(name))
    if len(found) != 1:
        raise Malformed(f"{len(found)} {name}")
    return found[0]


def _number(value: Fields) -> str:
    found = optional(table(value.get("metadata")).get("phone_number_id"), 64)
    if found is None:
        raise Malformed("no number")
    return found


def _card(item: Fields, cards: list[Fields]) -> Fields:
    """The sender's card: the one that names an id of the message, or the only one."""
    for card in cards:
        if card.get("user_id") == item.get("from_user_id", 0) or card.get("wa_id") == item.get("from", 0):
            return card
    return cards[0] if len(cards) == 1 and not (item.get("from") or item.get("from_user_id")) else {}


def identity(wa_id: Any, bsuid: Any, card: Fields) -> Identity:
    """Whom these keys name; ``card`` is the profile that came along."""
    profile = table(card.get("profile"))
    return Identity(
        bsuid=optional(bsuid, 160),
        parent_bsuid=optional(card.get("parent_user_id"), 160),
        wa_id=optional(wa_id, 32),
        name=text(profile.get("name"), 255),
        username=optional(profile.get("username"), 64),
    )


def _recipient(item: Fields) -> Identity | None:
    parent = item.get("recipient_parent_user_id") or item.get("parent_recipient_user_id")
    wa_id, bsuid = optional(item.get("recipient_id"), 32), optional(item.get("recipient_user_id"), 160)
    return Identity(bsuid, optional(parent, 160), wa_id) if wa_id or bsuid else None


def _change(item: Fields, sender: Identity) -> IdentityChange | None:
    system = table(item.get("system"))
    if text(item.get("type"), 40) != "system" or text(system.get("type"), 80) not in _CHANGES:
        return None
    before = Identity(
        bsuid=optional(system.get("previous_user_id"), 160),
        parent_bsuid=optional(system.get("previous_parent_user_id"), 160),
        wa_id=sender.wa_id,
    )
    after = Identity(
        bsuid=optional(system.get("user_id"), 160),
        parent_bsuid=optional(system.get("parent_user_id"), 160),
        wa_id=optional(system.get("wa_id"), 32),
    )
    return IdentityChange(before, after) if after.bsuid or after.wa_id else None


def _pricing(content: Fields) -> Fields | None:
    if not content:
        return None
    return {
        "category": text(content.get("category"), 64),
        "type": text(content.get("type"), 64),
        "model": text(content.get("pricing_model"), 16),
        "is_billable": content.get("billable") is True,
    }
