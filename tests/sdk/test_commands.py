"""`pasarbot bot ...` and `pasarbot bots register`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from botruntime import bots, cli
from botruntime.authoring import scaffold, shelf
from catalog import seeds
from catalog.models import Bot, Listing
from scripts.command import main


def call(*arguments: str, typed: str = "") -> Result:
    """Run the group `bot`."""
    return CliRunner().invoke(cli.bot, list(arguments), input=typed)


@pytest.mark.parametrize("name", ["sapa", "Toko Kue", "9 naga", "x"])
def test_new_makes_a_bot_that_passes(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    assert call("new", str(folder)).exit_code == 0
    checked = call("check", str(folder))
    assert (checked.exit_code, checked.output) == (0, f"{name}: tidak ada temuan.\n")


def test_new_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "sapa").mkdir()
    (tmp_path / "sapa" / "catatan.txt").write_text("penting")
    done = call("new", str(tmp_path / "sapa"))
    assert done.exit_code == 1
    assert "sudah berisi" in done.output


@pytest.mark.parametrize(
    ("name", "slug"), [("Toko Kue", "toko-kue"), ("9 naga", "bot-9-naga"), ("x", "bot-x"), ("é", "bot-baru")]
)
def test_a_folders_name_becomes_an_id(name: str, slug: str) -> None:
    assert scaffold.slug_of(name) == slug


def test_check_shows_rule_evidence_and_fix_and_fails(tmp_path: Path) -> None:
    folder = tmp_path / "sapa"
    scaffold.create(folder)
    (folder / "README.md").unlink()
    source = (folder / "bot.py").read_text()
    (folder / "bot.py").write_text(source.replace('"nice_to_meet"', '"nice"'))
    for language, words in (("id", "tidak ada di katalog"), ("en", "not in the catalogue")):
        done = call("check", str(folder), "--language", language)
        assert done.exit_code == 1
        assert "[unknown_text]" in done.output
        assert "| nice" in done.output
        assert words in done.output
        assert "[no_readme]" in done.output
    found = json.loads(call("check", str(folder), "--json").output)
    assert {finding["rule"] for finding in found} >= {"no_readme", "unknown_text"}


def test_chat_is_a_phone_with_numbered_buttons_and_a_clock() -> None:
    folder = str(Path(bots.__file__).parent / "tanya")
    typed = "halo\n1\n2\n:wait 1h\n:send audio\n:restart\n:state\n:apa\nADMIN\n:wait 30h\n:quit\nhalo\n"
    done = call("chat", folder, typed=typed)
    assert done.exit_code == 0
    expected = (
        "[1] Tanya jawab",
        "(Lihat topik)",
        "[2] Alamat - ",
        "profil WhatsApp",
        "23-11-2026 04:00 UTC",
        "pesan suara",
        "card",
        ":wait 2h",
        "Posisi 1",
        "Maaf menunggu.",
    )
    for piece in expected:
        assert piece in done.output, piece
    assert done.output.count("Halo, ini Toko Melati") == 1


def test_chat_shows_a_failure_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "sapa"
    scaffold.create(folder)
    source = (folder / "bot.py").read_text()
    (folder / "bot.py").write_text(source.replace('ctx.state["name"] = value', 'raise ValueError("aduh")'))
    done = call("chat", str(folder), typed="halo\n1\nBudi\nMENU\n")
    assert "ValueError: aduh" in done.output
    assert done.output.count("Boleh kenalan?") == 2


def test_chat_with_a_broken_bot_says_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "rusak"
    folder.mkdir()
    done = call("chat", str(folder))
    assert done.exit_code == 1
    assert "[bot_unloadable]" in done.output


def test_the_commands_hang_below_pasarbot() -> None:
    done = CliRunner().invoke(main, ["bot", "--help"])
    assert done.exit_code == 0
    for name in ("new", "check", "chat"):
        assert name in done.output
    assert "register" in CliRunner().invoke(main, ["bots", "--help"]).output


def test_register_puts_every_built_in_bot_on_the_shelf_once(session: Session) -> None:
    seeds.categories(session)
    names = [(bots.load(name).manifest.id, bots.load(name).manifest.version) for name in bots.names()]
    assert shelf.register(session) == names
    assert shelf.register(session) == names
    listing = Listing.public(session, "tanya")
    assert listing
    assert listing.name == {"id": "TANYA", "en": "TANYA"}
    assert session.query(Bot).count() == len(names)


def test_register_through_the_command_prints_each_bot(
    environment: dict[str, str], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    seeds.categories(session)
    session.commit()
    done = CliRunner().invoke(cli.bots, ["register"])
    assert done.output == "".join(
        f"{bots.load(name).manifest.id} {bots.load(name).manifest.version}\n" for name in bots.names()
    )


def test_register_without_settings_names_the_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEALING_KEYS", raising=False)
    done = CliRunner().invoke(cli.bots, ["register"])
    assert done.exit_code == 1
    assert done.output.endswith(" is not set\n")
