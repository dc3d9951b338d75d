"""Wires the shared web parts into a Flask app."""

from pathlib import Path
from typing import Any, Literal

import structlog
from flask import Flask, abort, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from catalog.settings import Shared
from catalog.web import (
    access,
    assets,
    components,
    csrf,
    errors,
    filters,
    headers,
    health,
    language,
    limits,
    log,
    places,
    signin,
    unit,
)
from catalog.web.db import db
from catalog.web.state import EXTENSION, Face, cookie_name
from catalog.web.views import bp

ROOT = Path(__file__).resolve().parents[2]

MEGABYTE = 1024 * 1024
MAX_BODY = 8 * MEGABYTE
MAX_FORM = 2 * MEGABYTE
MAX_PARTS = 3000
# A lock held elsewhere must not keep the few threads of a web process: the asker gets 503 instead.
STATEMENT_SECONDS = 8
CONNECT_SECONDS = 5


class Json(DefaultJSONProvider):
    """JSON of requests and answers."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """What ``s`` holds. Raises ``ValueError``, also for brackets nested deeper than Python reads."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as deep:
            raise ValueError("nested too deeply") from deep


def init(app: Flask, settings: Shared, *, face: Literal["store", "pages"] = "store") -> None:
    """Make ``app`` one of the two web faces. Call it before registering blueprints.

    The order of the hooks matters: the request gets its id, then cross-site requests are refused, then access.
    """
    app.extensions[EXTENSION] = Face(settings, face)
    configure(app, settings)
    db.init_app(app)
    for part in (log, csrf, access, signin, unit, headers, language, filters, assets, components, places):
        part.init(app)
    app.before_request(refuse_large)
    limits.init(app, settings)
    errors.init(app)
    health.init(app)
    app.register_blueprint(bp)
    if settings.base_port is None:
        # Production stands behind exactly one proxy, which sets Host itself.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    structlog.get_logger(__name__).info("web face ready", face=face)


def refuse_large() -> None:
    """Refuse by the announced length, before a byte of the body is read."""
    if (request.content_length or 0) > (request.max_content_length or MAX_BODY):
        abort(413)


def patience() -> dict[str, str | int]:
    """How long a request waits for the database, for psycopg."""
    return {"connect_timeout": CONNECT_SECONDS, "options": f"-c statement_timeout={STATEMENT_SECONDS}s"}


def configure(app: Flask, settings: Shared) -> None:
    """Flask's own settings."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "connect_args": patience()},
        SESSION_COOKIE_NAME=cookie_name(settings, "session"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_port is None,
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=signin.COOKIE_LIFE,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_FORM,
        MAX_FORM_PARTS=MAX_PARTS,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
    )
    app.json = Json(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
