"""Which handler a payload or a text belongs to.

A payload pattern is the button's id with parts in braces: `f:{i}` matches `f:ab12`; a part holds no colon. Where
several match, the one with more literal characters wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Handler = Callable[..., None]
_PART = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A pattern with its handler; `waiting` lets it answer while the contact waits for a person."""

    pattern: str
    matcher: re.Pattern[str]
    handler: Handler
    waiting: bool = False

    def match(self, value: str) -> dict[str, Any] | None:
        """The named parts when the whole value matches."""
        found = self.matcher.fullmatch(value)
        return found.groupdict() if found else None

    @property
    def literal(self) -> int:
        """Number of characters that are not placeholders."""
        return len(_PART.sub("", self.pattern))


def payload_route(pattern: str, handler: Handler, waiting: bool = False) -> Route:
    """A route for button and row ids."""
    source, end = "", 0
    for part in _PART.finditer(pattern):
        source += re.escape(pattern[end : part.start()]) + f"(?P<{part[1]}>[^:]+)"
        end = part.end()
    return Route(pattern, re.compile(source + re.escape(pattern[end:])), handler, waiting)


def text_route(pattern: str, handler: Handler) -> Route:
    """A route for typed text: a regular expression over the whole text, case ignored."""
    return Route(pattern, re.compile(pattern, re.IGNORECASE), handler)


def first(routes: list[Route], value: str) -> tuple[Route, dict[str, Any]] | None:
    """The first route that matches, with its named parts."""
    for route in routes:
        parts = route.match(value)
        if parts is not None:
            return route, parts
    return None
