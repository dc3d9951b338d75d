"""Careful hands for values of the wire: the wrong type becomes the empty value, never an exception."""

import math
from typing import Any


def text(value: Any, limit: int = 65_536) -> str:
    """A string, at most ``limit`` characters; numbers are written out, everything else is empty."""
    if isinstance(value, str):
        return value[:limit]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def optional(value: Any, limit: int = 512) -> str | None:
    """A non-empty string or None."""
    return text(value, limit) or None


def table(value: Any) -> dict[str, Any]:
    """An object."""
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> list[dict[str, Any]]:
    """The objects in an array."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """A finite number, also when it was written as text."""
    try:
        found = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
