"""Checks one value against one field: gives the clean value, or a problem with its code and what would be right.

Problem codes are keys of the catalogue `manifest`, table `settings`; the params fill the sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.manifest import hours, people
from catalog.manifest.fields import ZONES, Field

MAX_TEXT = 4000
MAX_ROWS = 200
_IDENTITY = re.compile(
    r"\b(nik|ktp|e-?ktp|no(mor)?\.? ?induk|bpjs|paspor|passport|npwp|no(mor)?\.? ?rek(ening)?|rekening"
    r"|kartu (kredit|debit)|credit card|card number|cvv|id number|identity (card|number)"
    r"|kk|sim [abc]|pin|password|kata sandi)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{2,5})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value. `code` names a sentence, `params` what would be right (limits, examples)."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Wrong(Exception):
    """Carries problems out of a check: path below the value ("" = the value itself) to problem."""

    def __init__(self, code: str = "", **params: Any) -> None:
        super().__init__(code)
        self.problems: dict[str, Problem] = {"": Problem(code, params)} if code else {}


def check(of: Field, value: Any) -> Any:
    """The clean value of field `of`; None for an empty optional one. Raises Wrong."""
    if _is_empty(value):
        if of.required:
            raise Wrong("required")
        return _EMPTY.get(of.type, lambda: None)()
    return _CHECKS[of.type](of, value)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {}, ())


_EMPTY: dict[str, Callable[[], Any]] = {
    "string": str, "text": str, "multichoice": list, "table": list, "staff": list, "weekly_hours": dict, "bool": bool,
}  # fmt: skip


def _text(of: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("not_text")
    cleaned = value.replace("\r\n", "\n").strip()
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in cleaned) or not _is_unicode(cleaned):
        raise Wrong("bad_characters")
    if of.type == "string" and "\n" in cleaned:
        raise Wrong("one_line")
    limit = int(of.max or MAX_TEXT)
    if len(cleaned) > limit:
        raise Wrong("too_long", max=limit, length=len(cleaned))
    if of.min is not None and len(cleaned) < of.min:
        raise Wrong("too_short", min=int(of.min), length=len(cleaned))
    if of.forbid == "identity" and (found := _IDENTITY.search(cleaned)):
        raise Wrong("identity_number", word=found[0])
    return cleaned


def _is_unicode(text: str) -> bool:
    """Lone surrogates cannot be stored or sent."""
    return not any(0xD800 <= ord(sign) <= 0xDFFF for sign in text)


def _bounded(of: Field, value: float) -> float:
    if of.min is not None and value < of.min:
        raise Wrong("too_small", min=_plain(of.min))
    if of.max is not None and value > of.max:
        raise Wrong("too_big", max=_plain(of.max))
    return value


def _plain(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound


def _int(of: Field, value: Any) -> int:
    found = people.number(value) if isinstance(value, str) else value
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Wrong("not_whole")
    return int(_bounded(of, found))


def _number(of: Field, value: Any) -> float:
    found = people.decimal(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float) or found != found or abs(found) == float("inf"):
        raise Wrong("not_number")
    return _bounded(of, found)


def _money(of: Field, value: Any) -> int:
    found = people.money(value) if isinstance(value, str) else value
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= people.MAX_MONEY:
        raise Wrong("not_money")
    return int(_bounded(of, found))


def _bool(_of: Field, value: Any) -> bool:
    words = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}
    found = words.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise Wrong("not_bool")
    return found


def _choice(of: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in of.values:
        raise Wrong("not_a_choice", choices=", ".join(of.values))
    return value


def _counted(of: Field, items: Sequence[Any], limit: int = MAX_ROWS) -> None:
    if len(items) > (top := int(of.max or limit)):
        raise Wrong("too_many", max=top, count=len(items))
    if of.min is not None and len(items) < of.min:
        raise Wrong("too_few", min=int(of.min), count=len(items))


def _multichoice(of: Field, value: Any) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or any(item not in of.values for item in items):
        raise Wrong("not_a_choice", choices=", ".join(of.values))
    chosen = [choice for choice in of.values if choice in items]
    _counted(of, chosen)
    return chosen


def _hours(_of: Field, value: Any) -> hours.Hours:
    try:
        found = hours.parse(value) if isinstance(value, str) else hours.clean(value)
    except (TypeError, ValueError, AttributeError):
        found = None
    if found is None:
        raise Wrong("not_hours")
    return found


def _zone(_of: Field, value: Any) -> str:
    if value not in ZONES:
        raise Wrong("not_a_choice", choices=", ".join(ZONES))
    return str(value)


def _one(reader: Callable[[str], Any], code: str) -> Callable[[Field, Any], str]:
    """A check that keeps what `reader` makes of a text."""

    def checked(_of: Field, value: Any) -> str:
        found = reader(value) if isinstance(value, str) else None
        if found is None:
            raise Wrong(code)
        return str(found)

    return checked


def _staff(of: Field, value: Any) -> list[str]:
    items = re.split(r"[\s,;]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise Wrong("not_staff")
    found = [people.email(item) if isinstance(item, str) else None for item in items]
    if None in found:
        raise Wrong("not_staff", value=str(items[found.index(None)])[:60])
    members = list(dict.fromkeys(str(item) for item in found))
    _counted(of, members)
    return members


def _table(of: Field, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise Wrong("not_a_table")
    _counted(of, value)
    rows, wrong = [], Wrong()
    for place, row in enumerate(value):
        clean, problems = check_all(of.columns, row if isinstance(row, Mapping) else None)
        wrong.problems.update({f"{place}.{path}" if path else str(place): found for path, found in problems.items()})
        rows.append(clean)
    if of.unique and not wrong.problems:
        _refuse_twins(of.unique, rows, wrong)
    if wrong.problems:
        raise wrong
    return rows


def _refuse_twins(key: str, rows: list[dict[str, Any]], wrong: Wrong) -> None:
    seen: dict[str, int] = {}
    for place, row in enumerate(rows):
        first = seen.setdefault(str(row[key]).casefold(), place)
        if first != place:
            wrong.problems[f"{place}.{key}"] = Problem("twice", {"row": first + 1})


def check_all(fields: Sequence[Field], values: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Clean values of all fields, and problems by path ("faq.3.topik"). Missing keys count as empty."""
    if values is None:
        return {}, {"": Problem("not_a_row")}
    clean: dict[str, Any] = {}
    problems = {key: Problem("unknown_field") for key in values if key not in {of.key for of in fields}}
    for of in fields:
        try:
            clean[of.key] = check(of, values.get(of.key, of.default))
        except Wrong as wrong:
            problems.update({f"{of.key}.{path}" if path else of.key: found for path, found in wrong.problems.items()})
    return clean, problems


def _iso_date(text: str) -> str | None:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return None


def _clock(text: str) -> str | None:
    found = people.time_of_day(text)
    return found.strftime("%H:%M") if found else None


def _url(text: str) -> str | None:
    cleaned = text.strip()
    return cleaned if len(cleaned) <= 2000 and _URL.fullmatch(cleaned) else None


_CHECKS: dict[str, Callable[[Field, Any], Any]] = {
    "string": _text, "text": _text, "int": _int, "number": _number, "money": _money, "bool": _bool,
    "choice": _choice, "multichoice": _multichoice, "weekly_hours": _hours, "zone": _zone, "table": _table,
    "staff": _staff, "email": _one(people.email, "not_email"), "phone": _one(people.phone, "not_phone"),
    "url": _one(_url, "not_url"), "image": _one(_url, "not_url"), "date": _one(_iso_date, "not_date"),
    "time": _one(_clock, "not_time"),
}  # fmt: skip
