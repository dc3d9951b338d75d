"""The pages process: ASGI, so that streams are native; everything else is Flask behind a bridge."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware

from botruntime.app import create_app as create_flask
from botruntime.config import Config
from catalog.web.db import db

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Threads that may render pages at once.
THREADS = 10


class Pages:
    """The ASGI application."""

    def __init__(self, config: Config | None = None) -> None:
        self._app = create_flask(config)
        app: Any = self._app
        self._flask: Any = WSGIMiddleware(app, workers=THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._flask(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
                continue
            with self._app.app_context():
                db.engine.dispose()
            await send({"type": "lifespan.shutdown.complete"})
            return


def create_app() -> Pages:
    """The application with the environment's settings, for servers that want a factory."""
    return Pages()
