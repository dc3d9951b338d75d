"""Forms: WTForms without its own CSRF, its messages from our catalogues; and readers for our compound fields."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from catalog.texts import MissingText
from catalog.web.language import t

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPANS_READ = 6
ROWS_READ = 500
PLACE = re.compile(r"[0-9]{1,5}")
MIDNIGHT = ("00:00", "24:00")

# What WTForms says of itself, and the sentence we say instead. Its choice message has a placeholder of its own.
MESSAGES = {
    "This field is required.": "required",
    "Not a valid integer value.": "number",
    "Not a valid decimal value.": "decimal",
    "Not a valid float value.": "decimal",
    "Not a valid date value.": "date",
    "Not a valid time value.": "time",
    "Not a valid choice.": "choice",
    "Not a valid choice": "choice",
    "Invalid Choice: could not coerce.": "choice",
    "Invalid choice(s): one or more data inputs could not be coerced.": "choice",
    "Invalid email address.": "email",
    "Invalid URL.": "url",
}


class Translations:
    """Gives WTForms our sentences."""

    def gettext(self, string: str) -> str:
        """Our sentence for one of WTForms' own; a sentence that is already ours passes."""
        name = MESSAGES.get(string)
        return t(f"common.form.error.{name}") if name else string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """WTForms counts in few messages, all of them replaced by our validators."""
        return self.gettext(singular if n == 1 else plural)


class BaseForm(Form):
    """A form whose sentences come from the catalogues. Fill it with ``request.form``."""

    class Meta:
        """Settings WTForms reads."""

        csrf = False
        locales = False

        def get_translations(self, _form: Form) -> Translations:
            """Our sentences."""
            return Translations()

        def bind_field(self, form: Form, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Every text is tidied before anything looks at it."""
            filters = list(unbound_field.kwargs.get("filters", ()))
            is_secret = unbound_field.field_class.__name__ == "PasswordField"
            if not is_secret and issubclass(unbound_field.field_class, Field) and takes_text(unbound_field):
                several = unbound_field.field_class.__name__ == "TextAreaField"
                filters.append(tidy_text if several else tidy)
            given = {**options, "filters": filters}
            if "choices" in unbound_field.kwargs:
                given["choices"] = choices_from(unbound_field.kwargs["choices"])
            return unbound_field.bind(form=form, **given)


def choices_from(given: Any) -> list[SelectChoice]:
    """Choices written as ``(value, label)`` or ``(value, label, hint)``, or a function that gives them."""
    listed = given() if callable(given) else given
    return [one if isinstance(one, SelectChoice) else choice(*one) for one in listed or ()]


def choice(value: str, label: Any, hint: Any = None) -> SelectChoice:
    """One choice; the hint is shown below the label of radio buttons and checkboxes."""
    return SelectChoice(value, label, {"hint": hint} if hint else {})


def choices_of(field: Any) -> list[tuple[str, Any, Any]]:
    """The choices of a field for templates: value, label, hint."""
    return [(one.value, one.label, one.render_kw.get("hint")) for one in field.iter_choices()]


def takes_text(unbound_field: Any) -> bool:
    """Whether the field's value is a text people typed."""
    return issubclass(unbound_field.field_class, StringField)


# Control characters, and the invisible ones that turn or hide text. Joiners stay: emoji need them.
INVISIBLE = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
MARKS = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")


def tidy(value: str | None) -> str | None:
    """One line of text: trimmed, composed (NFC), without control and direction characters."""
    if value is None:
        return None
    return " ".join(str(tidy_text(value)).split())


def tidy_text(value: str | None) -> str | None:
    """Text of several lines, tidied the same way; lines end with a newline only."""
    if value is None:
        return None
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return MARKS.sub(r"\1", unicodedata.normalize("NFC", INVISIBLE.sub("", lines))).strip()


def form_errors(form: Any) -> list[tuple[str, str, str]]:
    """The errors of a form or of a ready list, as ``(field id, label, sentence)`` for the summary."""
    if isinstance(form, Form):
        return [
            (field.id, str(field.label.text), str(sentence)) for field in form for sentence in flatten(field.errors)
        ]
    return list(form)


def flatten(errors: Iterable[Any]) -> list[Any]:
    """Errors of fields that hold fields come nested."""
    found: list[Any] = []
    for one in errors:
        found.extend(flatten(one) if isinstance(one, list | tuple) else [one])
    return found


def error(name: str, **params: Any) -> str:
    """A sentence of ``common.form.error``. Raises ``MissingText`` for a name that has none."""
    try:
        return t(f"common.form.error.{name}", **params)
    except KeyError as missing:
        raise MissingText(f"common.form.error.{name} needs {missing}") from missing


def weekly_hours(data: MultiDict[str, str], name: str) -> dict[str, list[list[str]]]:
    """What was typed into ``ui.weekly_hours``: ``{"mon": [["08:00", "12:00"]], …}``, in the typed order.

    Empty spans are left out; half-filled ones stay, so that validation can name them and nothing is lost. A closing
    time of 00:00 is midnight at the end of that day, which is written 24:00.
    """
    week: dict[str, list[list[str]]] = {}
    for day in DAYS:
        for place in range(SPANS_READ):
            opens = data.get(f"{name}-{day}-{place}-open", "").strip()
            closes = data.get(f"{name}-{day}-{place}-close", "").strip()
            if opens or closes:
                closes = MIDNIGHT[1] if closes == MIDNIGHT[0] and opens else closes
                week.setdefault(day, []).append([opens, closes])
    return week


def rows(data: MultiDict[str, str], name: str, columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was typed into ``ui.rows``: one dict a row, by column key, in the order of the page.

    Numbers of rows may have gaps (rows removed in the browser). A checkbox column gives ``bool``, all others ``str``.
    """
    pattern = re.compile(rf"{re.escape(name)}-(\d{{1,5}})-(\w+)")
    found = {int(match[1]) for key in data if (match := pattern.fullmatch(key))}
    return [row_of(data, name, place, columns) for place in sorted(found)[:ROWS_READ]]


def row_of(data: MultiDict[str, str], name: str, place: int, columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One row."""
    row: dict[str, Any] = {}
    for column in columns:
        key = f"{name}-{place}-{column['key']}"
        row[column["key"]] = key in data if column.get("kind") == "checkbox" else data.get(key, "").strip()
    return row


def rows_action(data: MultiDict[str, str]) -> tuple[str, str, int] | None:
    """The press on "add" or "remove" without JavaScript: ``(verb, name, place)``; the form is to be shown again."""
    verb, _, rest = data.get("_rows", "").partition(":")
    name, _, place = rest.partition(":")
    if verb == "add" and name:
        return verb, name, -1
    if verb == "remove" and name and PLACE.fullmatch(place):
        return verb, name, int(place)
    return None


def after_action(listed: list[dict[str, Any]], action: tuple[str, str, int] | None, name: str) -> list[dict[str, Any]]:
    """The rows of ``name`` with the pressed change done."""
    if action is None or action[1] != name:
        return listed
    if action[0] == "add":
        return [*listed, {}]
    return [row for place, row in enumerate(listed) if place != action[2]]
