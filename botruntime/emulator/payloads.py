"""Webhook bodies as Meta writes them (Meta: Webhooks, messages and statuses)."""

import hashlib
import hmac
import json
from typing import Any

from botruntime.emulator.people import Identity
from botruntime.emulator.records import Json, Message, Number

MAXIMUM = 3 * 1024 * 1024


def metadata(number: Number) -> Json:
    """The routing part of a ``messages`` value."""
    return {"display_phone_number": number.digits, "phone_number_id": number.id}


def contact(identity: Identity) -> Json:
    """One item of ``contacts``; keys of a hidden phone are absent."""
    profile = {"name": identity.name}
    if identity.username:
        profile["username"] = identity.username
    found: Json = {"profile": profile, "user_id": identity.bsuid}
    if identity.wa_id:
        found["wa_id"] = identity.wa_id
    return found


def inbound(number: Number, identity: Identity, message: Message) -> Json:
    """The value of an update that carries a message of a person."""
    head: Json = {"from": identity.wa_id} if identity.wa_id else {}
    head |= {"from_user_id": identity.bsuid, "id": message.id, "timestamp": str(int(message.at))}
    value: Json = {"messaging_product": "whatsapp", "metadata": metadata(number)}
    if message.body.get("type") != "system":
        value["contacts"] = [contact(identity)]
    value["messages"] = [head | message.body]
    return value


def system(number: Number, wamid: str, at: float, before: str | None, detail: Json) -> Json:
    """The value of an update about a person who changed number; it has no ``contacts``."""
    head: Json = {"from": before} if before else {}
    message = head | {"id": wamid, "timestamp": str(int(at)), "type": "system", "system": detail}
    return {"messaging_product": "whatsapp", "metadata": metadata(number), "messages": [message]}


def status(number: Number, identity: Identity, message: Message, name: str, at: float, extra: Json) -> Json:
    """The value of an update that carries one status of one sent message."""
    item: Json = {"id": message.id, "status": name, "timestamp": str(int(at))}
    failed_to_phone = name == "failed" and "wa_id" in message.sent_to
    if identity.wa_id:
        item["recipient_id"] = identity.wa_id
    if not failed_to_phone or not identity.wa_id:
        item["recipient_user_id"] = identity.bsuid
    if message.opaque is not None:
        item["biz_opaque_callback_data"] = message.opaque
    value: Json = {"messaging_product": "whatsapp", "metadata": metadata(number)}
    if extra.pop("with_contacts"):
        value["contacts"] = [contact(identity)]
    value["statuses"] = [item | extra]
    return value


def envelope(updates: list[Json]) -> Json:
    """The POST body around any number of updates."""
    entries = []
    for update in updates:
        entry: Json = {"id": update["entry_id"]}
        if update.get("time"):
            entry["time"] = int(update["time"])
        entries.append(entry | {"changes": [{"field": update["field"], "value": update["value"]}]})
    return {"object": "whatsapp_business_account", "entry": entries}


def encode(body: Json, escape: bool = True) -> bytes:
    """The bytes Meta signs: one line, ASCII escapes, and ``/`` written ``\\/``."""
    dumped = json.dumps(body, ensure_ascii=escape, separators=(",", ":"))
    return (dumped.replace("/", "\\/") if escape else dumped).encode()


def signature(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    """``sha256=<hex>`` of the exact bytes."""
    return f"{algorithm}={hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()}"


def with_extra_keys(node: Any) -> Any:
    """The same document with a key nobody knows in every object."""
    if isinstance(node, dict):
        return {key: with_extra_keys(value) for key, value in node.items()} | {"brand_new_key": {"since": "v99.0"}}
    return [with_extra_keys(item) for item in node] if isinstance(node, list) else node


def with_nulls(body: Json) -> Json:
    """The same document with optional keys present and null."""
    for entry in body["entry"]:
        for change in entry["changes"]:
            for message in change["value"].get("messages", []):
                for key in ("context", "referral", "identity", "errors"):
                    message.setdefault(key, None)
            for item in change["value"].get("statuses", []):
                for key in ("conversation", "pricing", "errors"):
                    item.setdefault(key, None)
    return body


def padded(body: Json) -> Json:
    """The same document, as big as Meta ever sends one."""
    room = MAXIMUM - len(encode(body)) - 64
    return body | {"padding": "x" * max(0, room)}
