"""Validators for form fields. Each names what is wrong and what would be right, in the reader's language."""

from collections.abc import Callable
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from wtforms import Field, Form
from wtforms.validators import StopValidation, ValidationError

from catalog.web.forms import error

Check = Callable[[Form, Field], None]


class Required:
    """The field must hold something; spaces are nothing. Tells templates to mark the field."""

    def __init__(self) -> None:
        self.field_flags = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        data: Any = field.data
        if data is None or data is False or (isinstance(data, str) and not data.strip()) or data == []:
            # Conversion errors of a number field say more than "empty".
            if not field.errors:
                raise StopValidation(error("required"))
            raise StopValidation


class Optional:
    """An empty field is fine, and nothing after this looks at it."""

    def __init__(self) -> None:
        self.field_flags = {"optional": True}

    def __call__(self, _form: Form, field: Field) -> None:
        raw = field.raw_data
        if not raw or (isinstance(raw[0], str) and not raw[0].strip()):
            field.errors = []
            raise StopValidation


def length(*, least: int = 0, most: int | None = None) -> Check:
    """Between so many characters, counted as people see them: code points."""

    def check(_form: Form, field: Field) -> None:
        now = len(field.data or "")
        if now < least:
            raise ValidationError(error("short", min=least))
        if most is not None and now > most:
            raise ValidationError(error("long", max=most, now=now))

    return check


def between(least: int | None = None, most: int | None = None) -> Check:
    """A number in a range; either end may be open."""

    def check(_form: Form, field: Field) -> None:
        value = field.data
        if value is None or ((least is None or value >= least) and (most is None or value <= most)):
            return
        if least is not None and most is not None:
            raise ValidationError(error("between", min=least, max=most))
        raise ValidationError(error("least", min=least) if least is not None else error("most", max=most))

    return check


def email(_form: Form, field: Field) -> None:
    """An e-mail address by its form; whether it receives is shown by a mail."""
    try:
        found = validate_email(field.data or "", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValidationError(error("email")) from None
    field.data = found.normalized


def phone(_form: Form, field: Field) -> None:
    """A phone number, ``0812…`` or ``+62812…``; kept as ``+62812…``."""
    try:
        parsed = phonenumbers.parse(field.data or "", "ID")
    except phonenumbers.NumberParseException:
        raise ValidationError(error("phone")) from None
    if not phonenumbers.is_valid_number(parsed):
        raise ValidationError(error("phone"))
    field.data = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def equal_to(other: str) -> Check:
    """The same as another field of the form."""

    def check(form: Form, field: Field) -> None:
        twin = form[other]
        if field.data != twin.data:
            raise ValidationError(error("equal", other=str(twin.label.text)))

    return check
