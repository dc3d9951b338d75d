"""How often somebody may try what could be guessed or abused, and how long they wait once it was too often.

Several windows together make the delay grow: after five wrong passwords up to a minute, after fifteen a quarter of an
hour, after forty an hour. A browser that has signed in to the account before is counted by itself, so that nobody can
lock an owner out by guessing from elsewhere.
"""

import hashlib
import ipaddress
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from catalog.web.state import cookie_name
from marketplace import config

GUESSES_PER_ACCOUNT = "5/minute;15 per 15 minutes;40/hour"
GUESSES_PER_NETWORK = "30/minute;120/hour;400/day"
SIGN_UPS_PER_NETWORK = "15/hour;40/day"
MAILS_PER_ADDRESS = "3 per 10 minutes;10/day"
MAILS_PER_NETWORK = "20/hour;60/day"
TOKENS_PER_PERSON = "20/hour"
INVITATIONS_PER_PERSON = "30/hour;100/day"

REMEMBERED_SECONDS = 365 * 24 * 3600
# Longer than any honest path through signing up or asking for a link takes, so that time tells nothing.
EVEN_SECONDS = 0.3


def address() -> str:
    """The e-mail address a form was sent with, as a key that does not name it."""
    return digest(request.form.get("email", ""))


def digest(email: str) -> str:
    """A short fingerprint of an address."""
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()[:32]


def network() -> str:
    """Where the request comes from: an IPv4 address, or the /64 a household has in IPv6."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
    except ValueError:
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def guesser() -> str:
    """Who guesses at this account: a browser it knows, else everybody together."""
    return known_browser() or f"account:{address()}"


def guessing_network() -> str:
    """The network that guesses; a known browser does not suffer for its neighbours."""
    return known_browser() or f"network:{network()}"


def known_browser() -> str | None:
    """The name of this browser, if it has signed in to the form's account before."""
    try:
        kept = _signer().loads(request.cookies.get(_cookie(), ""), max_age=REMEMBERED_SECONDS)
    except BadSignature:
        return None
    return f"browser:{kept['browser']}" if kept["account"] == address() else None


def remember_browser(response: Response, email: str) -> None:
    """Let this browser be known for the account of ``email``."""
    mark = _signer().dumps({"account": digest(email), "browser": secrets.token_hex(8)})
    response.set_cookie(
        _cookie(),
        str(mark),
        max_age=REMEMBERED_SECONDS,
        path="/",
        secure=config.current().base_port is None,
        httponly=True,
        samesite="Lax",
    )


def was_wrong(response: Response) -> bool:
    """Only wrong guesses count."""
    return response.status_code in (401, 422)


def was_taken(response: Response) -> bool:
    """Only what was done counts, not a form with a mistake."""
    return response.status_code < 400


@contextmanager
def evenly() -> Iterator[None]:
    """Take the same time whatever happens inside, so that nobody learns from it whether an address has an account."""
    began = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, began + EVEN_SECONDS - time.monotonic()))


def _cookie() -> str:
    return cookie_name(config.current(), "known")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config.current().secret_key, salt="known-browser")
