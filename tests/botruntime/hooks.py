"""Webhook bodies as the platform sends them: ASCII with escaped slashes, signed over the raw bytes."""

import json
from itertools import count
from typing import Any

from botruntime.inbound.signature import sign

SECRET = b"app-secret-of-the-tests"
NOON = 1_795_312_800
_serial = count(1)


def wamid(name: str = "") -> str:
    return f"wamid.{name or f'M{next(_serial):08}'}"


def dump(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=True).replace("/", "\\/").encode()


def headers(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": sign(secret, body).decode(), "Content-Type": "application/json"}


def person(
    wa_id: str | None = "6281290001111", bsuid: str | None = None, name: str = "Budi", **more: Any
) -> dict[str, Any]:
    """A sender; leave out either id."""
    return {"wa_id": wa_id, "bsuid": bsuid, "name": name, **more}


def text(body: str = "Halo", sender: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An inbound text message with its sender tucked in; ``value`` takes the sender out again."""
    return message({"type": "text", "text": {"body": body}}, sender, **fields)


def message(content: dict[str, Any], sender: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    sender = sender or person()
    made: dict[str, Any] = {"id": wamid(), "timestamp": str(NOON), **content, **fields, "_sender": sender}
    if sender["wa_id"]:
        made["from"] = sender["wa_id"]
    if sender["bsuid"]:
        made["from_user_id"] = sender["bsuid"]
    return made


def contact(sender: dict[str, Any]) -> dict[str, Any]:
    profile = {"name": sender["name"]} | ({"username": sender["username"]} if sender.get("username") else {})
    made = {"profile": profile, "wa_id": sender["wa_id"], "user_id": sender["bsuid"]}
    return {key: item for key, item in made.items() if item}


def change(
    phone_number_id: str, *messages: dict[str, Any], statuses: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """One change of field ``messages``."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281110002001", "phone_number_id": phone_number_id},
    }
    if messages:
        senders = {m["_sender"]["wa_id"] or m["_sender"]["bsuid"]: m["_sender"] for m in messages}
        value["contacts"] = [contact(sender) for sender in senders.values()]
        value["messages"] = [{key: item for key, item in m.items() if key != "_sender"} for m in messages]
    if statuses:
        value["statuses"] = statuses
    return {"field": "messages", "value": value}


def status(wamid: str, name: str = "delivered", recipient: str = "6281290001111", **more: Any) -> dict[str, Any]:
    return {"id": wamid, "status": name, "timestamp": str(NOON), "recipient_id": recipient, **more}


def envelope(*changes: dict[str, Any], waba_id: str = "720000000000001", **more: Any) -> dict[str, Any]:
    return {"object": "whatsapp_business_account", "entry": [{"id": waba_id, "changes": list(changes), **more}]}


def hook(phone_number_id: str, *messages: dict[str, Any], **more: Any) -> bytes:
    """A body with these messages from one number."""
    return dump(envelope(change(phone_number_id, *messages, **more)))
