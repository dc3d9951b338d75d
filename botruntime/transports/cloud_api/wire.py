"""A `Reply` as the body of `POST /{phone_number_id}/messages`, key by key as Meta names them.

Source: Meta, "Messages" (Cloud API reference). `to` is sent with its plus sign: without it Meta may take the business's
own country code. Where both are known the phone wins; a BSUID goes into `recipient`.
"""

from __future__ import annotations

from typing import Any

from botruntime.sdk.contract import File, Reply, TemplateUse
from botruntime.transports.base import Outgoing
from botruntime.transports.cloud_api import limits

Body = dict[str, Any]


def body(message: Outgoing) -> Body:
    """The request body. Raises `TransportError` (kind final) naming the rule the message breaks."""
    reply = message.reply
    limits.check(reply)
    if len(message.code) > limits.CALLBACK:
        raise limits.refuse("callback")
    made: Body = {"messaging_product": "whatsapp", "recipient_type": "individual", **_recipient(message)}
    made.update(KINDS[reply.kind](reply))
    if reply.quoted and reply.kind != "reaction":
        made["context"] = {"message_id": reply.quoted}
    made["biz_opaque_callback_data"] = message.code
    return made


def read(wamid: str, *, typing: bool) -> Body:
    """The body that marks a message read and, with `typing`, shows that an answer is being written (up to 25 s)."""
    made: Body = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    if typing:
        made["typing_indicator"] = {"type": "text"}
    return made


def _recipient(message: Outgoing) -> Body:
    if message.wa_id:
        return {"to": f"+{message.wa_id.lstrip('+')}"}
    if message.bsuid:
        return {"recipient": message.bsuid}
    raise limits.refuse("recipient")


def _text(reply: Reply) -> Body:
    return {"type": "text", "text": {"body": reply.body, "preview_url": False}}


def _interactive(reply: Reply, kind: str, action: Body) -> Body:
    card: Body = {"type": kind, "body": {"text": reply.body}, "action": action}
    if reply.header:
        card["header"] = {"type": "text", "text": reply.header}
    if reply.footer:
        card["footer"] = {"text": reply.footer}
    return {"type": "interactive", "interactive": card}


def _buttons(reply: Reply) -> Body:
    buttons = [{"type": "reply", "reply": {"id": button.id, "title": button.title}} for button in reply.buttons]
    return _interactive(reply, "button", {"buttons": buttons})


def _list(reply: Reply) -> Body:
    sections = []
    for section in reply.sections:
        rows = [
            {"id": row.id, "title": row.title} | ({"description": row.description} if row.description else {})
            for row in section.rows
        ]
        sections.append(({"title": section.title} if section.title else {}) | {"rows": rows})
    return _interactive(reply, "list", {"button": reply.label, "sections": sections})


def _link(reply: Reply) -> Body:
    parameters = {"display_text": reply.label, "url": reply.url}
    return _interactive(reply, "cta_url", {"name": "cta_url", "parameters": parameters})


def _ask_location(reply: Reply) -> Body:
    # Of a request card Meta documents the body alone.
    return _interactive(Reply(body=reply.body), "location_request_message", {"name": "send_location"})


def _ask_phone(reply: Reply) -> Body:
    return _interactive(Reply(body=reply.body), "contact_request", {"name": "request_contact_info"})


def _file(reply: Reply) -> Body:
    file = reply.file or File()
    medium: Body = {"id": file.id} if file.id else {"link": file.link}
    if reply.body and reply.kind in ("image", "video", "document"):
        medium["caption"] = reply.body
    if file.filename and reply.kind == "document":
        medium["filename"] = file.filename
    return {"type": reply.kind, reply.kind: medium}


def _location(reply: Reply) -> Body:
    place = reply.location
    assert place is not None
    where: Body = {"latitude": str(place.latitude), "longitude": str(place.longitude)}
    if place.name:
        where["name"] = place.name
    if place.address:
        where["address"] = place.address
    return {"type": "location", "location": where}


def _contacts(reply: Reply) -> Body:
    return {"type": "contacts", "contacts": [_contact(card) for card in reply.contacts]}


def _contact(card: dict[str, Any]) -> Body:
    name = str(card["name"]).strip()
    phones = []
    for phone in card.get("phones") or ():
        digits = "".join(letter for letter in str(phone) if letter.isdigit())
        phones.append({"phone": f"+{digits}", "type": "WORK", "wa_id": digits})
    return {"name": {"formatted_name": name, "first_name": name.split()[0]}, "phones": phones}


def _reaction(reply: Reply) -> Body:
    return {"type": "reaction", "reaction": {"message_id": reply.quoted, "emoji": reply.emoji}}


def _template(reply: Reply) -> Body:
    use = reply.template
    assert use is not None
    made: Body = {"name": use.name, "language": {"code": use.language}}
    if components := _components(use):
        made["components"] = components
    return {"type": "template", "template": made}


def _components(use: TemplateUse) -> list[Body]:
    components: list[Body] = []
    if use.params:
        components.append({"type": "body", "parameters": [{"type": "text", "text": text} for text in use.params]})
    for index, payload in enumerate(use.payloads):
        parameters = [{"type": "payload", "payload": payload}]
        button = {"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": parameters}
        components.append(button)
    return components


KINDS = {
    "text": _text,
    "buttons": _buttons,
    "list": _list,
    "link": _link,
    "image": _file,
    "video": _file,
    "audio": _file,
    "document": _file,
    "sticker": _file,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "ask_location": _ask_location,
    "ask_phone": _ask_phone,
    "template": _template,
}
