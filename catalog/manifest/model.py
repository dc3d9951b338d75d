"""The manifest: everything the store, the form, the review and the runtime need to know about a version of a bot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field as Attribute
from pydantic import field_validator, model_validator
from pydantic_core import PydanticCustomError

from catalog.manifest.fields import Field, Group
from catalog.manifest.values import Problem, check_all
from catalog.manifest.words import Language, Localised, Strict

Permission = Literal["send_template", "media", "phone", "location", "orders", "staff", "history"]
PERMISSIONS: tuple[str, ...] = ("send_template", "media", "phone", "location", "orders", "staff", "history")
RESERVED = frozenset({
    "menu", "batal", "admin", "cs", "manusia", "stop", "berhenti", "mulai", "bahasa", "bantuan", "help", "data",
})  # fmt: skip
"""Words the runtime answers before any bot; a bot cannot claim them, except `menu`, which is its own."""
VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_VARIABLE = re.compile(r"\{\{(\d+)\}\}")


class Entry(Strict):
    """How a chat begins: words that open the menu, and WhatsApp ice breakers (Meta: at most 4 of 80 characters)."""

    keywords: tuple[str, ...] = ()
    ice_breakers: dict[Language, tuple[str, ...]] = Attribute(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for word in self.keywords:
            if word.strip().casefold() in RESERVED - {"menu"}:
                raise PydanticCustomError("reserved_word", "reserved", {"value": word})
        for lines in self.ice_breakers.values():
            if len(lines) > 4 or any(not 1 <= len(line) <= 80 for line in lines):
                raise PydanticCustomError("ice_breakers", "at most 4 of 80 characters", {"value": "; ".join(lines)})
        return self


class Template(Strict):
    """A message template to be approved by Meta; variables are `{{1}}`, `{{2}}`, ... in order."""

    name: str = Attribute(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    category: Literal["utility", "marketing", "authentication"] = "utility"
    body: Localised
    buttons: tuple[Localised, ...] = Attribute(default=(), max_length=3)
    examples: tuple[str, ...] = ()
    """One example value per variable; Meta asks for them."""

    @model_validator(mode="after")
    def _is_reviewable(self) -> Self:
        numbers = {tuple(sorted({int(found) for found in _VARIABLE.findall(body)})) for body in self._bodies}
        if len(numbers) != 1 or next(iter(numbers)) != tuple(range(1, len(self.examples) + 1)):
            raise PydanticCustomError("template_variables", "variables and examples differ", {"value": self.name})
        for body in self._bodies:
            if not 1 <= len(body) <= 1024:
                raise PydanticCustomError("template_length", "1 to 1024 characters", {"value": self.name})
            if re.match(r"\{\{\d+\}\}", body) or re.search(r"\{\{\d+\}\}[\s.!?]*$", body):
                raise PydanticCustomError("template_edges", "begins or ends with a variable", {"value": self.name})
        if any(not 1 <= len(title) <= 20 for button in self.buttons for title in (button.id, button.en)):
            raise PydanticCustomError("button_length", "1 to 20 characters", {"value": self.name})
        return self

    @property
    def _bodies(self) -> tuple[str, str]:
        return self.body.id, self.body.en


class Collection(Strict):
    """A collection of records the bot keeps: what it is called, which of its fields are personal data."""

    name: str = Attribute(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: Localised
    pii: tuple[str, ...] = ()
    keep: bool = False
    """Must outlive an erasure (transactions the law wants kept); its `pii` fields are emptied instead."""


class Data(Strict):
    """What the bot stores and for how long (days after a contact's last activity)."""

    collections: tuple[Collection, ...] = ()
    pii: tuple[str, ...] = ()
    """Other personal data used, in words of the manifest's reader: name, phone, location..."""
    retention_days: int = Attribute(default=180, ge=1, le=3650)


class Budget(Strict):
    """How many messages the bot sends for one unit of work (one question, one ticket, one order)."""

    unit: Localised
    messages: int = Attribute(ge=1, le=1000)


class Policy(Strict):
    """Flags the review and the listing page read."""

    health: bool = False
    minors: bool = False
    auction: bool = False
    payments: bool = False
    ai: bool = False


class Support(Strict):
    """Where an owner gets help with this bot."""

    email: str
    url: str | None = None


class Line(Strict):
    """One line of the demo conversation on the listing page."""

    who: Literal["contact", "bot"]
    text: Localised
    buttons: tuple[Localised, ...] = ()


class Manifest(Strict):
    """One version of one bot. `id` never changes; a changed manifest is a new `version`."""

    id: str = Attribute(pattern=r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$")
    version: str
    name: Localised
    tagline: Localised
    description: Localised
    """Markdown."""
    category: str = Attribute(pattern=r"^[a-z][a-z0-9-]{1,39}$")
    tags: tuple[str, ...] = Attribute(default=(), max_length=3)
    hosting: Literal["builtin", "script", "endpoint"] = "builtin"
    languages: tuple[Language, ...] = Attribute(default=("id", "en"), min_length=1)
    icon: str | None = None
    """File name in the bot's folder (svg or png)."""
    entry: Entry = Entry()
    permissions: tuple[Permission, ...] = ()
    hosts: tuple[str, ...] = ()
    """Host names outside the platform that message data reaches; shown on the consent page."""
    groups: tuple[Group, ...] = ()
    settings: tuple[Field, ...] = ()
    templates: tuple[Template, ...] = ()
    data: Data = Data()
    budget: Budget
    policy: Policy = Policy()
    support: Support
    demo: tuple[Line, ...] = ()

    @field_validator("version")
    @classmethod
    def _is_version(cls, version: str) -> str:
        if not VERSION.fullmatch(version):
            raise PydanticCustomError("bad_version", "not a version", {"value": version})
        return version

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for name, limit in (("name", 40), ("tagline", 120), ("description", 8000)):
            words: Localised = getattr(self, name)
            for said in (words.id, words.en):
                if not 1 <= len(said) <= limit:
                    raise PydanticCustomError("words_length", "length", {"value": name, "max": limit})
        _refuse_twins("settings", [field.key for field in self.settings])
        _refuse_twins("groups", [group.key for group in self.groups])
        _refuse_twins("templates", [template.name for template in self.templates])
        _refuse_twins("data.collections", [collection.name for collection in self.data.collections])
        if self.templates and "send_template" not in self.permissions:
            raise PydanticCustomError("permission_missing", "not asked for", {"value": "send_template"})
        unknown = {field.group for field in self.settings if field.group} - {group.key for group in self.groups}
        if unknown:
            raise PydanticCustomError("unknown_group", "no such group", {"value": ", ".join(sorted(unknown))})
        return self

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Settings fields by key, in the order of the form."""
        return {field.key: field for field in self.settings}

    def defaults(self, language: str = "id") -> dict[str, Any]:
        """Settings of a new installation for an owner who reads `language`; only keys that have a default."""
        found = {field.key: field.default_for(language) for field in self.settings}
        return {key: value for key, value in found.items() if value is not None}

    def validate_settings(
        self, values: Mapping[str, Any], language: str = "id"
    ) -> tuple[dict[str, Any], dict[str, Problem]]:
        """Clean values and problems by path ("faq.3.topik").

        A key that is absent takes its default, an empty value is empty. Every field is present in the clean values of a
        settings form without problems; with problems, only the fields that passed.
        """
        return check_all(self.settings, {**self.defaults(language), **values})


def _refuse_twins(where: str, keys: list[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise PydanticCustomError("twice", "used twice", {"value": f"{where}: {key}"})
