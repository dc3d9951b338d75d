"""The settings form of a bot, generated from its manifest and validated by it. Works without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from catalog.manifest import Field, Manifest, Problem, hours
from catalog.models import ZONES
from catalog.texts import text
from catalog.web import forms

# How a cell of a repeatable row is drawn; every other type is a line of text, read the way people type it.
CELLS = {"text": "textarea", "int": "number", "choice": "select", "bool": "checkbox", "time": "time"}
WIDTHS = {"int": "xs", "number": "xs", "money": "s", "date": "s", "time": "xs", "phone": "s"}
MAX_ROWS = 60


@dataclass
class Box:
    """One field as a page draws it. ``cells`` maps a row's place and column to its error."""

    key: str
    kind: str
    label: str
    hint: str
    required: bool
    value: Any
    options: list[tuple[str, str]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    width: str | None = None
    min: int = 0
    max: int = MAX_ROWS


@dataclass
class Section:
    """Fields under one heading, in the manifest's order."""

    key: str
    title: str
    help: str
    boxes: list[Box]


def read(manifest: Manifest, data: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, by field, in the shapes the manifest validates."""
    return {of.key: _read(of, data) for of in manifest.settings}


def _read(of: Field, data: MultiDict[str, str]) -> Any:
    if of.type == "bool":
        return of.key in data
    if of.type == "multichoice":
        return data.getlist(of.key)
    if of.type == "weekly_hours":
        return forms.weekly_hours(data, of.key)
    if of.type == "table":
        return forms.rows(data, of.key, [{"key": c.key, "kind": CELLS.get(c.type, "text")} for c in of.columns])
    return data.get(of.key, "")


def change_rows(values: dict[str, Any], act: str) -> None:
    """Apply a press on "add a row" or "remove row" (``add:KEY``, ``remove:KEY:PLACE``) to what was typed."""
    verb, _, rest = act.partition(":")
    key, _, place = rest.partition(":")
    rows = values.get(key)
    if not isinstance(rows, list):
        return
    if verb == "add" and len(rows) < MAX_ROWS:
        rows.append({})
    elif verb == "remove" and forms.PLACE.fullmatch(place) and int(place) < len(rows):
        del rows[int(place)]


def sections(
    manifest: Manifest, values: Mapping[str, Any], language: str, problems: Mapping[str, Problem] | None = None
) -> list[Section]:
    """The form with ``values`` in it and each problem beside its field."""
    said = {path: sentence(problem, language) for path, problem in (problems or {}).items()}
    titles = {group.key: group for group in manifest.groups}
    found: dict[str, Section] = {}
    for of in manifest.settings:
        group = titles.get(of.group)
        title = group.label.text(language) if group else text(language, "installations.settings.other")
        notes = group.help.text(language) if group and group.help else ""
        section = found.setdefault(of.group, Section(of.group, title, notes, []))
        section.boxes.append(_box(of, values.get(of.key), language, said))
    return list(found.values())


def sentence(problem: Problem, language: str) -> str:
    """What is wrong and what would be right."""
    return text(language, f"manifest.settings.{problem.code}", **problem.params)


def summary(manifest: Manifest, problems: Mapping[str, Problem], language: str) -> list[tuple[str, str, str]]:
    """The problems for the top of the page: (field id, label, sentence)."""
    rows = []
    for path, problem in problems.items():
        of = manifest.fields.get(path.partition(".")[0])
        if of is not None:
            rows.append((path.replace(".", "-"), of.label.text(language), sentence(problem, language)))
    return rows


def _box(of: Field, value: Any, language: str, said: Mapping[str, str]) -> Box:
    return Box(
        key=of.key,
        kind=of.type,
        label=of.label.text(language),
        hint=of.help.text(language) if of.help else "",
        required=of.required,
        value=_shown(of, value, language),
        options=_options(of, language),
        columns=[_column(column, language) for column in of.columns],
        errors=[said[of.key]] if of.key in said else [],
        cells={path[len(of.key) + 1 :]: line for path, line in said.items() if path.startswith(f"{of.key}.")},
        width=WIDTHS.get(of.type),
        min=int(of.min or 0) if of.type == "table" else 0,
        max=min(int(of.max or MAX_ROWS), MAX_ROWS) if of.type == "table" else MAX_ROWS,
    )


def _options(of: Field, language: str) -> list[tuple[str, str]]:
    if of.type == "zone":
        return [(zone, label) for zone, label in ZONES.items()]
    return [(choice.value, choice.label.text(language)) for choice in of.choices]


def _column(of: Field, language: str) -> dict[str, Any]:
    return {
        "key": of.key,
        "label": of.label.text(language),
        "kind": CELLS.get(of.type, "text"),
        "options": _options(of, language),
        "required": of.required,
        "placeholder": of.help.text(language) if of.help else "",
        "max": int(of.max) if of.max and of.type in ("string", "text") else None,
    }


def _shown(of: Field, value: Any, language: str) -> Any:
    """A stored value the way a person types it."""
    if value is None:
        return [] if of.type in ("table", "multichoice") else {} if of.type == "weekly_hours" else ""
    if of.type == "table" and isinstance(value, list):
        return [{c.key: _cell(row.get(c.key), language) for c in of.columns} for row in value]
    if of.type == "staff" and isinstance(value, list):
        return "\n".join(map(str, value))
    if of.type == "money" and isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    return value


def _cell(value: Any, language: str) -> Any:
    if isinstance(value, dict):
        return hours.shown(value, language) if value else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else value
