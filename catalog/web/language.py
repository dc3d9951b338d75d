"""The language of a request, and its sentences."""

from typing import Any

from babel import Locale
from flask import Flask, Response, g, has_request_context, request
from werkzeug.local import LocalProxy

from catalog import texts
from catalog.web.signin import current_person
from catalog.web.state import cookie_name, face

YEAR = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")


def init(app: Flask) -> None:
    """Give templates ``t``, ``t_in``, ``language`` and ``theme``."""
    app.jinja_env.globals.update(t=t, t_in=texts.text, language=LocalProxy(language), theme=LocalProxy(theme))
    app.after_request(say_language)


def language() -> str:
    """``id`` or ``en``: as switched, as the person set it, as the browser asks, else Indonesian."""
    if not has_request_context():
        return texts.DEFAULT
    if "language" not in g:
        g.language = chosen() or texts.DEFAULT
    found: str = g.language
    return found


def chosen() -> str | None:
    """What the reader chose, in one way or another."""
    switched = request.cookies.get(cookie_name(face().settings, "language"))
    if switched in texts.LANGUAGES:
        return switched
    person = current_person()
    if person is not None and person.language in texts.LANGUAGES:
        return person.language
    return asked()


def asked() -> str | None:
    """The first language of the browser's list that we speak, by its main tag.

    Werkzeug's ``best_match`` would take an exact ``en`` before a better liked ``id-ID``. Java, and so older Android,
    still calls Indonesian ``in``.
    """
    for tag in request.accept_languages.values():
        main = tag.replace("_", "-").partition("-")[0].lower()
        spoken = {"in": "id"}.get(main, main)
        if spoken in texts.LANGUAGES:
            return spoken
    return None


def locale() -> Locale:
    """The language for Babel."""
    return Locale("en", "GB") if language() == "en" else Locale("id", "ID")


def t(key: str, /, **params: Any) -> str:
    """The sentence under ``key`` in the reader's language."""
    return texts.text(language(), key, **params)


def lazy(key: str, /, **params: Any) -> Any:
    """A sentence that is looked up when it is shown: for labels of form classes."""
    return LocalProxy(lambda: t(key, **params))


def theme() -> str:
    """``light``, ``dark`` or ``auto``."""
    if not has_request_context():
        return "auto"
    found = request.cookies.get(cookie_name(face().settings, "theme"), "auto")
    return found if found in THEMES else "auto"


def remember(response: Response, name: str, value: str) -> None:
    """Keep a choice in this browser for a year."""
    settings = face().settings
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=YEAR,
        path="/",
        secure=settings.base_port is None,
        httponly=True,
        samesite="Lax",
    )


def say_language(response: Response) -> Response:
    """Name the language of a page."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", language())
    return response
