"""Addresses the layouts link to, and going back to where somebody came from."""

from urllib.parse import quote, urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from catalog.web.state import face, origin_of

# name → (face, path). Blueprints may move their routes; then this table moves with them.
PLACES = {
    "front": ("store", "/"),
    "search": ("store", "/search"),
    "browse": ("store", "/search"),
    "home": ("store", "/home"),
    "numbers": ("store", "/numbers"),
    "bots": ("store", "/installations"),
    "team": ("store", "/team"),
    "settings": ("store", "/account"),
    "account": ("store", "/account"),
    "new_business": ("store", "/businesses/new"),
    "sign_in": ("store", "/sign-in"),
    "sign_up": ("store", "/sign-up"),
    "sign_out": ("store", "/sign-out"),
    "how": ("store", "/how"),
    "about": ("store", "/about"),
    "privacy": ("store", "/privacy"),
    "terms": ("store", "/terms"),
    "guide": ("store", "/guide"),
    "api": ("store", "/api/v1/openapi.json"),
    "workshop": ("store", "/workshop"),
    "office": ("store", "/office"),
    "staff": ("store", "/staff"),
    "inbox": ("pages", "/desk/"),
}


def init(app: Flask) -> None:
    """Give templates the addresses."""
    app.jinja_env.globals.update(
        place=place, place_exists=place_exists, store_url=store_url, pages_url=pages_url, here=here
    )


def place(name: str) -> str:
    """Address of a place in the house, as short as this face allows."""
    where, path = PLACES[name]
    return store_url(path) if where == "store" else pages_url(path)


def place_exists(name: str) -> bool:
    """Whether this process serves that place now; places of the other face are taken as given."""
    where, path = PLACES[name]
    if where != face().name:
        return name in ("front", "browse", "privacy", "terms", "inbox")
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def store_url(path: str = "/") -> str:
    """An address of the store, relative where we are the store."""
    return path if face().name == "store" else face().settings.store_url + path


def pages_url(path: str = "/") -> str:
    """An address of the desk and the live pages."""
    return path if face().name == "pages" else face().settings.pages_url + path


def here() -> str:
    """This page's path with its query: where a language or theme switch comes back to."""
    if request.method != "GET":
        return "/"
    return request.full_path if request.query_string else request.path


def sign_in_url() -> str:
    """The sign-in page that leads back here."""
    back = here() if face().name == "store" else face().own_url + here()
    return f"{place('sign_in')}?next={quote(back, safe='/')}"


def safe_next(target: str | None, default: str = "/") -> str:
    """``target`` if it stays in the house, else ``default``: no other host, scheme, or trick of browsers."""
    if not target or any(ord(char) < 33 or char in "\\\x7f" for char in target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    if parts.scheme or parts.netloc:
        is_ours = parts.scheme in ("http", "https") and origin_of(target) in face().origins
        return target if is_ours else default
    return target if target.startswith("/") and not target.startswith("//") else default
