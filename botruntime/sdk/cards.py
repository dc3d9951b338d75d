"""Turns a catalogue entry and its values into a Reply that the platform will accept.

Owner and contact may write longer than anyone planned: what does not fit is cut with an ellipsis, longest value first,
never refused at send time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botruntime.sdk import limits
from botruntime.sdk.outcome import Button, Reply, Row, Section
from botruntime.sdk.texts import PLACEHOLDER, Text, fill

Values = Mapping[str, Any]


def card(
    text: Text,
    values: Values,
    *,
    rows: Sequence[Values] | None = None,
    page: int = 0,
    buttons: Sequence[tuple[str, str]] | None = None,
) -> Reply:
    """The reply for `text`.

    `rows` fills the list row that has placeholders, once per item; a row whose id ends in `:more` is the pager and
    stands only where a further page exists, its id then ends in `:more:<page>`. `buttons` replaces the entry's buttons.
    Raises KeyError for a missing value, ValueError for an empty body.
    """
    pressed = text.buttons if buttons is None else tuple(buttons)
    listed = _rows(text, values, rows or (), page) if text.rows else ()
    kind = "list" if listed else "buttons" if pressed else "text"
    body = fitting(text.body, values, limits.BODY_TEXT if kind == "text" else limits.BODY_CARD)
    if not body.strip():
        raise ValueError(f"text {text.key!r} came out empty")
    return Reply(
        kind=kind,  # type: ignore[arg-type]
        body=body,
        header=limits.clip(fill(text.header, values), limits.HEADER),
        footer=limits.clip(fill(text.footer, values), limits.FOOTER),
        buttons=() if listed else _buttons(pressed, values),
        label=fill(text.label, values) if listed else "",
        sections=(Section(listed),) if listed else (),
        key=text.key,
    )


def fitting(piece: str, values: Values, limit: int) -> str:
    """`piece` filled and at most `limit` long; the longest value gives way first."""
    whole = fill(piece, values)
    if len(whole) <= limit:
        return whole
    used = {name: str(values[name]) for name in _names(piece, values)}
    longest = max(used, key=lambda name: len(used[name]), default=None)
    if longest is None:
        return limits.clip(whole, limit)
    room = max(1, len(used[longest]) - (len(whole) - limit))
    return limits.clip(fill(piece, {**values, longest: limits.clip(used[longest], room)}), limit)


def _names(piece: str, values: Values) -> list[str]:
    found = [(name + digits, name) for name, digits in PLACEHOLDER.findall(piece)]
    return [full if full in values else name for full, name in found]


def _buttons(pairs: Sequence[tuple[str, str]], values: Values) -> tuple[Button, ...]:
    """Filled, cut and without twins: the platform refuses a card with two equal titles or ids."""
    buttons: dict[str, Button] = {}
    for name, title in pairs:
        shown = limits.clip(fill(title, values), limits.BUTTON_TITLE)
        key = fill(name, values)
        if shown and all(key != button.id for button in buttons.values()):
            buttons.setdefault(shown, Button(key, shown))
    return tuple(buttons.values())[: limits.BUTTONS]


def _rows(text: Text, values: Values, items: Sequence[Values], page: int) -> tuple[Row, ...]:
    pagers = [row for row in text.rows if row[0].endswith(":more")]
    plain = [row for row in text.rows if row not in pagers]
    repeated = [row for row in plain if any(PLACEHOLDER.search(piece) for piece in row)]
    fixed = [_row(row, values) for row in plain if row not in repeated]
    every = [_row(row, {**values, **item}) for item in items for row in repeated]
    room = limits.LIST_ROWS - len(fixed)
    if len(every) <= room:
        return _distinct([*every, *fixed])
    size = room - len(pagers)
    start = page * size if 0 <= page * size < len(every) else 0
    shown = [*every[start : start + size], *fixed]
    if start + size < len(every):
        shown += [_row((f"{row[0]}:{start // size + 1}", *row[1:]), values) for row in pagers]
    return _distinct(shown)


def _row(row: tuple[str, ...], values: Values) -> Row:
    name, title, description = (fill(piece, values) for piece in row)
    return Row(
        limits.clip(name, limits.ROW_ID),
        limits.clip(title, limits.ROW_TITLE),
        limits.clip(" ".join(description.split()), limits.ROW_DESCRIPTION),
    )


def _distinct(rows: Sequence[Row]) -> tuple[Row, ...]:
    seen: dict[str, Row] = {}
    for row in rows:
        if row.title.strip():
            seen.setdefault(row.id, row)
    return tuple(seen.values())
