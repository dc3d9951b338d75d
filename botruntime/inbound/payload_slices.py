"""Cutting JSON into its parts without parsing it: any depth, any content, in one pass over the bytes.

The way for bodies a parser refuses: the healthy updates of a batch are found beside the poisonous one.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^,\]}\s]+")
_BLANK = re.compile(rb"[ \t\r\n]*+")
_OPENING = b"[{"


class Uncuttable(ValueError):
    """The bytes do not even have the outline of JSON."""


def members(raw: bytes) -> dict[bytes, bytes]:
    """The members of the object ``raw``: undecoded key (without quotes) to undecoded value; a later twin wins."""
    found = {}
    position = _enter(raw, b"{")
    while raw[position : position + 1] != b"}":
        key = _STRING.match(raw, position)
        if key is None:
            raise Uncuttable("a key is missing")
        position = _after_blank(raw, key.end())
        if raw[position : position + 1] != b":":
            raise Uncuttable("a colon is missing")
        start = _after_blank(raw, position + 1)
        end = _end_of(raw, start)
        found[key.group()[1:-1]] = raw[start:end]
        position = _next(raw, end, b"}")
    return found


def items(raw: bytes) -> Iterator[bytes]:
    """The undecoded items of the array ``raw``."""
    position = _enter(raw, b"[")
    while raw[position : position + 1] != b"]":
        end = _end_of(raw, position)
        yield raw[position:end]
        position = _next(raw, end, b"]")


def _enter(raw: bytes, opening: bytes) -> int:
    position = _after_blank(raw, 0)
    if raw[position : position + 1] != opening:
        raise Uncuttable(f"{opening.decode()} expected")
    return _after_blank(raw, position + 1)


def _next(raw: bytes, end: int, closing: bytes) -> int:
    """Where the next member or item begins; where the closing bracket is when there is none."""
    position = _after_blank(raw, end)
    mark = raw[position : position + 1]
    if mark == b",":
        return _after_blank(raw, position + 1)
    if mark != closing:
        raise Uncuttable("a comma is missing")
    return position


def _end_of(raw: bytes, start: int) -> int:
    first = raw[start : start + 1]
    if first and first in _OPENING:
        return _end_of_brackets(raw, start)
    found = (_STRING if first == b'"' else _SCALAR).match(raw, start)
    if found is None:
        raise Uncuttable("a value is missing")
    return found.end()


def _end_of_brackets(raw: bytes, start: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(raw, start):
        mark = token.group()
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return token.end()
    raise Uncuttable("a bracket is not closed")


def _after_blank(raw: bytes, position: int) -> int:
    found = _BLANK.match(raw, position)
    return found.end() if found else position
