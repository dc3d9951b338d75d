"""Mails the product sent: kept raw, read when somebody looks."""

import email
import email.policy
import re
import secrets
from email.message import EmailMessage
from email.utils import getaddresses

from botruntime.emulator.records import Json, Mail
from botruntime.emulator.world import World

LINK = re.compile(r"https?://[^\s<>\"')\]]+")


def keep(world: World, raw: bytes) -> Mail:
    """Store one RFC 5322 message. Raises ValueError when it has no headers at all."""
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    if not parsed.keys():
        raise ValueError("a mail begins with its headers")
    to = [address.lower() for _, address in getaddresses([str(value) for value in parsed.get_all("to", [])]) if address]
    subject, sender = str(parsed.get("subject", "")), str(parsed.get("from", ""))
    mail = world.mails.put(Mail(secrets.token_hex(8), world.now(), sender, to, subject, raw.decode("latin-1")))
    world.tell("mail", id=mail.id, to=to, subject=subject)
    return mail


def part(mail: Mail, kind: str) -> str:
    """The text or html part, empty when there is none."""
    parsed = email.message_from_bytes(mail.raw.encode("latin-1"), _class=EmailMessage, policy=email.policy.default)
    found = parsed.get_body(preferencelist=(kind,))
    return str(found.get_content()) if found is not None else ""


def mail_row(mail: Mail) -> Json:
    """A mail as tests read it."""
    text, html = part(mail, "plain"), part(mail, "html")
    links = list(dict.fromkeys(found.rstrip(".,;:!?") for found in LINK.findall(text or html)))
    return {
        "id": mail.id,
        "at": mail.at,
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "text": text,
        "html": html,
        "links": links,
    }


def strip(html: str) -> str:
    """Html without its tags, for a mail without a text part."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"<[^>]+>", "", re.sub(r"(?i)<br\s*/?>|</p>|</tr>", "\n", html))).strip()


def pieces(text: str) -> list[tuple[bool, str]]:
    """A text cut into (is a link, piece)."""
    found, end = [], 0
    for match in LINK.finditer(text):
        url = match[0].rstrip(".,;:!?")
        found += [(False, text[end : match.start()]), (True, url)]
        end = match.start() + len(url)
    return [*found, (False, text[end:])]
