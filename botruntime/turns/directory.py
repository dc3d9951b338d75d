"""Which contact an identity is: BSUID first, phone second, then what was missing is filled in.

Works on rows loaded for one batch and remembers what has to be written. The rules (Meta: Business-scoped user ids): a
BSUID is a person within a portfolio; a phone moves between people, so two BSUIDs with one phone are two people, and
only a linkage the platform gives (``previous_user_id``) makes one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from botruntime.inbound.updates import Identity, IdentityChange

Scope = tuple[int, str]


@dataclass(eq=False, slots=True)
class Card:
    """A contact's row; ``id`` is None until it is written."""

    scope: Scope
    bsuid: str | None = None
    parent_bsuid: str | None = None
    wa_id: str | None = None
    username: str | None = None
    name: str = ""
    id: int | None = None
    code: UUID = field(default_factory=uuid4)


class Directory:
    """The contacts a batch may touch. ``new``, ``changed``, ``moved`` and ``merged`` are what to write, in that sense:
    cards to insert, cards to update, cards whose ids changed hands, and (gone, kept) pairs.
    """

    def __init__(self, cards: Iterable[Card]) -> None:
        self._by_bsuid: dict[tuple[Scope, str], Card] = {}
        self._by_wa_id: dict[tuple[Scope, str], Card] = {}
        self.new: list[Card] = []
        self.changed: dict[int, Card] = {}
        self.moved: dict[int, Card] = {}
        self.merged: list[tuple[Card, Card]] = []
        for card in cards:
            self._index(card)

    def find(self, scope: Scope, who: Identity) -> Card:
        """The contact ``who`` is, made if there is none, with every id and name now known."""
        card = self._known(scope, who) or self._make(scope)
        self._learn(card, who)
        return card

    def change(self, scope: Scope, change: IdentityChange) -> Card:
        """Follow the platform's word that one person's ids changed; without a linkage nothing moves."""
        card = self._known(scope, change.before) or self._known(scope, change.after)
        if card is None:
            return self.find(scope, change.after)
        if change.before.bsuid is None or card.bsuid not in (None, change.before.bsuid):
            return card
        twin = self._known(scope, change.after)
        if twin is not None and twin is not card:
            self._merge(gone=twin, kept=card)
        self._take(card, change.after.bsuid or card.bsuid, change.after.wa_id or card.wa_id)
        return card

    def kept(self, card: Card) -> Card:
        """The card that lives on where ``card`` was merged away."""
        into = {id(gone): kept for gone, kept in self.merged}
        while id(card) in into:
            card = into[id(card)]
        return card

    def _known(self, scope: Scope, who: Identity) -> Card | None:
        found = self._by_bsuid.get((scope, who.bsuid)) if who.bsuid else None
        if found is not None:
            return found
        found = self._by_wa_id.get((scope, who.wa_id)) if who.wa_id else None
        # The phone of somebody with another BSUID: the number has a new owner.
        return None if found and who.bsuid and found.bsuid else found

    def _make(self, scope: Scope) -> Card:
        card = Card(scope)
        self.new.append(card)
        return card

    def _learn(self, card: Card, who: Identity) -> None:
        self._take(card, who.bsuid or card.bsuid, who.wa_id or card.wa_id)
        for name in ("parent_bsuid", "username", "name"):
            value = getattr(who, name)
            if value and value != getattr(card, name):
                setattr(card, name, value)
                self._note(card)

    def _take(self, card: Card, bsuid: str | None, wa_id: str | None) -> None:
        """Give the card these ids, away from whoever had the phone until now."""
        if (bsuid, wa_id) == (card.bsuid, card.wa_id):
            return
        holder = self._by_wa_id.get((card.scope, wa_id)) if wa_id else None
        if holder is not None and holder is not card:
            if holder.bsuid is None:
                self._merge(gone=holder, kept=card)
            else:
                self._forget(holder)
                holder.wa_id = None
                self._index(holder)
                self._note(holder, is_move=True)
        self._forget(card)
        card.bsuid, card.wa_id = bsuid, wa_id
        self._index(card)
        self._note(card, is_move=True)

    def _merge(self, *, gone: Card, kept: Card) -> None:
        self._forget(gone)
        gone.bsuid = gone.wa_id = None
        self.merged.append((gone, kept))
        self._note(gone, is_move=True)

    def _note(self, card: Card, *, is_move: bool = False) -> None:
        if card.id is not None:
            self.changed[card.id] = card
            if is_move:
                self.moved[card.id] = card

    def _index(self, card: Card) -> None:
        if card.bsuid:
            self._by_bsuid[card.scope, card.bsuid] = card
        if card.wa_id:
            self._by_wa_id[card.scope, card.wa_id] = card

    def _forget(self, card: Card) -> None:
        if card.bsuid:
            self._by_bsuid.pop((card.scope, card.bsuid), None)
        if card.wa_id:
            self._by_wa_id.pop((card.scope, card.wa_id), None)
