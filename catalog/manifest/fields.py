"""One field of a bot's settings form: its type, words and bounds."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field as Attribute
from pydantic import field_validator, model_validator
from pydantic_core import PydanticCustomError

from catalog.manifest.words import Localised, Strict

FieldType = Literal[
    "string", "text", "int", "number", "money", "bool", "choice", "multichoice", "weekly_hours", "zone", "table",
    "staff", "email", "phone", "url", "image", "date", "time",
]  # fmt: skip
FIELD_TYPES: tuple[str, ...] = (
    "string", "text", "int", "number", "money", "bool", "choice", "multichoice", "weekly_hours", "zone", "table",
    "staff", "email", "phone", "url", "image", "date", "time",
)  # fmt: skip
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Choice(Strict):
    """One option of `choice` and `multichoice`: the stored value and the label people see."""

    value: str
    label: Localised


class Field(Strict):
    """A field. `min` and `max` bound the value of numbers and money, the characters of strings and texts, the entries
    of multichoice, staff and table (rows)."""

    key: str
    """Stored under this key; lower case letters, digits and `_`."""
    type: FieldType
    label: Localised
    help: Localised | None = None
    required: bool = False
    default: Any = None
    """Value before the owner touched it, in the stored shape."""
    defaults: dict[Literal["id", "en"], Any] | None = None
    """Like `default`, but different for each language of the owner."""
    min: float | None = None
    max: float | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    """Columns of a `table`; any type except table."""
    group: str = ""
    """Key of the group of the form the field stands in."""
    forbid: Literal["", "identity"] = ""
    """`identity`: refuses texts that ask for identity, card or account numbers (NIK, KTP, BPJS, rekening...)."""
    unique: str = ""
    """For a table: key of the column whose values must differ."""
    pii: bool = False
    """Holds personal data of the staff or the owner's customers."""

    @field_validator("key")
    @classmethod
    def _is_key(cls, key: str) -> str:
        if not KEY.fullmatch(key):
            raise PydanticCustomError("bad_key", "not a key", {"value": key})
        return key

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        needs = {"choice": self.choices, "multichoice": self.choices, "table": self.columns}
        if self.type in needs and not needs[self.type]:
            raise PydanticCustomError("field_incomplete", "needs choices or columns", {"value": self.key})
        if self.type == "table" and any(column.type == "table" for column in self.columns):
            raise PydanticCustomError("table_in_table", "a table cannot hold a table", {"value": self.key})
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError("bounds_crossed", "min is above max", {"value": self.key})
        return self

    def default_for(self, language: str) -> Any:
        """The default in the owner's language; None when the field starts empty."""
        if self.defaults is not None:
            return self.defaults["en" if language == "en" and "en" in self.defaults else "id"]
        return self.default

    @property
    def values(self) -> tuple[str, ...]:
        """The values that may be chosen."""
        return tuple(choice.value for choice in self.choices)


class Group(Strict):
    """A part of the settings form under its own heading."""

    key: str = Attribute(pattern=KEY.pattern)
    label: Localised
    help: Localised | None = None
