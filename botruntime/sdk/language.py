"""Which of the house's two languages a message is written in, guessed from its small words only."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def words() -> dict[str, Any]:
    """The word lists of `words.toml`."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@cache
def _small(language: str) -> frozenset[str]:
    return frozenset(words()["language"][language].split())


def guess(text: str) -> str | None:
    """`id`, `en`, or None when the words do not say."""
    found = re.findall(r"[a-z']+", text.lower())
    counts = {language: sum(word in _small(language) for word in found) for language in ("id", "en")}
    if counts["id"] == counts["en"]:
        return None
    return max(counts, key=lambda language: counts[language])
