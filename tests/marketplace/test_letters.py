"""What mails say."""

import dataclasses
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from catalog import texts
from catalog.models import Notice
from marketplace import letters
from marketplace.config import Config
from marketplace.mail import Undelivered
from tests.marketplace.mailbox import link, words
from tests.source import leaves, placeholders

KINDS = sorted(path.stem for path in Path(letters.TEMPLATES, "emails").glob("[!_]*.html"))
PARAMS: dict[str, Any] = {
    "name": "Sari",
    "token": "tok-en_1",
    "inviter": "Ani",
    "business": "Klinik Melati",
    "role": "agent",
    "contact": "Budi",
    "phone": "+62 812-3456-7890",
    "note": "Tolong hubungi saya",
    "fields": {"Tujuan": "Sewa kos"},
    "source": "menu",
}


def notice(kind: str, language: str = "id", **params: Any) -> Notice:
    return Notice(
        kind=kind,
        email="sari@example.com",
        language=language,
        params=params,
        code=uuid4(),
        created_at=datetime.now(UTC),
        tries=0,
    )


def rich(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def params_of(kind: str) -> dict[str, Any]:
    """Everything the sentences of ``kind`` ask for."""
    sentences = [value for key, value in leaves(texts.area("id", "emails")[kind])]
    return {name: f"<{name}>" for sentence in sentences for name in placeholders(sentence)} | PARAMS


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_in_both_languages(settings: Config, kind: str, language: str) -> None:
    params = params_of(kind)
    message = letters.compose(settings, notice(kind, language, **params))
    said = {**params, "role": texts.text(language, "emails.role.agent")}
    assert message["Subject"] == texts.text(language, f"emails.{kind}.subject", **said)
    assert message["Content-Language"] == language
    assert texts.text(language, f"emails.{kind}.text", **said) in words(message)
    assert f'<html lang="{language}">' in rich(message)
    assert "{" not in words(message)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("verify_email", "/verify/tok-en_1"),
        ("reset_password", "/password/reset/tok-en_1"),
        ("invitation", "/join/tok-en_1"),
        ("already_registered", "/sign-in"),
        ("reset_unknown", "/sign-up"),
        ("password_changed", "/password/reset"),
    ],
)
def test_a035_links_lead_to_the_configured_store(settings: Config, kind: str, path: str) -> None:
    elsewhere = dataclasses.replace(settings, store_url="https://toko.example")
    message = letters.compose(elsewhere, notice(kind, **PARAMS))
    assert link(message) == f"https://toko.example{path}"
    assert f'href="https://toko.example{path}"' in rich(message)


def test_a_wish_to_go_on_is_kept_in_the_link(settings: Config) -> None:
    message = letters.compose(settings, notice("verify_email", token="t", next="/join/abc?x=1"))
    assert link(message).endswith("/verify/t?next=/join/abc%3Fx%3D1")


def test_a008_line_breaks_do_not_reach_a_header(settings: Config) -> None:
    evil = "Ani\r\nBcc: all@example.com\u2028X-Evil: 1"
    message = letters.compose(settings, notice("invitation", **{**PARAMS, "inviter": evil}))
    assert message["Bcc"] is None
    assert "X-Evil" not in message
    assert "\n" not in message["Subject"]
    assert b"\r\nBcc:" not in message.as_bytes().partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    "address", ["a@example.com\r\nBcc: b@example.com", "not an address", "a@example.com, b@example.com"]
)
def test_a008_an_address_that_is_none_is_not_written_to(settings: Config, address: str) -> None:
    bad = notice("verify_email", **PARAMS)
    bad.email = address
    with pytest.raises(Undelivered):
        letters.compose(settings, bad)


def test_a005_names_are_shown_as_they_are(settings: Config) -> None:
    message = letters.compose(
        settings, notice("invitation", **{**PARAMS, "business": "{{7*7}}<b>", "inviter": "{name}"})
    )
    assert "{{7*7}}<b>" in words(message)
    assert "{{7*7}}&lt;b&gt;" in rich(message)
    assert "49" not in message["Subject"]


def test_a_kind_of_a_bots_own_is_listed_plainly(settings: Config) -> None:
    message = letters.compose(settings, notice("stock_low", key="kopi", left=3, nested={"a": 1}))
    assert message["Subject"] == texts.text("id", "emails.bot_notice.subject")
    assert "key: kopi\nleft: 3" in words(message)
    assert "nested" not in words(message)


def test_a_customer_without_a_number_is_shown_without_a_button(settings: Config) -> None:
    message = letters.compose(settings, notice("handover_wished", contact="Budi", username="budi.s", phone=None))
    assert "wa.me" not in words(message)
    assert "budi.s" in words(message)


def test_every_try_carries_the_same_message_id(settings: Config) -> None:
    same = notice("mail_test")
    first, second = (letters.compose(settings, same) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"]
    assert first["From"] == settings.mail_from


def test_a_domain_of_another_script_is_written_as_servers_take_it(settings: Config) -> None:
    abroad = notice("mail_test")
    abroad.email = "sari@bücher.example.com"
    assert letters.compose(settings, abroad)["To"] == "sari@xn--bcher-kva.example.com"


def test_strangers_are_not_told_of_an_account(settings: Config) -> None:
    assert "akun Anda" not in words(letters.compose(settings, notice("invitation", **PARAMS)))
    assert "akun Anda" in words(letters.compose(settings, notice("verify_email", **PARAMS)))
