"""The `pasarbot` command: one name for what the packages and the operator bring."""

import json
import os
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Membership, User
from scripts import operations
from scripts.command import main


@pytest.fixture
def told(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings stand in the environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def pasarbot(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_help_names_the_commands_of_every_package() -> None:
    done = pasarbot("--help")
    assert done.exit_code == 0
    for command in ("bot", "bots", "clock", "doctor", "mail", "migrate", "staff"):
        assert f"\n  {command} " in done.output


@pytest.mark.usefixtures("told")
def test_clock_moves_business_time_here_and_in_the_emulator(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[tuple[str, object]] = []

    def post(url: str, json: object, timeout: float) -> requests.Response:
        posted.append((url, json))
        answer = requests.Response()
        answer.status_code = 200
        return answer

    monkeypatch.setattr(operations.requests, "post", post)
    before = clock.now(session)
    session.commit()
    done = pasarbot("clock", "advance", "86400")
    assert done.exit_code == 0, done.output
    assert 86_390 < (clock.now(session) - before).total_seconds() < 86_460
    assert posted == [("http://localhost:8002/__ctl/clock", {"advance": 86400})]


@pytest.mark.usefixtures("told")
def test_the_clock_of_a_real_database_is_fixed(session: Session) -> None:
    session.get_one(clock.ClockOffset, 1).movable = False
    session.commit()
    done = pasarbot("clock", "advance", "60")
    assert done.exit_code == 1
    assert "its clock is fixed" in done.output


@pytest.mark.usefixtures("told")
def test_staff_add_makes_a_known_user_staff_once(session: Session) -> None:
    user = User(email="rina@pasarbot.test", name="Rina", language="id")
    user.set_password("a password of some length")
    session.add(user)
    session.commit()
    unproven = pasarbot("staff", "add", "rina@pasarbot.test")
    assert unproven.exit_code == 1
    user.verify_email(session)
    session.commit()
    for _ in range(2):
        done = pasarbot("staff", "add", "Rina@pasarbot.test")
        assert done.exit_code == 0, done.output
    assert session.query(Membership).filter_by(user_id=user.id, is_staff=True).count() == 1
    stranger = pasarbot("staff", "add", "nobody@pasarbot.test")
    assert stranger.exit_code == 1
    assert "has no account with a proven address" in stranger.output


@pytest.mark.usefixtures("told")
def test_doctor_says_what_is_well_and_what_is_not() -> None:
    done = pasarbot("doctor")
    assert done.exit_code == 1, "no process is running here"
    assert "ok   database: PostgreSQL 18" in done.output
    assert "ok   bell: Valkey answers" in done.output
    assert "BAD  processes" in done.output


def test_without_a_running_copy_the_command_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = pasarbot("--data", str(tmp_path), "migrate")
    assert done.exit_code == 1
    assert "start ./run first" in done.output


def test_the_settings_of_a_running_copy_are_taken_over(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY"):
        monkeypatch.setenv(name, "given")  # remembered, so that what the command sets is undone
    monkeypatch.delenv("DATABASE_URL")
    (tmp_path / "run.json").write_text(
        json.dumps({"environment": {"DATABASE_URL": database_url, "SECRET_KEY": "kept"}})
    )
    done = pasarbot("--data", str(tmp_path), "migrate")
    assert done.exit_code == 0, done.output
    assert os.environ["SECRET_KEY"] == "given", "what the caller set stands"
