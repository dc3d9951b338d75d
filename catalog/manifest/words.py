"""A sentence in both languages of the house, and the strict base of all manifest models."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

LANGUAGES = ("id", "en")
Language = Literal["id", "en"]


class Strict(BaseModel):
    """Immutable, and an unknown key is an error: a misspelt field must not be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Localised(Strict):
    """The same text in Indonesian and English; both are required."""

    id: str
    en: str

    def text(self, language: str) -> str:
        """The text in `language`; Indonesian when the language is not known."""
        return self.en if language == "en" else self.id
