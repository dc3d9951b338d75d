"""Mail: a notice becomes a message of text and HTML, and goes out by the server the settings name."""

import re
import smtplib
import ssl
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jinja2
import requests

from catalog.models import Notice
from catalog.texts import MissingText, text
from marketplace.config import Config

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
TIMEOUT_SECONDS = 10
# RFC 5322 section 2.1.1: no line longer than 998; a subject nobody can read is shortened long before.
SUBJECT_MAX = 150
KIND = re.compile(r"[a-z][a-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


class Undelivered(Exception):
    """The mail did not go out; the text says why, without the message's content."""


@cache
def environment() -> jinja2.Environment:
    """Templates of mails. Plain Jinja: the jobs process has no Flask."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def one_line(words: str) -> str:
    """``words`` without anything that could end a header: control characters and line separators become a space."""
    return _CONTROL.sub(" ", words).strip()


def compose(config: Config, notice: Notice) -> EmailMessage:
    """The message of a notice, from ``templates/emails/<kind>.txt`` and ``.html`` and the texts ``emails.<kind>``.

    Links are built from STORE_URL alone, never from a request. Raises ``Undelivered`` for a kind without texts.
    """
    if not KIND.fullmatch(notice.kind):
        raise Undelivered(f"no mail of the kind {notice.kind!r}")
    say = partial(text, notice.language)
    try:
        subject = one_line(say(f"emails.{notice.kind}.subject", **notice.params))[:SUBJECT_MAX]
        context: dict[str, Any] = {
            "t": say,
            "language": notice.language,
            "subject": subject,
            "preview": say(f"emails.{notice.kind}.preview", **notice.params),
            "kind": notice.kind,
            "params": notice.params,
            "store_url": lambda path="/": config.store_url + path,
            "pages_url": lambda path="/": config.pages_url + path,
        }
        plain, rich = (
            environment().get_template(f"emails/{notice.kind}.{end}").render(context) for end in ("txt", "html")
        )
    except (MissingText, KeyError, jinja2.TemplateError) as missing:
        raise Undelivered(f"mail {notice.kind} cannot be written: {missing}") from missing
    return _message(config, notice, subject, plain, rich)


def _message(config: Config, notice: Notice, subject: str, plain: str, rich: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    name, sender = parseaddr(config.mail_from)
    message["From"] = Address(one_line(name), addr_spec=sender)
    message["To"] = Address(addr_spec=one_line(notice.email))
    message["Subject"] = subject
    message["Date"] = format_datetime(notice.created_at)
    # The same for every try, so that a mail server that already took it can tell.
    message["Message-ID"] = f"<{notice.code}@{sender.rpartition('@')[2]}>"
    message["Content-Language"] = notice.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain.strip() + "\n")
    message.add_alternative(rich, subtype="html")
    return message


def send(config: Config, message: EmailMessage) -> None:
    """Hand ``message`` to the server of MAIL_URL. Raises ``Undelivered``."""
    server = urlsplit(config.mail_url)
    try:
        if server.scheme in ("http", "https"):
            _post(config.mail_url, message)
        elif server.scheme == "smtps":
            with smtplib.SMTP_SSL(
                server.hostname or "", server.port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            ) as smtp:
                _deliver(smtp, server.username, server.password, message)
        else:
            with smtplib.SMTP(server.hostname or "", server.port or 25, timeout=TIMEOUT_SECONDS) as smtp:
                smtp.ehlo()
                if smtp.has_extn("starttls"):
                    smtp.starttls(context=ssl.create_default_context())
                _deliver(smtp, server.username, server.password, message)
    except (OSError, smtplib.SMTPException) as failure:
        raise Undelivered(one_line(f"{type(failure).__name__}: {failure}")) from failure


def _deliver(smtp: smtplib.SMTP, user: str | None, password: str | None, message: EmailMessage) -> None:
    if user:
        smtp.login(unquote(user), unquote(password or ""))
    smtp.send_message(message)


def _post(url: str, message: EmailMessage) -> None:
    """A mailbox that takes raw messages by POST, such as the emulator's."""
    with requests.Session() as http:
        # Proxies and .netrc of the environment are not ours to follow.
        http.trust_env = False
        answer = http.post(
            url,
            data=message.as_bytes(),
            headers={"Content-Type": "message/rfc822"},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        if not answer.ok:
            raise Undelivered(f"mailbox answered {answer.status_code}")
