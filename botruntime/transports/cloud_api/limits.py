"""What Graph would refuse, found before it is asked: each breach names its rule in the catalogues (`sending.rules`).

Source: Meta, "Messages" (Cloud API reference); the lengths are those of `botruntime/sdk/limits.py`, which bots are
checked against. The runtime checks again because replies also come from endpoint bots and from the desk.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from botruntime.sdk import limits
from botruntime.sdk.contract import File, Reply
from botruntime.transports.base import Action, TransportError

SECTIONS = 10
SECTION_TITLE = 24
CONTACTS = 257
CALLBACK = 512
URL = 2000


def refuse(rule: str, detail: str = "") -> TransportError:
    """The error for a message that breaks `rule`; to be raised."""
    return TransportError(Action.FINAL, f"sending.rules.{rule}", detail=detail)


def check(reply: Reply) -> None:
    """Raise `TransportError` naming the first rule `reply` breaks."""
    if reply.kind in CARDS:
        _card(reply)
    CHECKS[reply.kind](reply)


def _card(reply: Reply) -> None:
    _text(reply.body, limits.BODY_CARD, "body")
    _at_most(reply.header, limits.HEADER, "header")
    _at_most(reply.footer, limits.FOOTER, "footer")


def _plain(reply: Reply) -> None:
    _text(reply.body, limits.BODY_TEXT, "body")


def _buttons(reply: Reply) -> None:
    if not 1 <= len(reply.buttons) <= limits.BUTTONS:
        raise refuse("button_count", f"{len(reply.buttons)}")
    for button in reply.buttons:
        _text(button.title, limits.BUTTON_TITLE, "button_title")
        _text(button.id, limits.BUTTON_ID, "button_id")
    _unique((button.id for button in reply.buttons), "button_twice")
    _unique((button.title for button in reply.buttons), "button_twice")


def _list(reply: Reply) -> None:
    _text(reply.label, limits.LABEL, "label")
    rows = [row for section in reply.sections for row in section.rows]
    if not 1 <= len(rows) <= limits.LIST_ROWS or len(reply.sections) > SECTIONS:
        raise refuse("row_count", f"{len(rows)}")
    for section in reply.sections:
        if not section.rows:
            raise refuse("row_count", "0")
        _at_most(section.title, SECTION_TITLE, "section_title")
        if len(reply.sections) > 1 and not section.title.strip():
            raise refuse("section_title", "0")
    for row in rows:
        _text(row.title, limits.ROW_TITLE, "row_title")
        _at_most(row.description, limits.ROW_DESCRIPTION, "row_description")
        _text(row.id, limits.ROW_ID, "row_id")
    _unique((row.id for row in rows), "row_twice")


def _link(reply: Reply) -> None:
    _text(reply.label, limits.LABEL, "label")
    _address(reply.url)


def _file(reply: Reply) -> None:
    file = reply.file or File()
    if bool(file.id) == bool(file.link):
        raise refuse("file")
    if file.link:
        _address(file.link)
    _at_most(reply.body, limits.BODY_CARD, "caption")


def _location(reply: Reply) -> None:
    place = reply.location
    if place is None or not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
        raise refuse("location")


def _contacts(reply: Reply) -> None:
    if not 1 <= len(reply.contacts) <= CONTACTS:
        raise refuse("contact_count", f"{len(reply.contacts)}")
    for card in reply.contacts:
        if not str(card.get("name") or "").strip() or not isinstance(card.get("phones") or [], (list, tuple)):
            raise refuse("contact_card")


def _reaction(reply: Reply) -> None:
    if not reply.quoted:
        raise refuse("reaction")


def _template(reply: Reply) -> None:
    if reply.template is None or not reply.template.name or not reply.template.language:
        raise refuse("template")


CARDS = frozenset({"buttons", "list", "link"})
CHECKS = {
    "text": _plain,
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
    "ask_location": _card,
    "ask_phone": _card,
    "template": _template,
}


def _text(value: str, limit: int, rule: str) -> None:
    if not value.strip():
        raise refuse(rule, "0")
    _at_most(value, limit, rule)


def _at_most(value: str, limit: int, rule: str) -> None:
    if len(value) > limit:
        raise refuse(rule, f"{len(value)} > {limit}")
    if "\x00" in value or not _is_text(value):
        raise refuse("characters")


def _is_text(value: str) -> bool:
    """Graph refuses NUL with a code that says nothing; a lone surrogate cannot even be encoded."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _address(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise refuse("url") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > URL or not url.isprintable():
        raise refuse("url")


def _unique(values: Iterable[str], rule: str) -> None:
    listed = list(values)
    if len(set(listed)) < len(listed):
        raise refuse(rule)
