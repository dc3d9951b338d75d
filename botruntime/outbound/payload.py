"""Reading a reply back from the outbox, quickly: the general decoder costs more than the rest of a send."""

from __future__ import annotations

from typing import Any

from botruntime.sdk.contract import Button, Reply, Row, Section
from botruntime.transports.cloud_api.wire import KINDS

_PLAIN = frozenset({"kind", "body", "header", "footer", "label", "url", "emoji", "quoted", "to", "key"})
_QUICK = _PLAIN | {"buttons", "sections"}


def reply_of(payload: dict[str, Any]) -> Reply:
    """The reply that `Reply.to_dict()` (or orjson) wrote. Raises TypeError, ValueError or KeyError on anything else."""
    given = {name: value for name, value in payload.items() if value}
    if not given.keys() <= _QUICK or given.get("kind") not in KINDS:
        return Reply.from_dict(payload)
    if any(type(given[name]) is not str for name in given.keys() & _PLAIN):
        raise TypeError("a text field of the reply holds no text")
    if "buttons" in given:
        given["buttons"] = tuple([Button(button["id"], button["title"]) for button in given["buttons"]])
    if "sections" in given:
        given["sections"] = tuple([_section(section) for section in given["sections"]])
    return Reply(**given)


def _section(data: dict[str, Any]) -> Section:
    rows = tuple([Row(row["id"], row["title"], row.get("description") or "") for row in data["rows"]])
    return Section(rows, data.get("title") or "")
