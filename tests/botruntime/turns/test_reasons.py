"""Whatever ends an event early has a sentence people can read, in both languages."""

import re
from pathlib import Path

from catalog.texts import LANGUAGES, area
from tests.botruntime.stage import Stage

ROOT = Path(__file__).resolve().parents[3] / "botruntime"
SOURCES = ("inbound/keeper.py", "inbound/payload_split.py", "turns/*.py")
CALLS = re.compile(
    r"""(?:parked\([^"]*|Poison\(|reason="|IGNORED,\s|PARKED,\s|"ignored",\s|"parked",\s|setting,\s|THEN\s'|return\s)["']?([a-z]+_?[a-z_]+)["']"""
)


def test_every_reason_in_the_code_has_its_sentence(stage: Stage) -> None:
    files = [path for pattern in SOURCES for path in ROOT.glob(pattern)]
    named = {name for path in files for name in CALLS.findall(path.read_text(encoding="utf-8"))}
    reasons = {language: set(area(language, "runtime")["reasons"]) for language in LANGUAGES}
    assert reasons["id"] == reasons["en"]
    assert {"no_bot", "paused", "loop", "bot_failed", "killed_thrice", "nul", "unknown_number"} <= named
    assert reasons["id"] <= named | {"unknown_account", "conflict", "turn_failed", "not_runnable", "bot_timeout"}
    stage.say("x")
    stage.keep(b"junk")
    stage.work()
    found = {reason for _, reason in stage.events() if reason}
    assert found <= reasons["id"]
