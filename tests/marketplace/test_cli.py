"""The store's commands."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from marketplace.cli import commands
from marketplace.jobs import context
from tests import factories
from tests.marketplace.mailbox import Mailbox


@pytest.fixture
def run(environment: dict[str, str], mails: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Runs a command in the test's environment."""
    for name, value in {**environment, "MAIL_URL": mails.url}.items():
        monkeypatch.setenv(name, value)

    def command(*words: str) -> Result:
        group = next(one for one in commands() if one.name == words[0])
        return CliRunner().invoke(group, list(words[1:]))

    yield command
    context.dispose()


def test_staff_is_made_from_a_proven_account(run, session: Session) -> None:
    person = factories.user(session, "tata@example.com")
    session.commit()
    assert run("staff", "add", "TATA@example.com").output == "tata@example.com is staff now\n"
    assert "already" in run("staff", "add", "tata@example.com").output
    session.expire_all()
    assert person.is_staff


@pytest.mark.parametrize("verified", [True, False])
def test_a048_nobody_becomes_staff_without_a_proven_address(run, session: Session, verified: bool) -> None:
    if not verified:
        factories.user(session, "tata@example.com", verified=False)
        session.commit()
    answer = run("staff", "add", "tata@example.com")
    assert answer.exit_code == 1
    assert "sign up first" in answer.output


def test_a_test_mail_arrives(run, mails: Mailbox) -> None:
    assert run("mail", "test", "ops@example.com", "--language", "en").output == "sent to ops@example.com\n"
    assert mails.messages[0]["Subject"] == "A test email from Pasarbot"
    assert run("mail", "test").output == "sent to halo@pasarbot.test\n"


def test_a_mail_that_does_not_go_out_is_told(run, mails: Mailbox) -> None:
    mails.refusing = 500
    answer = run("mail", "test")
    assert answer.exit_code == 1
    assert "mailbox answered 500" in answer.output
