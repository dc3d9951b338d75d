"""Request ids and the request log: route, status, time. Never a body, a query, a secret or a whole phone number."""

import logging
import re
import sys
import time
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, WrappedLogger

from catalog.web.signin import current_person

logger = structlog.get_logger("catalog.web.request")

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Long runs of digits are phone numbers or ids of Meta's: the last four are enough to recognise one.
DIGITS = re.compile(r"\d{5,}(?=\d{4})")


def init(app: Flask) -> None:
    """Number and log every request."""
    if not structlog.is_configured():
        set_up()
    app.before_request(begin)
    app.after_request(end)


def set_up() -> None:
    """One JSON object a line on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Shorten every long number, wherever it hides; times and codes are left alone."""
    return {name: masked(value) if name not in ("timestamp", "request_id") else value for name, value in event.items()}


def masked(value: Any) -> Any:
    """A text with its long numbers shortened."""
    return DIGITS.sub("…", value) if isinstance(value, str) else value


def begin() -> None:
    """Give the request its id, the proxy's where it sent a usable one."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """One line for the request."""
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    if request.endpoint == "static" or request.blueprint == "health":
        return response
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    logger.info(
        "request",
        method=request.method,
        route=str(request.url_rule) if request.url_rule else None,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        actor=who(),
    )
    return response


def who() -> str | None:
    """The asker's code, if known without asking the database again."""
    if "_login_user" not in g and "token_user" not in g:
        return None
    person = current_person()
    return str(person.code) if person else None
