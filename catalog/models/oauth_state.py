"""The ``state`` of an OAuth redirect: random, works once, for ten minutes, in the browser that began."""

import hmac
import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from catalog import clock
from catalog.errors import Refused
from catalog.models.connection import Connection, ConnectionState
from catalog.models.login import Login, digest

LIFETIME = timedelta(minutes=10)


def issue(session: Session, connection: Connection) -> str:
    """A state for ``connection``; only its digest is kept."""
    secret = secrets.token_urlsafe(32)
    connection.state_digest = digest(secret)
    connection.expires_at = clock.now(session) + LIFETIME
    return f"{connection.code}.{secret}"


def redeem(session: Session, state: str, login: Login) -> Connection:
    """The connection a state was made for; the state is used up.

    Raises ``Refused`` where it is unknown, used, too old, or was made for another sign-in: nobody's code gets into
    another person's account. A stranger's try does not use it up.
    """
    code, _, secret = state.partition(".")
    connection = Connection.by_code(session, code)
    if connection is None or connection.login_id != login.id:
        raise Refused("numbers.errors.state_foreign")
    connection.lock(session)
    if not hmac.compare_digest(connection.state_digest or "", digest(secret)):
        raise Refused("numbers.errors.state_foreign")
    connection.state_digest = None
    if connection.state is not ConnectionState.STARTED or connection.expires_at <= clock.now(session):
        raise Refused("numbers.errors.state_expired")
    return connection
