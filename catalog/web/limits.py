"""Limits on how often somebody may try. They use real time and Valkey, and memory while Valkey is away."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from catalog.settings import Shared

# Routes add theirs: ``@limiter.limit("10/minute")``.
limiter = Limiter(
    get_remote_address,
    strategy="moving-window",
    in_memory_fallback_enabled=True,
    key_prefix="pasarbot-limit",
)


def init(app: Flask, settings: Shared) -> None:
    """Keep the counts in Valkey."""
    app.config.update(RATELIMIT_STORAGE_URI=storage_uri(settings.redis_url), RATELIMIT_HEADERS_ENABLED=False)
    limiter.init_app(app)


def storage_uri(redis_url: str) -> str:
    """The address in the spelling of the limits library, which calls Unix sockets ``redis+unix``."""
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
