"""What a browser keeps between signing up and following the mailed link, and where it goes afterwards."""

import hashlib
import hmac
import secrets
import time

from flask import session

from catalog.models import User
from catalog.web.places import place, safe_next

SIGNING_UP = "signing_up"
SENT_TO = "sent_to"


def of(user: User) -> str:
    """The mark of the browser that chose ``user``'s present password: no other password is let in by it."""
    return hashlib.sha256(f"{user.code}:{user.password_hash}".encode()).hexdigest()[:32]


def meaningless() -> str:
    """A mark that looks like any other and fits nobody."""
    return secrets.token_hex(16)


def leave(mark: str, sent_to: str) -> None:
    """Put the mark into this browser's session."""
    session[SIGNING_UP], session[SENT_TO] = mark, sent_to


def fits(user: User) -> bool:
    """Whether this browser is the one that signed ``user`` up, with the password the account has now."""
    return hmac.compare_digest(str(session.get(SIGNING_UP, "")), of(user))


def onward(target: str | None) -> str:
    """Where to go after signing in: ``target`` if it stays in the house, else home."""
    return safe_next(target, place("home"))


def seconds_until(moment: int) -> int:
    """How long to wait, at least a second."""
    return max(1, moment - int(time.time()))
