"""Values the way people type them: amounts of money, numbers, phone numbers, e-mail addresses, times of day.

Each reader returns the value or None; none raises. Money is integer rupiah.
"""

import re
from datetime import time

_UNITS = {
    "": 1,
    "rb": 1_000, "ribu": 1_000, "rbu": 1_000, "k": 1_000, "thousand": 1_000,
    "jt": 1_000_000, "juta": 1_000_000, "million": 1_000_000,
    "m": 1_000_000_000, "milyar": 1_000_000_000, "miliar": 1_000_000_000, "billion": 1_000_000_000,
}  # fmt: skip
_PART = re.compile(r"(\d[\d.,]*)\s*([a-z]*)")
_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+")
_PHONE_MARKS = re.compile(r"[\s().\-/]")
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,24}", re.IGNORECASE)
_TIME = re.compile(
    r"(?:jam|pukul|at)?\s*(\d{1,2})(?:[.:](\d{2}))?\s*(am|pm|pagi|siang|sore|malam)?(?:\s*wi(?:b|ta|t))?"
)
MAX_MONEY = 10**15


def number(text: str) -> int | None:
    """A whole number: `12`, `1.250`, `1,250`. Fractions are refused."""
    cleaned = text.strip().replace(" ", "")
    if _GROUPED.fullmatch(cleaned):
        cleaned = re.sub(r"[.,]", "", cleaned)
    return int(cleaned) if re.fullmatch(r"-?[0-9]{1,15}", cleaned) else None


def decimal(text: str) -> float | None:
    """A number with a fraction after comma or point: `0,5`, `0.5`."""
    cleaned = text.strip().replace(" ", "").replace(",", ".")
    return float(cleaned) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", cleaned) else None


def money(text: str) -> int | None:
    """Rupiah: `350rb`, `350k`, `350.000`, `1,5jt`, `1jt200`, `2 juta 500 ribu`, `Rp 1.250.000,-`, `IDR 5000`."""
    cleaned = text.strip().lower().replace("\u00a0", " ")
    cleaned = re.sub(r"^(rp\.?|idr)\s*|\s*(rupiah|perak|idr)$", "", cleaned)
    cleaned = re.sub(r",(-|00)$|\.-$", "", cleaned).strip()
    parts = _PART.findall(cleaned)
    if not parts or _PART.sub("", cleaned).strip() or not cleaned.isascii():
        return None
    total = _sum_of(parts)
    return total if total is not None and 0 <= total <= MAX_MONEY else None


def _sum_of(parts: list[tuple[str, str]]) -> int | None:
    """Add `2 juta` and `500 ribu`. A bare tail of three digits counts in the unit below: `1jt200` is 1.200.000;
    a shorter one (`1jt5`) could mean two amounts and is refused."""
    total, above = 0, 0
    for digits, unit in parts:
        factor = _UNITS.get(unit, 0)
        if above and not unit and len(digits) == 3:
            factor = above // 1000
        elif above and not unit and len(digits) < 4:
            return None
        amount = _amount(digits, factor) if factor else None
        if amount is None or (above and amount >= above):
            return None
        total, above = total + amount, factor
    return total


def _amount(digits: str, factor: int) -> int | None:
    """`1,5` with a unit is a fraction, `350.000` is grouped; anything else with marks is refused."""
    if digits.isdigit():
        return int(digits) * factor if len(digits) <= 15 else None
    if _GROUPED.fullmatch(digits) and (factor == 1 or digits.count(",") + digits.count(".") > 1):
        return int(re.sub(r"[.,]", "", digits)) * factor
    fraction = re.fullmatch(r"(\d{1,9})[.,](\d{1,3})", digits)
    if factor == 1 or fraction is None:
        return None
    scale: int = 10 ** len(fraction[2])
    return int(fraction[1]) * factor + int(fraction[2]) * factor // scale


def phone(text: str) -> str | None:
    """E.164: `0812-3456-7890` and `62 812…` become `+62812…`; other countries need their `+` or `00`."""
    cleaned = _PHONE_MARKS.sub("", text.strip())
    if cleaned.startswith("00"):
        cleaned = "+" + cleaned[2:]
    elif cleaned.startswith("0"):
        cleaned = "+62" + cleaned[1:]
    elif re.match(r"62\d", cleaned):
        cleaned = "+" + cleaned
    elif re.match(r"8\d{8,11}$", cleaned):
        cleaned = "+62" + cleaned
    if cleaned.startswith("+620"):
        cleaned = "+62" + cleaned[4:]
    return cleaned if re.fullmatch(r"\+[1-9][0-9]{7,14}", cleaned) else None


def email(text: str) -> str | None:
    """An address, trimmed, with its domain in lower case."""
    cleaned = text.strip()
    if len(cleaned) > 254 or ".." in cleaned or not _EMAIL.fullmatch(cleaned):
        return None
    local, _, domain = cleaned.rpartition("@")
    return f"{local}@{domain.lower()}"


def time_of_day(text: str) -> time | None:
    """`8`, `08.00`, `jam 8 pagi`, `7 malam`, `3:30 pm`, `20.00 WIB`."""
    found = _TIME.fullmatch(text.strip().lower())
    if found is None:
        return None
    hour, minute, part = int(found[1]), int(found[2] or 0), found[3]
    if (part in ("pm", "sore", "malam") and 1 <= hour < 12) or (part == "siang" and 1 <= hour <= 4):
        hour += 12
    elif part in ("am", "malam") and hour == 12:
        hour = 0
    return time(hour, minute) if hour <= 23 and minute <= 59 else None
