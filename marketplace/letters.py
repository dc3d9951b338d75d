"""What a mail says: a notice becomes a message of text and HTML in the reader's language."""

import re
from collections.abc import Mapping
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache, partial
from pathlib import Path
from typing import Any

import jinja2
from email_validator import validate_email

from catalog.models import Notice
from catalog.texts import MissingText, has, text
from marketplace.config import Config
from marketplace.mail import Undelivered

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
# The template of kinds that bots invent: it lists what the bot gave.
FALLBACK = "bot_notice"
SUBJECT_MAX = 150
# Kinds that go to people without an account: the foot of the mail must not speak of one.
TO_STRANGERS = ("account_closed", "invitation", "reset_unknown")
# What could end a header: control characters and line separators.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


class Params(dict[str, Any]):
    """A notice's params; one that was not given is empty."""

    def __missing__(self, key: str) -> str:
        return ""


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
    """``words`` as a header may carry them."""
    return _CONTROL.sub(" ", words).strip()


def mailable(email: str) -> str:
    """``email`` in ASCII, as every mail server takes it. Raises ``ValueError``."""
    found = validate_email(email, check_deliverability=False, test_environment=True).ascii_email
    if found is None:
        raise ValueError("the part before the @ is not ASCII")
    return found


def compose(config: Config, notice: Notice) -> EmailMessage:
    """The message of a notice, from the texts ``emails.<kind>`` and ``templates/emails/<kind>.txt`` and ``.html``.

    Links are built from STORE_URL alone, never from a request. Raises ``Undelivered`` where it cannot be written.
    """
    kind = notice.kind if has(notice.language, f"emails.{notice.kind}.subject") else FALLBACK
    try:
        words = _context(config, notice, kind)
        plain, rich = (environment().get_template(f"emails/{kind}.{end}").render(words) for end in ("txt", "html"))
        return _message(config, notice, words["subject"], plain, rich)
    except (MissingText, LookupError, ValueError, jinja2.TemplateError) as wrong:
        raise Undelivered(f"mail {kind} cannot be written: {wrong}") from wrong


def _context(config: Config, notice: Notice, kind: str) -> dict[str, Any]:
    params = Params(notice.params)
    if role := params["role"]:
        params["role"] = text(notice.language, f"emails.role.{role}")

    # Names the text reader has taken for itself cannot fill a sentence. It fills none without params: never empty.
    fill = {"kind": kind} | {key: value for key, value in params.items() if key not in ("language", "key")}

    def say(name: str) -> str:
        return text(notice.language, f"emails.{kind}.{name}", **fill)

    return {
        "t": partial(text, notice.language),
        "t_in": text,
        "say": say,
        "has": lambda name: has(notice.language, f"emails.{kind}.{name}"),
        "language": notice.language,
        "email": "" if kind in TO_STRANGERS else notice.email,
        "subject": one_line(say("subject"))[:SUBJECT_MAX],
        "preview": say("preview"),
        "params": params,
        "facts_of": lambda keys: [(text(notice.language, f"emails.{kind}.fact.{key}"), params[key]) for key in keys],
        "answers": _answers,
        "chat": config.chat,
        "store_url": lambda path: config.store_url + path,
    }


def _answers(given: Any) -> list[tuple[str, str]]:
    """What a bot collected, as label and value; nested values are not for mails."""
    if not isinstance(given, Mapping):
        return []
    return [(str(key), str(value)) for key, value in given.items() if isinstance(value, str | int | float)]


def _message(config: Config, notice: Notice, subject: str, plain: str, rich: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    name, sender = parseaddr(config.mail_from)
    message["From"] = Address(one_line(name), addr_spec=sender)
    message["To"] = Address(addr_spec=mailable(notice.email))
    message["Subject"] = subject
    message["Date"] = format_datetime(notice.created_at)
    # The same for every try, so that a mail server that already took it can tell.
    message["Message-ID"] = f"<{notice.code}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain.strip() + "\n")
    message.add_alternative(rich, subtype="html")
    # After the content: setting that clears every Content-* header.
    message["Content-Language"] = notice.language
    return message
