"""How templates write money, numbers, times, phone numbers and people's own text."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from babel import dates, numbers
from flask import Flask, g, has_app_context
from markupsafe import Markup, escape

from catalog.models.business import ZONES
from catalog.money import rupiah
from catalog.web.forms import choices_of, form_errors
from catalog.web.language import locale, t
from catalog.web.markdown import markdown

HOME_ZONE = "Asia/Jakarta"
JUST_NOW = timedelta(seconds=45)


def init(app: Flask) -> None:
    """Register the filters by their names in ``docs/design.md``."""
    app.jinja_env.filters.update(
        rupiah=rupiah,
        number=number,
        percent=percent,
        date=day,
        time=clock_time,
        datetime=moment,
        ago=ago,
        duration=duration,
        phone=phone,
        markdown=markdown,
        chat_text=chat_text,
        initials=initials,
        size=size,
    )
    app.jinja_env.globals.update(form_errors=form_errors, choices_of=choices_of)


def use_zone(zone: str) -> None:
    """Show the times of this request in a business's zone."""
    g.zone = zone


def local(at: datetime, zone: str | None) -> tuple[datetime, str]:
    """``at`` in the zone (given, the request's, or Jakarta) with what people call that zone."""
    name = zone or (g.get("zone") if has_app_context() else None) or HOME_ZONE
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(name)), ZONES.get(name, name)


def number(value: float, digits: int = 0) -> str:
    """``1.234`` in Indonesian, ``1,234`` in English; ``digits`` behind the comma are always shown."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return numbers.format_decimal(value, format=pattern, locale=locale())


def percent(share: float, digits: int = 0) -> str:
    """``0.985`` as ``98,5 %`` or ``98.5%``."""
    pattern = "#,##0" + ("." + "#" * digits if digits else "") + "%"
    return numbers.format_percent(share, format=pattern, locale=locale())


def day(value: date | datetime, zone: str | None = None) -> str:
    """``22 Nov 2026``, the day it is in the zone."""
    on = local(value, zone)[0].date() if isinstance(value, datetime) else value
    return dates.format_date(on, "d MMM y", locale=locale())


def clock_time(at: datetime, zone: str | None = None) -> str:
    """``14.05 WIB``."""
    there, label = local(at, zone)
    return f"{dates.format_time(there, hour_pattern(), tzinfo=there.tzinfo, locale=locale())}\u00a0{label}"


def moment(at: datetime, zone: str | None = None) -> Markup:
    """``22 Nov 2026 14.05 WIB`` in a ``<time>`` element."""
    words = f"{day(at, zone)} {clock_time(at, zone)}"
    return Markup('<time datetime="{}">{}</time>').format(iso(at), words)


def ago(at: datetime, now: datetime | None = None) -> Markup:
    """``3 menit yang lalu``, with the exact time for whoever asks."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    delta = aware - (now or datetime.now(UTC))
    words = t("common.time.now") if abs(delta) < JUST_NOW else spoken(delta, directed=True)
    exact = f"{day(at)} {clock_time(at)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(at), exact, words)


def duration(value: float | timedelta) -> str:
    """Seconds or a timedelta as ``3 jam``."""
    return spoken(value if isinstance(value, timedelta) else timedelta(seconds=value), directed=False)


def spoken(delta: timedelta, *, directed: bool) -> str:
    """A span of time in words."""
    return dates.format_timedelta(delta, add_direction=directed, threshold=1.2, locale=locale())


def hour_pattern() -> str:
    """Indonesians write 14.05, the English page 14:05."""
    return "HH.mm" if locale().language == "id" else "HH:mm"


def iso(at: datetime) -> str:
    """UTC, for machines."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def phone(digits: str | None) -> str:
    """``+62 812-3456-7890`` for a number in any usual writing; what is no number stays as it is."""
    if not digits:
        return ""
    text = digits if digits.startswith(("+", "0")) else f"+{digits}"
    try:
        parsed = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return digits
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)).replace(" ", "\u00a0")


def size(count: int) -> str:
    """Bytes as people say them: ``8 MB``."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{number(value, 0 if value >= 10 or unit == 'B' else 1)}\u00a0{unit}"


def initials(name: str) -> str:
    """One or two letters for a face without a picture."""
    words = [word for word in name.split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


# WhatsApp: formatting of text messages: *bold* _italic_ ~strike~ ```mono```.
CHAT_MARKS = (
    (re.compile(r"```(.+?)```", re.DOTALL), r"<code>\1</code>"),
    (re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])"), r"<s>\1</s>"),
)


def chat_text(text: str) -> Markup:
    """A chat message with the marks WhatsApp knows; everything else is shown as written."""
    html = str(escape(text))
    for pattern, replacement in CHAT_MARKS:
        html = pattern.sub(replacement, html)
    return Markup(html)  # noqa: S704 - escaped above; only our own four elements are put in
