"""Sentences for people, from catalogues: ``catalog/texts/<language>/<area>.toml``, one file per room.

A key reads ``area.name`` or ``area.group.name``. Placeholders are ``{name}``. A table with ``one`` and
``other`` is a plural, chosen by the parameter ``n``.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("id", "en")
DEFAULT = "id"
ROOT = Path(__file__).parent / "texts"


class MissingText(KeyError):
    """The catalogue has no sentence under that key."""


@cache
def area(language: str, name: str) -> dict[str, Any]:
    """One catalogue file as nested tables."""
    path = ROOT / language / f"{name}.toml"
    if not path.exists():
        raise MissingText(f"no catalogue {language}/{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def has(language: str, key: str) -> bool:
    """Whether the catalogue has ``key``."""
    try:
        _find(language, key)
    except MissingText:
        return False
    return True


def text(language: str, key: str, **params: Any) -> str:
    """The sentence under ``key`` in ``language``, filled. Raises ``MissingText`` when there is none."""
    found = _find(language if language in LANGUAGES else DEFAULT, key)
    if isinstance(found, dict):
        form = "one" if params.get("n") == 1 and "one" in found else "other"
        found = found[form]
    return str(found).format_map(params) if params else str(found)


def _find(language: str, key: str) -> Any:
    name, *path = key.split(".")
    node: Any = area(language, name)
    for step in path:
        if not isinstance(node, dict) or step not in node:
            raise MissingText(f"{language}: {key}")
        node = node[step]
    if isinstance(node, dict) and "other" not in node:
        raise MissingText(f"{language}: {key} is a table, not a sentence")
    return node
