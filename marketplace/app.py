"""The store as a Flask app."""

from pathlib import Path

from flask import Flask
from werkzeug.utils import import_string

from catalog import web
from marketplace import config as settings
from marketplace import jobs
from marketplace.config import Config

ROOT = Path(__file__).resolve().parents[1]

# Every area of the store; the order is the order of registration and means nothing else.
BLUEPRINTS = (
    "accounts",
    "team",
    "home",
    "tokens",
    "pages",
    "store",
    "numbers",
    "installations",
    "api",
)


def create_app(config: Config | None = None) -> Flask:
    """The store with ``config``, or with the environment's settings. Templates and static files lie at the root."""
    config = config or settings.load()
    app = Flask("marketplace", root_path=str(ROOT))
    app.extensions[settings.EXTENSION] = config
    jobs.use(config)
    web.init(app, config)
    for name in BLUEPRINTS:
        app.register_blueprint(import_string(f"marketplace.blueprints.{name}:bp"))
    return app
