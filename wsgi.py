"""Entry points for servers: ``gunicorn "wsgi:marketplace_app()"`` and the like.

Each function imports its own process only, so that the store never loads the runtime and the other way round.
"""

from typing import Any


def marketplace_app() -> Any:
    """The store, a WSGI application."""
    from marketplace.app import create_app

    return create_app()


def runtime_app() -> Any:
    """The runtime's pages (desk, Graph-shaped API, live pages), an ASGI application."""
    from botruntime.pages import create_app

    return create_app()


def door_app() -> Any:
    """The runtime's door for webhooks, an ASGI application."""
    from botruntime.inbound import create_app

    return create_app()
