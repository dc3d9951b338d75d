"""A bot's catalogue: `texts/id.toml` and `texts/en.toml`, checked against the platform's limits when loaded.

An entry is a sentence, or a table with `body` and optionally `header`, `footer`, `buttons` ([[id, title], ...]) or
`list` ({button, rows = [[id, title, description], ...]}). Placeholders are `{name}`; a number at the end of the name is
its longest length: `{topik24}` is cut after 24 characters.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botruntime.sdk import limits
from catalog.manifest.findings import Finding, ManifestError
from catalog.manifest.words import LANGUAGES

PLACEHOLDER = re.compile(r"\{([a-z_]+)(\d*)\}")
_FILLER = 24
"""Length assumed for a placeholder that states none."""
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")


@dataclass(frozen=True, slots=True)
class Text:
    """One catalogue entry in one language, not yet filled."""

    key: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    label: str = ""
    """Button that opens the list; "" = no list."""
    rows: tuple[tuple[str, str, str], ...] = ()

    @property
    def placeholders(self) -> frozenset[str]:
        """Names used anywhere in the entry."""
        pieces = [self.body, self.header, self.footer, *(piece for row in self.rows for piece in row)]
        pieces += [piece for button in self.buttons for piece in button]
        return frozenset(name + digits for piece in pieces for name, digits in PLACEHOLDER.findall(piece))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of a bot: language to key to Text."""

    languages: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)

    def get(self, language: str, key: str) -> Text:
        """The entry in `language`, else in any other the bot has. Raises KeyError."""
        for texts in (self.languages.get(language, {}), *self.languages.values()):
            if key in texts:
                return texts[key]
        raise KeyError(f"no text {key!r} in the catalogue")

    def has(self, key: str) -> bool:
        """Whether any language has the key."""
        return any(key in texts for texts in self.languages.values())

    def merged(self, other: Catalogue) -> Catalogue:
        """This catalogue with the entries of `other` added and preferred."""
        names = {*self.languages, *other.languages}
        return Catalogue({name: {**self.languages.get(name, {}), **other.languages.get(name, {})} for name in names})


def load(folder: Path, languages: Iterable[str] = LANGUAGES) -> Catalogue:
    """Read and check the catalogue in `folder`. Raises ManifestError with all findings."""
    found: dict[str, dict[str, Text]] = {}
    findings: list[Finding] = []
    for language in languages:
        try:
            found[language] = read(folder / f"{language}.toml")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
            findings.append(Finding("text_unreadable", f"texts/{language}.toml", str(error)[:200]))
    if not findings:
        findings = list(check(found))
    if findings:
        raise ManifestError(findings)
    return Catalogue(found)


def read(path: Path) -> dict[str, Text]:
    """The entries of one file, unchecked. Raises OSError, TOMLDecodeError, TypeError or ValueError."""
    return {key: _text(key, value) for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def _text(key: str, value: Any) -> Text:
    if isinstance(value, str):
        return Text(key, value)
    extra = set(value) - {"body", "header", "footer", "buttons", "list"}
    if extra or not isinstance(value.get("body"), str):
        raise ValueError(f"{key}: {', '.join(sorted(extra)) or 'body'}")
    listed = value.get("list", {})
    rows = tuple((str(row[0]), str(row[1]), str(row[2]) if len(row) > 2 else "") for row in listed.get("rows", ()))
    return Text(
        key=key,
        body=value["body"],
        header=value.get("header", ""),
        footer=value.get("footer", ""),
        buttons=tuple((str(name), str(title)) for name, title in value.get("buttons", ())),
        label=str(listed.get("button", "")),
        rows=rows,
    )


def check(found: Mapping[str, Mapping[str, Text]]) -> Iterable[Finding]:
    """Every breach: lengths with worst-case fillers, and entries or placeholders that one language lacks."""
    for language, texts in found.items():
        for text in texts.values():
            yield from _check_lengths(f"texts/{language}.toml:{text.key}", text)
    keys = {key for texts in found.values() for key in texts}
    for key in sorted(keys):
        having = [language for language, texts in found.items() if key in texts]
        for language in found.keys() - set(having):
            yield Finding("text_missing", f"texts/{language}.toml:{key}", key, {"language": language})
        used = {found[language][key].placeholders for language in having}
        shape = {_shape(found[language][key]) for language in having}
        if len(used) > 1:
            names = sorted({name for group in used for name in group} - frozenset.intersection(*used))
            yield Finding("placeholders_differ", f"texts:{key}", ", ".join(names))
        if len(shape) > 1:
            yield Finding("buttons_differ", f"texts:{key}", key)


def _shape(text: Text) -> tuple[Any, ...]:
    return tuple(name for name, _ in text.buttons), tuple(row[0] for row in text.rows)


def _check_lengths(where: str, text: Text) -> Iterable[Finding]:
    card = bool(text.buttons or text.rows)
    pieces: list[tuple[str, str, int]] = [
        ("body", text.body, limits.BODY_CARD if card else limits.BODY_TEXT),
        ("header", text.header, limits.HEADER),
        ("footer", text.footer, limits.FOOTER),
        ("list button", text.label, limits.LABEL),
        *(("button", title, limits.BUTTON_TITLE) for _, title in text.buttons),
        *(("button id", name, limits.BUTTON_ID) for name, _ in text.buttons),
        *(("row", row[1], limits.ROW_TITLE) for row in text.rows),
        *(("row description", row[2], limits.ROW_DESCRIPTION) for row in text.rows),
        *(("row id", row[0], limits.ROW_ID) for row in text.rows),
    ]
    for part, piece, limit in pieces:
        if (length := len(worst(piece))) > limit:
            yield Finding("text_too_long", where, piece[:80], {"part": part, "length": length, "max": limit})
    for part, piece, _ in pieces:
        if not piece and part in ("body", "button", "row", "button id", "row id"):
            yield Finding("text_empty", where, part, {"part": part})
    yield from _check_counts(where, text)


def _check_counts(where: str, text: Text) -> Iterable[Finding]:
    titles = [title for _, title in text.buttons]
    if len(titles) > limits.BUTTONS:
        yield Finding("too_many_buttons", where, str(len(titles)), {"max": limits.BUTTONS})
    if len(set(titles)) < len(titles):
        yield Finding("same_button_twice", where, ", ".join(titles))
    if any(_EMOJI.search(title) for title in titles):
        yield Finding("emoji_in_button", where, ", ".join(titles))
    if text.rows and text.buttons:
        yield Finding("buttons_and_list", where, text.key)
    if bool(text.rows) != bool(text.label):
        yield Finding("list_incomplete", where, text.key)
    if len(text.rows) > limits.LIST_ROWS:
        yield Finding("too_many_rows", where, str(len(text.rows)), {"max": limits.LIST_ROWS})


def worst(piece: str) -> str:
    """`piece` with every placeholder at its longest."""
    return PLACEHOLDER.sub(lambda found: "x" * int(found[2] or _FILLER), piece)


def fill(piece: str, values: Mapping[str, Any]) -> str:
    """`piece` with its placeholders replaced once (values are never read again). Raises KeyError for a missing one."""

    def replace(found: re.Match[str]) -> str:
        full = found[1] + found[2]
        value = values[full] if full in values else values[found[1]]
        return limits.clip(str(value), int(found[2])) if found[2] else str(value)

    return PLACEHOLDER.sub(replace, piece)
