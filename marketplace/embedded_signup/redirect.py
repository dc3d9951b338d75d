"""The way without a popup: an ordinary OAuth redirect, for browsers without JavaScript.

Meta: Facebook Login, "Manually build a login flow". The asset ids do not come back on this way; the token knows them.
"""

import json

from authlib.integrations.requests_client import OAuth2Session
from sqlalchemy.orm import Session

from catalog.models import Connection, oauth_state
from marketplace.config import Config
from marketplace.embedded_signup import options
from marketplace.embedded_signup.messages import Left

CALLBACK = "/connections/callback"


def callback_url(config: Config) -> str:
    """The one redirect URI; it must stand in the app's settings at Meta letter by letter."""
    return f"{config.store_url}{CALLBACK}"


def dialog_url(session: Session, connection: Connection, config: Config, language: str) -> str:
    """Where to send the browser; binds a fresh state to ``connection``."""
    state = oauth_state.issue(session, connection)
    extras = options.extras(connection.business, connection.started_by, is_coexistence=connection.is_coexistence)
    with OAuth2Session(config.meta_app_id, redirect_uri=callback_url(config)) as oauth:
        url, _ = oauth.create_authorization_url(
            config.fb_dialog_url,
            state=state,
            config_id=config.meta_config_id,
            override_default_response_type="true",
            locale=options.LOCALES.get(language, "en_US"),
            extras=json.dumps(extras, separators=(",", ":")),
        )
    return str(url)


def left(error: str, reason: str, description: str) -> Left:
    """What the callback's error parameters mean."""
    if error == "access_denied" or reason == "user_denied":
        return Left("numbers.errors.cancelled", {})
    return Left("numbers.errors.reported", {"message": (description or error)[:200], "number": "-", "case": "-"})
