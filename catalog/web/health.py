"""Health for whoever watches: alive, ready for work, and measured."""

import time
from ipaddress import ip_address

import redis
import structlog
from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from catalog.web.access import access, public
from catalog.web.db import db
from catalog.web.state import face

logger = structlog.get_logger(__name__)
bp = Blueprint("health", __name__)

REQUESTS = Counter("pasarbot_web_requests_total", "Requests by route and status", ["face", "route", "method", "status"])
SECONDS = Histogram("pasarbot_web_seconds", "Time to an answer by route", ["face", "route"])
WAIT = 2.0


def init(app: Flask) -> None:
    """Register the three routes and count every request."""
    app.register_blueprint(bp)
    app.before_request(start)
    app.after_request(count)


def start() -> None:
    """Note when the request came."""
    g.counted_from = time.perf_counter()


def count(response: Response) -> Response:
    """Count by route, not by path: paths hold codes and have no end."""
    route = str(request.url_rule) if request.url_rule else "none"
    REQUESTS.labels(face().name, route, request.method, str(response.status_code)).inc()
    SECONDS.labels(face().name, route).observe(time.perf_counter() - g.get("counted_from", time.perf_counter()))
    return response


@bp.get("/healthz")
@access(public)
def alive() -> Response:
    """The process answers."""
    return plain("ok\n")


@bp.get("/readyz")
@access(public)
def ready() -> Response:
    """The database and Valkey answer too; 503 names what does not."""
    missing = [name for name, check in (("database", has_database), ("redis", has_redis)) if not check()]
    return plain(f"unavailable: {', '.join(missing)}\n", 503) if missing else plain("ready\n")


@bp.get("/metrics")
@access(public)
def metrics() -> Response:
    """Figures for the operator's own networks; elsewhere there is nothing here."""
    if not is_allowed(request.remote_addr):
        abort(404)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def has_database() -> bool:
    """Whether the database answers."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        logger.warning("database unavailable", reason=type(error).__name__)
        db.session.rollback()
        return False
    return True


def has_redis() -> bool:
    """Whether Valkey answers."""
    try:
        with redis.Redis.from_url(
            face().settings.redis_url, socket_timeout=WAIT, socket_connect_timeout=WAIT
        ) as client:
            client.ping()
    except RedisError as error:
        logger.warning("redis unavailable", reason=type(error).__name__)
        return False
    return True


def is_allowed(address: str | None) -> bool:
    """Whether the address may read the figures. No address means a Unix socket: the operator."""
    if not address:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in face().settings.metrics_allow)


def plain(body: str, status: int = 200) -> Response:
    """A short text for machines."""
    return Response(body, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
