"""Mail on its way out."""

import dataclasses
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult, LoginPassword

from marketplace import mail
from marketplace.config import Config
from tests.marketplace.mailbox import Mailbox


class Kept(Message):
    """Keeps what an SMTP client delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[EmailMessage] = []

    def handle_message(self, message: EmailMessage) -> None:
        self.messages.append(message)


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Halo"
    message.set_content("Selamat pagi — apa kabar?\n")
    return message


@pytest.fixture
def smtp() -> Iterator[tuple[str, Kept]]:
    """A real SMTP server that wants a password; its address without the scheme."""

    def check(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(handled=False, success=(data.login, data.password) == (b"user@x", b"p:w"))

    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(kept, "127.0.0.1", port, authenticator=check, auth_require_tls=False)
    server.start()
    yield f"127.0.0.1:{port}", kept
    server.stop()


def test_a_mailbox_takes_the_raw_message(settings: Config, mails: Mailbox) -> None:
    mail.send(settings, letter())
    assert mails.messages[0]["Subject"] == "Halo"


def test_an_smtp_server_takes_it_with_the_password_of_the_setting(settings: Config, smtp: tuple[str, Kept]) -> None:
    address, kept = smtp
    mail.send(dataclasses.replace(settings, mail_url=f"smtp://user%40x:p%3Aw@{address}"), letter())
    assert kept.messages[0]["Subject"] == "Halo"
    assert kept.messages[0]["X-RcptTo"] == "b@example.com"


def test_a_refusal_is_told_without_the_message(settings: Config, smtp: tuple[str, Kept]) -> None:
    with pytest.raises(mail.Undelivered, match="SMTPAuthenticationError") as refused:
        mail.send(dataclasses.replace(settings, mail_url=f"smtp://user%40x:wrong@{smtp[0]}"), letter())
    assert "Selamat" not in str(refused.value)


def test_a_server_that_is_away_is_told(settings: Config) -> None:
    for scheme in ("smtp", "smtps", "http"):
        with pytest.raises(mail.Undelivered, match="refused"):
            mail.send(dataclasses.replace(settings, mail_url=f"{scheme}://127.0.0.1:9"), letter())


def test_a_mailbox_that_says_no_is_told(settings: Config, mails: Mailbox) -> None:
    mails.refusing = 503
    with pytest.raises(mail.Undelivered, match="503"):
        mail.send(settings, letter())


def test_a080_proxies_of_the_environment_are_not_followed(
    settings: Config, mails: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    mail.send(settings, letter())
    assert len(mails.raw) == 1
