"""From one ``messages[]`` item to the contract's ``Message`` (Meta: Webhooks, messages; every type of its catalogue).

Total: a type we do not know, or a known one in a shape we do not know, becomes ``unsupported`` with the wire's type
name as its title.
"""

from collections.abc import Callable
from typing import Any

import orjson

from botruntime.inbound.payload_split import moment
from botruntime.inbound.payload_values import number, optional, table, tables, text
from botruntime.sdk.contract import Location, Media, Message

Fields = dict[str, Any]
WHOLE_RUPIAH = "IDR"


def read_message(item: Fields) -> Message:
    """The message in house form."""
    kind = text(item.get("type"), 40)
    reader = _READERS.get(kind)
    fields = reader(item.get(kind)) if reader else None
    fields = {"kind": kind, **fields} if fields is not None else {"kind": "unsupported", "title": kind}
    context, referral = table(item.get("context")), _referral(table(item.get("referral")))
    common: Fields = {"id": text(item.get("id"), 512), "at": moment(item.get("timestamp"))}
    return Message(**common, **{"quoted": optional(context.get("id")), "referral": referral, **fields})


def _text(wire: Any) -> Fields:
    return {"text": text(table(wire).get("body"))}


def _media(wire: Any) -> Fields | None:
    """A file; without an id (Meta: error 131052, too large) there is nothing to fetch."""
    content = table(wire)
    identity = optional(content.get("id"))
    if identity is None:
        return None
    caption = text(content.get("caption"), 4096)
    media = Media(
        id=identity,
        mime=text(content.get("mime_type"), 255),
        caption=caption,
        filename=text(content.get("filename"), 255),
        sha256=text(content.get("sha256"), 128),
        is_voice=content.get("voice") is True,
    )
    return {"media": media, "text": caption}


def _location(wire: Any) -> Fields | None:
    content = table(wire)
    latitude, longitude = number(content.get("latitude")), number(content.get("longitude"))
    if latitude is None or longitude is None:
        return None
    name, address = text(content.get("name"), 1024), text(content.get("address"), 1024)
    return {"location": Location(latitude, longitude, name, address)}


def _contacts(wire: Any) -> Fields:
    cards = [
        {
            "name": text(table(card.get("name")).get("formatted_name"), 255),
            "phones": [text(phone.get("phone") or phone.get("wa_id"), 32) for phone in tables(card.get("phones"))],
        }
        for card in tables(wire)
    ]
    return {"contacts": tuple(cards)}


def _interactive(wire: Any) -> Fields | None:
    """Presses on our cards, and submitted forms; the rest of the family is unsupported."""
    content = table(wire)
    kind = text(content.get("type"), 40)
    answer = table(content.get(kind))
    press = {"payload": text(answer.get("id"), 256), "title": text(answer.get("title"), 256)}
    if kind == "button_reply":
        return {"kind": "button", **press}
    if kind == "list_reply":
        return {"kind": "list", **press}
    if kind == "nfm_reply":
        return {"kind": "form", "form": _form(answer), "title": text(answer.get("name"), 256)}
    return None


def _form(answer: Fields) -> Fields:
    try:
        return table(orjson.loads(text(answer.get("response_json"))))
    except orjson.JSONDecodeError:
        return {}


def _template_button(wire: Any) -> Fields:
    content = table(wire)
    title = text(content.get("text"), 256)
    return {"kind": "template_button", "payload": text(content.get("payload"), 256), "title": title, "text": title}


def _reaction(wire: Any) -> Fields:
    """An absent or empty emoji takes the reaction back."""
    content = table(wire)
    return {"text": text(content.get("emoji"), 64), "quoted": optional(content.get("message_id"))}


def _order(wire: Any) -> Fields:
    content = table(wire)
    items = [
        {
            "sku": text(product.get("product_retailer_id"), 255),
            "quantity": int(number(product.get("quantity")) or 0),
            "price_idr": int(number(product.get("item_price")) or 0) if product.get("currency") == WHOLE_RUPIAH else 0,
        }
        for product in tables(content.get("product_items"))
    ]
    return {
        "text": text(content.get("text"), 4096),
        "order": {"catalog": text(content.get("catalog_id"), 64), "items": items},
    }


def _edit(wire: Any) -> Fields:
    content = table(wire)
    edited = table(content.get("message"))
    body = table(edited.get(text(edited.get("type"), 40)))
    return {
        "text": text(body.get("body") or body.get("caption")),
        "quoted": optional(content.get("original_message_id")),
    }


def _revoke(wire: Any) -> Fields:
    content = table(wire)
    return {"quoted": optional(content.get("original_message_id"))}


def _system(wire: Any) -> Fields:
    content = table(wire)
    return {"kind": "system", "text": text(content.get("body"), 4096), "title": text(content.get("type"), 80)}


def _referral(content: Fields) -> dict[str, str] | None:
    found = {
        "source": text(content.get("source_type"), 40),
        "id": text(content.get("source_id"), 128),
        "url": text(content.get("source_url"), 2048),
        "headline": text(content.get("headline"), 1024),
        "click_id": text(content.get("ctwa_clid"), 512),
    }
    return {key: item for key, item in found.items() if item} or None


_READERS: dict[str, Callable[[Any], Fields | None]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), _media),
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _template_button,
    "reaction": _reaction,
    "order": _order,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "request_welcome": _system,
}
