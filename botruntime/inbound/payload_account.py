"""What the platform says about an account (Meta: Webhooks, ``account_update`` and the other management fields)."""

from typing import Any

import orjson

from botruntime.inbound.payload import identity, opened
from botruntime.inbound.payload_values import optional, table, tables, text
from botruntime.inbound.updates import AccountUpdate, Preference

Fields = dict[str, Any]
DETAIL_CHARACTERS = 500

_LOST = {
    "PARTNER_REMOVED": "partner_removed",
    "PARTNER_APP_UNINSTALLED": "app_uninstalled",
    "ACCOUNT_DELETED": "account_deleted",
    "ACCOUNT_OFFBOARDED": "offboarded",
}


def account_of(raw: bytes) -> AccountUpdate:
    """The update in house form. Raises ``Malformed`` when there is none inside."""
    entry, value, topic = opened(raw)
    event = text(value.get("event") or value.get("decision"), 80)
    ban = table(value.get("ban_info"))
    lost = _LOST.get(event) if topic == "account_update" else None
    if event == "DISABLED_UPDATE" and ban.get("waba_ban_state") == "DISABLE":
        lost = "account_disabled"
    return AccountUpdate(
        topic=topic,
        event=event,
        # For PARTNER_* events the entry names our own portfolio, and the account stands inside.
        waba_id=text(table(value.get("waba_info")).get("waba_id") or entry.get("id"), 64),
        phone_number_id=optional(table(value.get("metadata")).get("phone_number_id"), 64),
        display_phone_number=optional(value.get("display_phone_number"), 32),
        lost=lost,
        detail=_detail(value),
        quality=_quality(topic, value),
        verified_name=_verified_name(topic, value),
        preferences=tuple(_preferences(value)),
    )


def _quality(topic: str, value: Fields) -> str | None:
    return optional(value.get("event"), 16) if topic == "phone_number_quality_update" else None


def _verified_name(topic: str, value: Fields) -> str | None:
    if topic != "phone_number_name_update" or value.get("decision") != "APPROVED":
        return None
    return optional(value.get("requested_verified_name"), 255)


def _preferences(value: Fields) -> list[Preference]:
    return [
        Preference(identity(item.get("wa_id"), item.get("user_id"), {}), item.get("value") == "stop")
        for item in tables(value.get("user_preferences"))
        if item.get("category") == "marketing_messages" and item.get("value") in ("stop", "resume")
    ]


def _detail(value: Fields) -> str:
    """The platform's object without the parts that are about people."""
    shown = {key: item for key, item in value.items() if key not in ("contacts", "user_preferences", "metadata")}
    return orjson.dumps(shown).decode()[:DETAIL_CHARACTERS]
