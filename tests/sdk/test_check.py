"""`bot check` finds what a reviewer would."""

from pathlib import Path

import pytest

from botruntime.authoring import scaffold
from botruntime.sdk.check import check
from tests.sdk.making import MANIFEST, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh bot that passes."""
    scaffold.create(tmp_path / "sapa")
    return tmp_path / "sapa"


def rules(folder: Path) -> set[str]:
    """Names of the broken rules."""
    return {finding.rule for finding in check(folder)}


def change(path: Path, old: str, new: str) -> None:
    """Replace one piece of a file."""
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new, 1), encoding="utf-8")


def test_a_new_bot_passes(folder: Path) -> None:
    assert check(folder) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("bot.py", "@bot.menu\n", "", "no_menu"),
        ("bot.py", "bot = Bot", "robot = Bot", "bot_unloadable"),
        ("bot.py", "bot = Bot", "bot = = Bot", "bot_unloadable"),
        ("bot.py", 'ctx.say("nice_to_meet"', 'ctx.say("nice_to_mee"', "unknown_text"),
        ("bot.py", 'ctx.ask("ask_name"', 'ctx.ask("ask_nama"', "unknown_text"),
        ("bot.py", 'ctx.state["name"] = value', "raise ValueError", "misbehaves"),
        ("bot.py", "from __future__", "import os\nfrom __future__", "foreign_import"),
        ("bot.py", "from botruntime", "import requests\nfrom botruntime", "foreign_import"),
        ("bot.py", "from botruntime", "import urllib.request\nfrom botruntime", "foreign_import"),
        ("texts/en.toml", "What is your name?", "{x}?", "placeholders_differ"),
        ("texts/id.toml", "[nice_to_meet]", "[nice_to_met]", "text_missing"),
        ("manifest.toml", 'version = "0.1.0"', 'version = "new"', "bad_version"),
        ("manifest.toml", "permissions = []", 'permissions = []\nicon = "icon.svg"', "no_icon"),
        ("conversations/first.toml", "Siapa nama Anda?", "Siapa?", "conversation_differs"),
        ("conversations/first.toml", "exactly", "exaktly", "conversation_differs"),
    ],
)
def test_each_mistake_is_found(folder: Path, file: str, old: str, new: str, rule: str) -> None:
    change(folder / file, old, new)
    assert rule in rules(folder)


def test_a_missing_readme_is_found(folder: Path) -> None:
    (folder / "README.md").unlink()
    assert rules(folder) == {"no_readme"}


def test_a_finding_carries_rule_place_and_evidence(folder: Path) -> None:
    change(folder / "bot.py", "from botruntime", "import socket\nfrom botruntime")
    found = next(finding for finding in check(folder) if finding.rule == "foreign_import")
    assert found.where.startswith("bot.py:")
    assert found.to_dict() == {
        "rule": "foreign_import", "where": found.where, "evidence": "socket", "params": {"module": "socket"},
    }  # fmt: skip


def test_a_bot_with_helpers_in_its_folder_loads(folder: Path) -> None:
    (folder / "helper.py").write_text('NAME = "Dunia"\n', encoding="utf-8")
    change(
        folder / "bot.py",
        "from botruntime.sdk import Bot, Ctx",
        "from sapa.helper import NAME\nfrom botruntime.sdk import Bot, Ctx",
    )
    assert check(folder) == []


def test_required_settings_without_default_do_not_hinder_the_check(folder: Path) -> None:
    with (folder / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write(
            '\n[[settings]]\nkey = "kota"\ntype = "string"\nrequired = true\nlabel = { id = "Kota", en = "City" }\n'
        )
    (folder / "conversations" / "first.toml").unlink()
    assert check(folder) == []


CLUMSY = {
    "silent at first": ("no answer to a first", "@bot.menu\ndef menu(ctx): pass\n"),
    "deaf to people": (
        "reached nobody",
        '@bot.menu\ndef menu(ctx): ctx.say("menu_utama")\n@bot.human\ndef human(ctx): pass\n',
    ),
    "crashes on pictures": (
        "KeyError",
        '@bot.menu\ndef menu(ctx): ctx.say("menu_utama")\n@bot.on("image")\ndef i(ctx): {}[0]\n',
    ),
}


@pytest.mark.parametrize("kind", CLUMSY)
def test_a_clumsy_bot_is_shown_what_it_does_wrong(tmp_path: Path, kind: str) -> None:
    evidence, handlers = CLUMSY[kind]
    folder = write(tmp_path / "kikuk", MANIFEST)
    (folder / "bot.py").write_text(
        f"from botruntime.sdk import Bot\nbot = Bot.load(__file__)\n{handlers}", encoding="utf-8"
    )
    found = [finding for finding in check(folder) if finding.rule == "misbehaves"]
    assert any(evidence in finding.evidence for finding in found)
