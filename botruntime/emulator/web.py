"""The emulator's Flask application: Graph, dialog, control, mailbox and pages, with strict headers."""

import datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.routing import BaseConverter

from botruntime.emulator import (
    acts,
    control_meta,
    control_phone,
    control_world,
    graph_media,
    graph_messages,
    graph_numbers,
    graph_templates,
    graph_wabas,
)
from botruntime.emulator.control import control
from botruntime.emulator.dialog import dialog
from botruntime.emulator.graph import graph
from botruntime.emulator.pages import pages
from botruntime.emulator.platform import Platform
from catalog import texts

ROOT = Path(__file__).resolve().parents[2]
BODY_LIMIT = 120 * 1024 * 1024  # a document may have 100 MB, base64 from the phone comes on top for smaller files
VIEWS = (  # modules whose views register themselves
    control_meta,
    control_phone,
    control_world,
    graph_media,
    graph_messages,
    graph_numbers,
    graph_wabas,
)


class Regex(BaseConverter):
    """``<regex("…"):name>`` in routes."""

    def __init__(self, map: Any, pattern: str) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map)
        self.regex = pattern


def create(platform: Platform) -> Flask:
    """The application of one platform."""
    app = Flask("emulator", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.url_map.converters["regex"] = Regex
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["platform"] = platform
    graph_templates.review_with(platform)
    platform.deliverer.uninstall = lambda waba_id: acts.revoke_grant(platform, platform.world.wabas[waba_id])
    for blueprint in (graph, control, dialog, pages):
        app.register_blueprint(blueprint)
    app.before_request(choose_language)
    app.after_request(with_headers)
    app.context_processor(words)
    return app


def choose_language() -> None:
    """``?locale=id_ID`` wins, then the browser's wish, then Indonesian."""
    wished = (request.values.get("locale", "") if request.mimetype != "application/json" else "")[:2].lower()
    best = request.accept_languages.best_match(texts.LANGUAGES)
    g.language = wished if wished in texts.LANGUAGES else best or texts.DEFAULT


def words() -> dict[str, Any]:
    """``t`` and ``language`` for templates."""

    def t(key: str, **params: Any) -> str:
        return texts.text(g.language, key, **params)

    return {"t": t, "language": g.language, "moment": moment}


def moment(at: float, readable: bool = False) -> str:
    """A time for the ``datetime`` attribute, or for reading in western Indonesian time (UTC+7, no daylight saving)."""
    if not readable:
        return datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(timespec="seconds")
    west = datetime.timezone(datetime.timedelta(hours=7), "WIB")
    return datetime.datetime.fromtimestamp(at, west).strftime("%d-%m-%Y %H.%M WIB")


def with_headers(response: Response) -> Response:
    """No inline script or style anywhere; forms may lead to the store, for the redirect variant."""
    platform: Platform = current_app.extensions["platform"]
    stores = " ".join(platform.settings.store_origins)
    others = f"http://127.0.0.1:{platform.settings.port} http://localhost:{platform.settings.port}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: http: https:; "
        "media-src 'self' blob: http: https:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        f"frame-src 'self' {others}; form-action 'self' {stores}; base-uri 'none'; frame-ancestors 'self' {others}"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
