"""Of the people a change names, those one of its updates is about.

A thousand messages come with a thousand contacts: if each message kept them all, a POST of 300 kB would become 100 MB.
Meta: Webhooks, ``contacts``.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from botruntime.inbound.payload_slices import Uncuttable, items

_OF_CARD = ("wa_id", "user_id")
_OF_ITEM = ("from", "from_user_id", "recipient_id", "recipient_user_id")


class Cards:
    """The ``contacts`` of one change."""

    def __init__(self, contacts: Any) -> None:
        self._all: list[Any] = contacts if isinstance(contacts, list) else []
        self._places: dict[str, list[int]] = {}
        for place, card in enumerate(self._all):
            for name in _ids(card, _OF_CARD):
                self._places.setdefault(name, []).append(place)

    def of(self, item: Any) -> list[Any]:
        """The contacts ``item`` names, in their order; one that came alone is its item's, named or not."""
        if len(self._all) < 2:
            return self._all
        named = {place for name in _ids(item, _OF_ITEM) for place in self._places.get(name, ())}
        return [self._all[place] for place in sorted(named)]

    def written_for(self, item: bytes) -> bytes:
        """The same for an undecoded item, undecoded; none for one that cannot be read."""
        try:
            return orjson.dumps(self.of(orjson.loads(item)))
        except (ValueError, TypeError):
            return b"[]"


def read(contacts: bytes) -> tuple[Cards, list[bytes]]:
    """Undecoded contacts one by one, so that a poisonous one spoils no other; and those that cannot be read."""
    good, spoiled = [], []
    for card in _cut(contacts):
        try:
            good.append(orjson.loads(card))
        except ValueError:
            spoiled.append(card)
    return Cards(good), spoiled


def _cut(contacts: bytes) -> Iterator[bytes]:
    try:
        yield from items(contacts)
    except Uncuttable:
        yield contacts


def _ids(node: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for name in names if isinstance(value := node.get(name), str))
