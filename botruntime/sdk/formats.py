"""Amounts, moments and durations the way the house writes them, in Indonesian and English."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE_LABELS = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_DAYS = {
    "id": ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_DURATION = re.compile(r"(\d+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def money(amount_idr: int) -> str:
    """`Rp1.250.000`, the same in both languages."""
    sign = "-" if amount_idr < 0 else ""
    return f"{sign}Rp{abs(amount_idr):,}".replace(",", ".")


def day(of: date, language: str) -> str:
    """`Sen 23 Nov` / `Mon 23 Nov`."""
    known = "en" if language == "en" else "id"
    return f"{_DAYS[known][of.weekday()]} {of.day} {_MONTHS[known][of.month - 1]}"


def clock(at: datetime, language: str) -> str:
    """`20.00` / `8:00 PM`, of the wall time `at` carries."""
    if language != "en":
        return f"{at.hour:02d}.{at.minute:02d}"
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def when(at: datetime, zone: str, language: str) -> str:
    """`Sen 23 Nov 20.00 WIB` / `Mon 23 Nov 8:00 PM WIB`; every shown time carries its zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local, language)} {clock(local, language)} {zone_label(zone, local)}"


def zone_label(zone: str, local: datetime | None = None) -> str:
    """`WIB`, `WITA`, `WIT`; elsewhere the zone's own abbreviation."""
    return ZONE_LABELS.get(zone) or (local.tzname() if local else None) or zone


def duration(text: str | timedelta) -> timedelta:
    """`90s`, `30m`, `2h`, `1h30m`, `1d`. Raises ValueError on anything else or on nothing."""
    if isinstance(text, timedelta):
        return text
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.replace(" ", ""):
        raise ValueError(f"{text!r} is no duration; write 90s, 30m, 2h, 1h30m or 1d")
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in parts))
