"""Small checks of single values, each refusing in Meta's way."""

from typing import Any

from botruntime.emulator.errors import GraphError
from botruntime.emulator.records import Json


def wrong(details: str) -> GraphError:
    """131009: the value of a parameter is not valid."""
    return GraphError(131009, details)


def obj(node: Json, key: str, path: str) -> Json:
    """The object under ``key``; 131008 when missing, 131009 when it is something else."""
    if key not in node or node[key] is None:
        raise GraphError(131008, f"{path} is required")
    if not isinstance(node[key], dict):
        raise wrong(f"{path} must be an object")
    return dict(node[key])


def text(node: Json, key: str, path: str, longest: int = 0) -> str:
    """The non-empty text under ``key``, at most ``longest`` code points."""
    value = node.get(key) if hasattr(node, "get") else None
    if value is None or value == "":
        raise GraphError(131008, f"{path} is required")
    if not isinstance(value, str):
        raise wrong(f"{path} must be a string")
    if longest and len(value) > longest:
        raise wrong(f"{path} is {len(value)} characters long; at most {longest} are allowed")
    return value


def optional_text(node: Json, key: str, path: str, longest: int) -> None:
    """Like ``text`` where the key may be absent or empty."""
    if node.get(key) not in (None, ""):
        text(node, key, path, longest)


def listed(node: Json, key: str, path: str, fewest: int, most: int) -> list[Any]:
    """The list under ``key`` with ``fewest`` to ``most`` items."""
    value = node.get(key)
    if value is None:
        raise GraphError(131008, f"{path} is required")
    if not isinstance(value, list) or not fewest <= len(value) <= most:
        size = len(value) if isinstance(value, list) else "no"
        raise wrong(f"{path} must be a list of {fewest} to {most} items, got {size}")
    return value


def number_text(node: Json, key: str, path: str, bound: float) -> float:
    """A number, or a number written as text, between ``-bound`` and ``bound``."""
    if node.get(key) in (None, ""):
        raise GraphError(131008, f"{path} is required")
    try:
        value = float(node[key])
    except (TypeError, ValueError):
        raise wrong(f"{path} must be a number") from None
    if not -bound <= value <= bound:
        raise wrong(f"{path} must lie between {-bound} and {bound}")
    return value


def unique(values: list[str], path: str) -> None:
    """131009 when a value occurs twice."""
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise wrong(f"{path} must be unique, '{twice[0]}' occurs twice")
