"""Who writes: people, their phones, and their business-scoped ids (BSUID, one per person and portfolio)."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from botruntime.emulator.journal import Table
from botruntime.emulator.records import Person

BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,128}")
PHONE = re.compile(r"\d{7,15}")


@dataclass(frozen=True)
class Identity:
    """How a business sees a person: always a BSUID, a phone only where it is visible."""

    name: str
    bsuid: str
    wa_id: str | None
    username: str | None


def digits_of(phone: str) -> str:
    """``+62 812-9000`` → ``628129000``."""
    return re.sub(r"[\s().+-]", "", phone)


class People:
    """All persons, found by id, phone, username or any of their BSUIDs."""

    def __init__(self, table: Table[Person]) -> None:
        self._table = table
        self._ids: dict[str, str] = {}
        self._keys: dict[str, list[str]] = {}
        for person in table:
            self._index(person)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._table)

    def __getitem__(self, person_id: str) -> Person:
        return self._table[person_id]

    def find(self, name: str) -> Person | None:
        """By id, phone (with or without plus), BSUID or username."""
        return self._table.get(self._ids.get(name) or self._ids.get(digits_of(name)) or self._ids.get("@" + name))

    def by_phone(self, digits: str) -> Person | None:
        """The holder of a phone number."""
        found = self.find(digits)
        return found if found and found.phone == digits else None

    def by_bsuid(self, bsuid: str, portfolio_id: str) -> Person | None:
        """The person a portfolio knows by that BSUID; another portfolio's BSUID finds nobody."""
        found = self.find(bsuid)
        return found if found and found.bsuids.get(portfolio_id) == bsuid else None

    def save(self, person: Person) -> Person:
        """Keep a new or changed person."""
        self._table.put(person)
        self._index(person)
        return person

    def remove(self, person: Person) -> None:
        """Forget a person."""
        for key in self._keys.pop(person.id, []):
            self._ids.pop(key, None)
        self._table.remove(person.id)

    def clear(self) -> None:
        """Forget everyone."""
        for person in self._table:
            self.remove(person)

    def meet(self, name: str, portfolio_id: str) -> Person | None:
        """A new person for an unknown phone or BSUID; None when ``name`` is neither."""
        if BSUID.fullmatch(name):
            phone = "62899" + "".join(secrets.choice("0123456789") for _ in range(8))
            person = Person("u-" + secrets.token_hex(6), f"Tamu {name[-4:]}", phone, phone_visible=False)
            person.username = f"tamu.{name[-6:].lower().strip('.')}"
            person.bsuids[portfolio_id] = name
            return self.save(person)
        digits = digits_of(name)
        if PHONE.fullmatch(digits):
            return self.save(Person("u-" + secrets.token_hex(6), f"+{digits}", digits))
        return None

    def bsuid(self, person: Person, portfolio_id: str) -> str:
        """The person's id in a portfolio, minted at first need."""
        if portfolio_id not in person.bsuids:
            number = "".join(secrets.choice("0123456789") for _ in range(15))
            person.bsuids[portfolio_id] = f"{person.country}.{secrets.randbelow(9) + 1}{number}"
            self.save(person)
        return person.bsuids[portfolio_id]

    def _index(self, person: Person) -> None:
        for key in self._keys.get(person.id, []):
            self._ids.pop(key, None)
        keys = [person.id, person.phone, *person.bsuids.values()]
        if person.username:
            keys.append("@" + person.username)
        self._keys[person.id] = keys
        self._ids.update(dict.fromkeys(keys, person.id))
