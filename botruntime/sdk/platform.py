"""What the platform would refuse in a reply; the simulator checks every reply against it.

Figures: Meta, Cloud API reference, "Messages" (see `limits.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from botruntime.sdk import limits
from botruntime.sdk.outcome import Reply


def refusals(reply: Reply) -> Iterator[str]:
    """Every reason the platform would have to refuse this reply."""
    top = limits.BODY_TEXT if reply.kind == "text" else limits.BODY_CARD
    if len(reply.body) > top or (reply.kind in ("text", "buttons", "list", "link") and not reply.body.strip()):
        yield f"body of {len(reply.body)} characters, 1 to {top} allowed"
    if len(reply.header) > limits.HEADER or len(reply.footer) > limits.FOOTER:
        yield "header or footer over 60 characters"
    if reply.kind == "buttons":
        yield from _buttons(reply)
    if reply.kind == "list":
        yield from _list(reply)


def _buttons(reply: Reply) -> Iterator[str]:
    if not 1 <= len(reply.buttons) <= limits.BUTTONS:
        yield f"{len(reply.buttons)} buttons, 1 to 3 allowed"
    if len({button.title for button in reply.buttons}) < len(reply.buttons):
        yield "two buttons with one title"
    if len({button.id for button in reply.buttons}) < len(reply.buttons):
        yield "two buttons with one id"
    for button in reply.buttons:
        if not 1 <= len(button.title) <= limits.BUTTON_TITLE or not 1 <= len(button.id) <= limits.BUTTON_ID:
            yield f"button {button.title!r} ({button.id!r}) is empty or too long"


def _list(reply: Reply) -> Iterator[str]:
    rows = [row for section in reply.sections for row in section.rows]
    if not 1 <= len(rows) <= limits.LIST_ROWS or not 1 <= len(reply.sections) <= limits.LIST_ROWS:
        yield f"{len(rows)} rows, 1 to 10 allowed"
    if not 1 <= len(reply.label) <= limits.LABEL:
        yield "the list's button needs 1 to 20 characters"
    if len({row.id for row in rows}) < len(rows):
        yield "two rows with one id"
    if len(reply.sections) > 1 and not all(1 <= len(section.title) <= limits.ROW_TITLE for section in reply.sections):
        yield "sections need titles of 1 to 24 characters"
    for row in rows:
        if not 1 <= len(row.title) <= limits.ROW_TITLE or not 1 <= len(row.id) <= limits.ROW_ID:
            yield f"row {row.title!r} ({row.id!r}) is empty or too long"
        if len(row.description) > limits.ROW_DESCRIPTION:
            yield f"description of row {row.title!r} is over 72 characters"
