"""Reads the answer to an open question: `read(input, text, ...)` gives the typed value, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from botruntime.sdk.language import words
from botruntime.sdk.matching import normal
from catalog.manifest import people

MAX_TEXT = 1000
MAX_NAME = 60
_DAYS = (
    ("senin", "sen", "monday", "mon"),
    ("selasa", "sel", "tuesday", "tue"),
    ("rabu", "rab", "wednesday", "wed"),
    ("kamis", "kam", "thursday", "thu"),
    ("jumat", "jum'at", "jum", "friday", "fri"),
    ("sabtu", "sab", "saturday", "sat"),
    ("minggu", "ahad", "min", "sunday", "sun"),
)
_MONTHS = (
    ("januari", "january", "jan"), ("februari", "february", "feb", "pebruari"), ("maret", "march", "mar"),
    ("april", "apr"), ("mei", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"),
    ("agustus", "august", "agu", "agt", "ags", "aug"), ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"), ("november", "nov", "nop"), ("desember", "december", "des", "dec"),
)  # fmt: skip
_SOON = {
    "hari ini": 0, "today": 0, "sekarang": 0, "besok": 1, "tomorrow": 1, "lusa": 2, "besok lusa": 2,
    "day after tomorrow": 2,
}  # fmt: skip


def read(kind: str, text: str, today: date, choices: Sequence[tuple[str, str]] = ()) -> Any:
    """The value of `text` as input `kind`; None when it is none. `today` is the date in the business's zone."""
    cleaned = " ".join(text.split()) if kind != "text" else text.strip()
    if not cleaned:
        return None
    if kind == "choice":
        return choice(cleaned, choices)
    if kind == "date":
        return day(cleaned, today)
    reader: Callable[[str], Any] = _READERS[kind]
    return reader(cleaned)


def plain(text: str) -> str | None:
    """Any text up to 1000 characters."""
    return text if len(text) <= MAX_TEXT else None


def name(text: str) -> str | None:
    """A name: letters in it, at most 60 characters, no link."""
    ok = len(text) <= MAX_NAME and any(sign.isalpha() for sign in text) and "://" not in text
    return text if ok else None


def yesno(text: str) -> bool | None:
    """Whether the first word agrees or refuses."""
    first = normal(text).split(" ")[0]
    answers: dict[str, str] = words()["yesno"]
    return next((key == "yes" for key, listed in answers.items() if first in listed.split()), None)


def choice(text: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """The id of the choice meant: by id, by title without case and punctuation, or by its place from 1."""
    wanted = normal(text)
    for place, (key, title) in enumerate(choices, start=1):
        if text == key or wanted in (normal(title), str(place)):
            return key
    return None


def day(text: str, today: date) -> date | None:
    """`besok`, `Senin` (the next one), `23/11`, `23-11-2026`, `23 Nov`, `Nov 23`, `2026-11-23`, `tanggal 23`.

    Without a year, the next such day from today on; without a month, the next month that has it.
    """
    cleaned = (
        re.sub(r"^(tanggal|tgl\.?|hari|on|the)\s+", "", text.lower()) if text.lower() != "hari ini" else "hari ini"
    )
    if cleaned in _SOON:
        return today + timedelta(days=_SOON[cleaned])
    for place, names in enumerate(_DAYS):
        if cleaned in names or cleaned in {f"{given} depan" for given in names}:
            return today + timedelta(days=(place - today.weekday() - 1) % 7 + 1)
    cleaned = re.sub(r"^[a-z']+day,?\s+|^(senin|selasa|rabu|kamis|jum'?at|sabtu|minggu),?\s+", "", cleaned)
    return _dated(cleaned, today)


def _dated(text: str, today: date) -> date | None:
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return _real(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?", text):
        return _with_year(int(found[1]), int(found[2]), found[3], today)
    if found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ \-]?([a-z]+)\.?,?(?: (\d{4}))?", text):
        return _with_year(int(found[1]), _month(found[2]), found[3], today)
    if found := re.fullmatch(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?", text):
        return _with_year(int(found[2]), _month(found[1]), found[3], today)
    if found := re.fullmatch(r"(\d{1,2})", text):
        return _next_month_with(int(found[1]), today)
    return None


def _month(word: str) -> int:
    return next((place for place, names in enumerate(_MONTHS, start=1) if word in names), 0)


def _with_year(number: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _real(int(year) + (2000 if len(year) == 2 else 0), month, number)
    found = (_real(candidate, month, number) for candidate in range(today.year, today.year + 5))
    return next((moment for moment in found if moment and moment >= today), None)


def _next_month_with(number: int, today: date) -> date | None:
    for ahead in range(13):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        moment = _real(year, month + 1, number)
        if moment and moment >= today:
            return moment
    return None


def _real(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


_READERS: dict[str, Callable[[str], Any]] = {
    "text": plain, "name": name, "yesno": yesno, "number": people.number, "money": people.money,
    "phone": people.phone, "email": people.email, "time": people.time_of_day,
}  # fmt: skip


def dump(value: Any) -> Any:
    """A typed answer as JSON: dates and times become ISO text."""
    return value.isoformat() if isinstance(value, date | datetime) or hasattr(value, "isoformat") else value
