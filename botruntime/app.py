"""The runtime's pages as a Flask app; ``botruntime/pages`` serves it beside the native streams."""

from pathlib import Path

from flask import Flask

from botruntime import config as settings
from botruntime.config import Config
from botruntime.desk.views import bp as desk
from catalog import web

ROOT = Path(__file__).resolve().parents[1]


def create_app(config: Config | None = None) -> Flask:
    """The pages with ``config``, or with the environment's settings. Templates and static files lie at the root."""
    config = config or settings.load()
    app = Flask("botruntime", root_path=str(ROOT))
    web.init(app, config, face="pages")
    app.register_blueprint(desk)
    return app
