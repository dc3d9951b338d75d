"""Mail on its way out: by the server the setting MAIL_URL names."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

import requests

from marketplace.config import Config

TIMEOUT_SECONDS = 10


class Undelivered(Exception):
    """The mail did not go out; the text says why, without the message's content."""


def send(config: Config, message: EmailMessage) -> None:
    """Hand ``message`` to the server of MAIL_URL. Raises ``Undelivered``.

    ``smtp://user:password@host:port`` (STARTTLS where offered), ``smtps://…``, or ``http(s)://…``: a mailbox that
    takes the raw message by POST, such as the emulator's.
    """
    server = urlsplit(config.mail_url)
    try:
        if server.scheme in ("http", "https"):
            _post(config.mail_url, message)
        else:
            _deliver(server, message)
    except (OSError, smtplib.SMTPException) as failure:
        raise Undelivered(" ".join(f"{type(failure).__name__}: {failure}".split())) from failure


def _deliver(server: SplitResult, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    host, port = server.hostname or "", server.port
    smtp: smtplib.SMTP
    if server.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
    with smtp:
        smtp.ehlo()
        if server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _post(url: str, message: EmailMessage) -> None:
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
