"""Dataclasses to JSON and back, so that every part of the contract can cross a database or a process.

Shapes: a dataclass becomes an object of its fields, a tuple a list, a datetime an ISO 8601 string with its offset.
Decoding follows the type hints; unknown keys are ignored, so an older process can read what a newer one wrote.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def dump(value: Any) -> Any:
    """Return `value` as plain JSON data (dict, list, str, int, float, bool, None)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: dump(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): dump(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [dump(item) for item in value]
    return value


def load(cls: type[T], data: Any) -> T:
    """Build `cls` from what `dump` made of it. Raises TypeError or ValueError on data of another shape."""
    result: T = _decode(cls, data)
    return result


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _decode(hint: Any, data: Any) -> Any:
    if hint is Any or data is None:
        return data
    if hint is datetime:
        return datetime.fromisoformat(data)
    if dataclasses.is_dataclass(hint):
        return _decode_object(hint, data)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(arguments, data)
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in data)
    if origin is list:
        return [_decode(arguments[0], item) for item in data]
    if origin is dict or origin is Mapping:
        return dict(data)
    if origin is Literal and data not in arguments:
        raise ValueError(f"{data!r} is none of {arguments!r}")
    return data


def _decode_object(cls: Any, data: Any) -> Any:
    if not isinstance(data, Mapping):
        raise TypeError(f"{cls.__name__} needs an object, not {type(data).__name__}")
    hints = _hints(cls)
    known = {field.name for field in dataclasses.fields(cls) if field.init}
    return cls(**{name: _decode(hints[name], item) for name, item in data.items() if name in known})


def _decode_union(options: tuple[Any, ...], data: Any) -> Any:
    """Pick the member of a union: dataclasses are told apart by their literal field `type`."""
    real = [option for option in options if option is not type(None)]
    if len(real) == 1:
        return _decode(real[0], data)
    if isinstance(data, Mapping):
        for option in real:
            if dataclasses.is_dataclass(option) and data.get("type") in get_args(_hints(option)["type"]):  # type: ignore[arg-type]
                return _decode(option, data)
    return data
