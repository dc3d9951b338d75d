"""Weekly opening hours: `{"mon": [["08:00", "17:00"]], ...}` in the business's own zone; other days are closed.

A compact line says the same, for forms without JavaScript and for people: `Sen-Jum 08.00-17.00; Sab 09.00-12.00`.
An end of "24:00" is midnight; an interval does not cross midnight (write two).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHOWN = {
    "id": ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
CLOSED = {"id": "tutup", "en": "closed"}
_ALIASES = {
    "senin": 0, "selasa": 1, "rabu": 2, "kamis": 3, "jumat": 4, "jum'at": 4, "sabtu": 5, "minggu": 6, "ahad": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_ALIASES |= {day: place for place, day in enumerate(DAYS)}
_ALIASES |= {name.lower(): place for names in SHOWN.values() for place, name in enumerate(names)}
_EVERY_DAY = ("setiap hari", "tiap hari", "every day", "daily")
_RANGE = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?\s*[-–]\s*(\d{1,2})(?:[.:](\d{2}))?")

Hours = dict[str, list[list[str]]]


def clean(value: Mapping[str, Sequence[Sequence[str]]]) -> Hours | None:
    """Sorted hours in the canonical shape, or None when a day, a time or an order is wrong or intervals overlap."""
    hours: Hours = {}
    for day in DAYS:
        spans = sorted(_span(pair) for pair in value.get(day, ()))
        if any(start >= end for start, end in spans):
            return None
        if any(left[1] > right[0] for left, right in pairwise(spans)):
            return None
        if spans:
            hours[day] = [[_clock(start), _clock(end)] for start, end in spans]
    return hours if set(value) <= set(DAYS) else None


def parse(text: str) -> Hours | None:
    """Hours from a compact line; None when it cannot be read. An empty line means always closed."""
    found: dict[str, list[list[str]]] = {}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;\n]", text.lower()))):
        match = _RANGE.search(part)
        days = _days(part[: match.start()] if match else part)
        if match is None or not days:
            return None
        spans = [[_written(item, 1), _written(item, 3)] for item in _RANGE.finditer(part)]
        if re.sub(r"[\s,&]|dan|and|wi(?:b|ta|t)", "", _RANGE.sub("", part[match.start() :])):
            return None
        for day in days:
            found.setdefault(DAYS[day], []).extend(spans)
    try:
        return clean(found)
    except ValueError:
        return None


def shown(hours: Hours, language: str) -> str:
    """The compact line in `language`, equal neighbours joined: `Sen-Sab 08.00-17.00`."""
    names = SHOWN["en" if language == "en" else "id"]
    pieces = []
    for spans, group in groupby(range(7), key=lambda place: hours.get(DAYS[place])):
        days = list(group)
        if spans:
            label = names[days[0]] if len(days) == 1 else f"{names[days[0]]}-{names[days[-1]]}"
            mark = ":" if language == "en" else "."
            pieces.append(f"{label} " + ", ".join("-".join(edge.replace(":", mark) for edge in span) for span in spans))
    return "; ".join(pieces) or CLOSED["en" if language == "en" else "id"]


def is_open(hours: Hours, local: datetime) -> bool:
    """Whether `local` (wall time in the business's zone) lies in an interval; the end is outside."""
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in map(_span, hours.get(DAYS[local.weekday()], ())))


def next_open(hours: Hours, local: datetime) -> datetime | None:
    """The next opening after `local` (now, when open), in the same zone; None when there is none in a week."""
    if is_open(hours, local):
        return local
    for ahead in range(8):
        day: date = local.date() + timedelta(days=ahead)
        for start, _ in sorted(map(_span, hours.get(DAYS[day.weekday()], ()))):
            moment = datetime.combine(day, time(start // 60, start % 60), tzinfo=local.tzinfo)
            if moment > local:
                return moment
    return None


def _span(pair: Sequence[str]) -> tuple[int, int]:
    start, end = pair
    return _minutes(start), _minutes(end)


def _minutes(text: str) -> int:
    """Minutes since midnight of `HH:MM`. Raises ValueError on anything else."""
    found = re.fullmatch(r"([01]?\d|2[0-4])[.:]([0-5]\d)", str(text).strip())
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise ValueError(text)
    return int(found[1]) * 60 + int(found[2])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _written(found: "re.Match[str]", group: int) -> str:
    return f"{int(found[group]):02d}:{found[group + 1] or '00'}"


def _days(text: str) -> list[int]:
    """Places of the days named in `text`: single, listed with commas, or a range that may wrap over Sunday."""
    cleaned = text.strip().rstrip(":").strip()
    if cleaned in _EVERY_DAY:
        return list(range(7))
    days: list[int] = []
    for item in filter(None, (piece.strip() for piece in re.split(r",|&| dan | and ", cleaned))):
        edges = [_ALIASES.get(edge.strip()) for edge in re.split(r"-|–| s/d | sampai | to ", item)]
        if None in edges or len(edges) > 2:
            return []
        first, last = edges[0] or 0, edges[-1] or 0
        days.extend(place % 7 for place in range(first, (last if last >= first else last + 7) + 1))
    return days
