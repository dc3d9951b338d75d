"""What every built-in bot must be able to do, however its author thinks about it."""

from pathlib import Path

import pytest

from botruntime import bots
from botruntime.sdk import basics, texts
from botruntime.sdk.check import check

NAMES = bots.names()
ROOT = Path(bots.__file__).parent


@pytest.mark.parametrize("rule", basics.CHECKS, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_the_bot_passes_the_shared_check(name: str, rule: basics.Check) -> None:
    rule(basics.required_settings_filled(bots.load(name)))


@pytest.mark.parametrize("name", NAMES)
def test_the_bot_can_be_submitted(name: str) -> None:
    assert check(ROOT / name) == []


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", NAMES)
def test_the_bot_survives_misuse(name: str, seed: int) -> None:
    basics.required_settings_filled(bots.load(name)).sim().fuzz(seed, steps=100)


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_is_complete(name: str) -> None:
    for part in ("bot.py", "manifest.toml", "README.md", "texts/id.toml", "texts/en.toml"):
        assert (ROOT / name / part).is_file(), part
    assert bots.load(name).manifest.id.replace("-", "_") == name


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_said_somewhere(name: str) -> None:
    own = texts.read(ROOT / name / "texts" / "id.toml")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / name).glob("*.py"))
    assert [key for key in own if f'"{key}"' not in code] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_new_owner_gets_a_working_bot(name: str, language: str) -> None:
    manifest = bots.load(name).manifest
    _, problems = manifest.validate_settings(manifest.defaults(language), language)
    assert problems == {}


def test_an_unknown_bot_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        bots.load("tidak-ada")
