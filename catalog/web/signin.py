"""Signing in and out. The cookie points at a ``Login`` row; a copied cookie dies with the row."""

from datetime import timedelta
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature
from werkzeug.local import LocalProxy

from catalog.models.login import ABSOLUTE, Login
from catalog.models.user import User
from catalog.web.db import db

COOKIE_LIFE: timedelta = ABSOLUTE
# Flask-Login keeps the user's id under this key of the session.
SESSION_KEY = "_user_id"


class SignedIn(UserMixin):
    """What Flask-Login calls the user: a living login with its person. ``token`` is the cookie's secret."""

    def __init__(self, login: Login, token: str) -> None:
        self.login = login
        self.user: User = login.user
        self.token = token

    def get_id(self) -> str:
        """What the session cookie carries."""
        return self.token


def init(app: Flask) -> None:
    """Let Flask-Login find the login behind a cookie."""
    manager: Any = LoginManager()  # type: ignore[no-untyped-call]
    # A phone changes its address all day; the row itself is the protection.
    manager.session_protection = None
    manager.init_app(app)
    manager.user_loader(load)
    # It looks into the session after every request, and so makes even style sheets vary by cookie.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    app.jinja_env.globals["current_login"] = LocalProxy(current_login)
    app.jinja_env.globals["current_user"] = LocalProxy(current_person)
    app.jinja_env.globals["current_roles"] = LocalProxy(current_places)
    # Flask-Login's own context variable would shadow the person.
    app.template_context_processors[None].remove(
        next(one for one in app.template_context_processors[None] if one.__module__.startswith("flask_login"))
    )


def load(token: str) -> SignedIn | None:
    """The login of a cookie's token, if it still lives."""
    login = Login.by_token(db.session(), token)
    return SignedIn(login, token) if login else None


def sign_in(user: User) -> Login:
    """Begin a login for ``user`` in this browser, and forget what the session held before."""
    login, token = Login.start(db.session(), user, request.user_agent.string)
    db.session.flush()
    session.clear()
    session.permanent = True
    login_user(SignedIn(login, token))  # type: ignore[no-untyped-call]
    return login


def sign_out() -> None:
    """End the login of this browser."""
    login = current_login()
    if login is not None:
        login.end(db.session())
    logout_user()  # type: ignore[no-untyped-call]
    session.clear()


def current_login() -> Login | None:
    """This browser's login."""
    seat: Any = current_user
    if not has_request_context() or not seat.is_authenticated:
        return None
    login: Login = seat.login
    return login


def current_person() -> User | None:
    """Who asks: signed in by cookie, or by the personal token of an API request."""
    if not has_request_context():
        return None
    by_token: User | None = g.get("token_user")
    if by_token is not None:
        return by_token
    login = current_login()
    return login.user if login else None


def current_places() -> set[str]:
    """Where else the person belongs: ``business``, ``partner``, ``bsp``, ``staff``."""
    person = current_person()
    if person is None:
        return set()
    living = [one for one in person.memberships if one.ended_at is None]
    places = {name for one in living for name in ("business", "partner", "bsp") if getattr(one, f"{name}_id")}
    return places | ({"staff"} if any(one.is_staff for one in living) else set())


def stay_anonymous() -> None:
    """Finish this request without asking the database who it is: for the pages of errors."""
    db.session.rollback()
    g._login_user = AnonymousUserMixin()
    g.pop("token_user", None)


def login_of_cookie(app: Flask, cookie: str | None) -> Login | None:
    """The login behind a session cookie's value, for code outside Flask's request (live streams)."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    if not cookie or serializer is None:
        return None
    try:
        kept = serializer.loads(cookie, max_age=int(COOKIE_LIFE.total_seconds()))
    except BadSignature:
        return None
    token = kept.get(SESSION_KEY)
    return Login.by_token(db.session(), token) if token else None
