"""The laws of the house on words: catalogues in two languages, keys that exist, settings that are documented."""

import ast
import re
import tomllib

import pytest

from catalog import texts
from tests.source import CONFIGS, PACKAGES, ROOT, files, lawful, leaves, modules, placeholders


def areas(language: str) -> set[str]:
    return {path.stem for path in files(f"catalog/texts/{language}", ".toml")}


def test_both_languages_have_the_same_catalogues() -> None:
    assert areas("id") == areas("en")
    assert areas("id"), "no catalogue found"


@pytest.mark.parametrize("area", sorted(areas("id") | areas("en")))
def test_both_languages_say_the_same_things(area: str) -> None:
    first, second = (
        {
            key.removesuffix(".other"): sentence
            for key, sentence in leaves(
                tomllib.loads((ROOT / f"catalog/texts/{language}/{area}.toml").read_text(encoding="utf-8"))
            )
        }
        for language in ("id", "en")
    )
    # Indonesian has one plural form: a plain sentence there may stand against `one` and `other` here.
    first_keys, second_keys = ({key for key in table if not key.endswith(".one")} for table in (first, second))
    broken = [f"only in id: {key}" for key in sorted(first_keys - second_keys)]
    broken += [f"only in en: {key}" for key in sorted(second_keys - first_keys)]
    for key in sorted(first_keys & second_keys):
        if placeholders(first[key]) != placeholders(second[key]):
            broken.append(f"{key}: {placeholders(first[key])} in id, {placeholders(second[key])} in en")
    lawful(f"{area}.toml has the same keys and placeholders in both languages.", broken)


def used_keys() -> list[tuple[str, str]]:
    """Place and key of every text asked for by a literal, in templates and in Python."""
    found = []
    asked = re.compile(r"\bt\(\s*[\"']([a-z0-9_.]+)[\"']\s*([,)~])")
    for path in (*files("templates", ".html"), *files("templates", ".txt"), *files("templates", ".xml")):
        text = path.read_text(encoding="utf-8")
        found += [(str(path.relative_to(ROOT)), key) for key, then in asked.findall(text) if then != "~"]
    known = areas("id")
    other = {"url_for", "import_string", "find_spec", "import_module", "getLogger", "enqueue", "enqueue_after_commit"}
    other |= {"ForeignKey", "ForeignKeyConstraint", "relationship"}
    for module in modules(*PACKAGES):
        for name, call in module.calls():
            for argument in call.args if name not in other else []:
                literal = argument.value if isinstance(argument, ast.Constant) else None
                is_key = isinstance(literal, str) and re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", literal)
                if (
                    is_key
                    and not literal.endswith((".py", ".toml", ".md", ".svg", ".html"))
                    and literal.partition(".")[0] in known
                ):
                    found.append((f"{module.name}:{call.lineno}", literal))
    return found


def test_every_text_asked_for_exists() -> None:
    broken = [
        f"{place}: {key} ({language})"
        for place, key in used_keys()
        for language in texts.LANGUAGES
        if not texts.has(language, key)
    ]
    lawful("a text is asked for that no catalogue has.", broken)


def settings() -> set[str]:
    """Every setting the two configs read."""
    readers = {"text", "number", "flag", "list", "networks", "optional"}
    names = set()
    for module in modules("catalog", "marketplace", "botruntime"):
        if module.name in (*CONFIGS, "catalog/settings.py"):
            for name, call in module.calls():
                first = call.args[0] if call.args else None
                if name in readers and isinstance(first, ast.Constant) and str(first.value).isupper():
                    names.add(str(first.value))
    return names


def test_every_setting_is_documented() -> None:
    page = ROOT / "docs" / "settings.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    assert settings(), "no setting found"
    lawful(
        "every setting has its row in docs/settings.md.",
        [name for name in sorted(settings()) if f"`{name}`" not in text],
    )
