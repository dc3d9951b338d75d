"""What makes a password good enough: not its signs but how long guessing it would take."""

import re
from pathlib import Path

from wtforms import Field, Form
from wtforms.validators import ValidationError
from zxcvbn import zxcvbn

from catalog.web.forms import error

SHORTEST = 8
LONGEST = 1024
# zxcvbn's scale of 0 to 4: 2 withstands ten million guesses, far beyond what the limits on signing in allow.
WEAKEST = 2
# Longer than this, strength is beyond doubt and measuring it gets slow (zxcvbn refuses more than 72).
MEASURED = 64
# Words Indonesians put into passwords; zxcvbn brings English lists of its own.
WORDS = tuple(Path(__file__).with_name("words.txt").read_text(encoding="utf-8").split())


def is_guessable(password: str, about: list[str]) -> bool:
    """Whether ``password`` falls to a short run of guesses by somebody who knows the words ``about`` its owner."""
    known = [*WORDS, *(word for text in about for word in [text.lower(), *re.split(r"\W+", text.lower())] if word)]
    return bool(zxcvbn(password[:MEASURED], user_inputs=known)["score"] < WEAKEST)


class Strong:
    """A new password; ``fields`` name the form's fields that tell about its owner, ``about`` may give more words."""

    def __init__(self, *fields: str) -> None:
        self.fields = fields

    def __call__(self, form: Form, field: Field) -> None:
        password = field.data or ""
        if len(password) < SHORTEST:
            raise ValidationError(error("password_short", min=SHORTEST))
        if len(password) > LONGEST:
            raise ValidationError(error("long", max=LONGEST, now=len(password)))
        about = [str(form[name].data or "") for name in self.fields] + list(getattr(form, "about", ()))
        if is_guessable(password, about):
            raise ValidationError(error("password_common"))
