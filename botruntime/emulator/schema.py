"""What a send body must look like: codes 100, 131008 (missing), 131009 (wrong), 131051 (type), with the field named."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botruntime.emulator.errors import GraphError, invalid
from botruntime.emulator.records import Json
from botruntime.emulator.schema_interactive import check_interactive
from botruntime.emulator.schema_values import listed, number_text, obj, optional_text, text, wrong

TYPES = frozenset(
    {
        "text",
        "image",
        "audio",
        "video",
        "document",
        "sticker",
        "location",
        "contacts",
        "interactive",
        "template",
        "reaction",
    }
)
CAPTIONED = frozenset({"image", "video", "document"})
CONTACT_LIMIT = 257


def check_message(body: Json) -> str:
    """The type of a valid send body; raises GraphError for anything Meta refuses (Meta: Messages)."""
    check_product(body)
    if body.get("recipient_type", "individual") not in {"individual", "group"}:
        raise invalid("Param recipient_type must be one of {INDIVIDUAL, GROUP}")
    if not body.get("to") and not body.get("recipient"):
        raise invalid("The parameter to is required.")
    for key in ("to", "recipient"):
        if key in body and not isinstance(body[key], str):
            raise invalid(f"Param {key} must be a string.")
    optional_text(body, "biz_opaque_callback_data", "biz_opaque_callback_data", 512)
    if "context" in body:
        text(obj(body, "context", "context"), "message_id", "context.message_id")
    kind = body.get("type", "text")
    if kind not in TYPES:
        raise invalid(f'Param type must be one of {{{", ".join(sorted(TYPES)).upper()}}} - got "{kind}".')
    _CHECKS.get(kind, _media)(body, kind)
    return str(kind)


def check_product(body: Json) -> None:
    """``messaging_product`` must be there and be whatsapp."""
    if "messaging_product" not in body:
        raise invalid("The parameter messaging_product is required.")
    if body["messaging_product"] != "whatsapp":
        raise invalid("Param messaging_product must be one of {WHATSAPP}.")


def _text(body: Json, kind: str) -> None:
    inner = obj(body, kind, kind)
    text(inner, "body", "text.body", 4096)
    if not isinstance(inner.get("preview_url", False), bool):
        raise wrong("text.preview_url must be a boolean")


def _media(body: Json, kind: str) -> None:
    check_media(obj(body, kind, kind), kind)


def check_media(inner: Json, path: str) -> None:
    """Exactly one of ``id`` and ``link``; a caption only where there is room for one."""
    if ("id" in inner) == ("link" in inner):
        raise GraphError(131008 if "id" not in inner else 131009, f"{path} needs exactly one of id and link")
    text(inner, "id" if "id" in inner else "link", f"{path}.{'id' if 'id' in inner else 'link'}")
    if "link" in inner and urlsplit(inner["link"]).scheme not in {"http", "https"}:
        raise wrong(f"{path}.link must be an http or https address")
    if "caption" in inner and path.rsplit(".", 1)[-1] not in CAPTIONED:
        raise wrong(f"{path} cannot have a caption")
    optional_text(inner, "caption", f"{path}.caption", 1024)
    optional_text(inner, "filename", f"{path}.filename", 240)


def _location(body: Json, kind: str) -> None:
    inner = obj(body, kind, kind)
    for key, bound in (("latitude", 90.0), ("longitude", 180.0)):
        number_text(inner, key, f"location.{key}", bound)


def _contacts(body: Json, kind: str) -> None:
    for index, contact in enumerate(listed(body, kind, kind, 1, CONTACT_LIMIT)):
        path = f"contacts[{index}]"
        if not isinstance(contact, dict):
            raise wrong(f"{path} must be an object")
        text(obj(contact, "name", f"{path}.name"), "formatted_name", f"{path}.name.formatted_name")
        for phone in contact.get("phones", []):
            text(phone, "phone", f"{path}.phones.phone")


def _reaction(body: Json, kind: str) -> None:
    inner = obj(body, kind, kind)
    text(inner, "message_id", "reaction.message_id")
    if not isinstance(inner.get("emoji"), str):
        raise GraphError(131008, "reaction.emoji is required; an empty string takes the reaction back")


def _interactive(body: Json, kind: str) -> None:
    check_interactive(obj(body, kind, kind), check_media)


def _template(body: Json, kind: str) -> None:
    inner = obj(body, kind, kind)
    text(inner, "name", "template.name", 512)
    text(obj(inner, "language", "template.language"), "code", "template.language.code")
    for index, part in enumerate(inner.get("components") or []):
        path = f"template.components[{index}]"
        if not isinstance(part, dict) or str(part.get("type")).lower() not in _PARTS:
            raise wrong(f"{path}.type must be one of {', '.join(sorted(_PARTS))}")
        if not isinstance(part.get("parameters", []), list):
            raise wrong(f"{path}.parameters must be a list")
        if str(part["type"]).lower() == "button" and "sub_type" not in part:
            raise GraphError(131008, f"{path}.sub_type is required")


_PARTS = frozenset({"header", "body", "footer", "button", "carousel", "limited_time_offer", "order_status"})
_CHECKS: dict[str, Callable[[Json, str], Any]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "template": _template,
}
