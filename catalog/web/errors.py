"""Refusals and failures as pages or JSON: a status, a sentence, a way on, never a trace."""

from typing import Any, cast

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from catalog import texts
from catalog.errors import Invalid, Refused
from catalog.web import filters
from catalog.web.db import db
from catalog.web.language import language, t
from catalog.web.places import sign_in_url
from catalog.web.reply import wants_json
from catalog.web.signin import stay_anonymous

logger = structlog.get_logger(__name__)
NAMES = {
    400: "bad_request",
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_type",
    422: "invalid",
    429: "too_many",
    500: "failed",
    503: "unavailable",
}


def init(app: Flask) -> None:
    """Answer every error of the app."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(DataError, unstorable)
    app.register_error_handler(Exception, failure)


def http_error(error: HTTPException) -> AnyResponse:
    """Werkzeug's own errors, among them ``abort(404)``."""
    if error.response is not None:
        return cast("AnyResponse", error.response)
    status = error.code or 500
    if isinstance(error, SecurityError):
        # The host name is not ours, so there is no address a page could link to.
        return Response(NAMES[status] + "\n", status, mimetype="text/plain")
    answer = show(status, sentence=page_text(status, "text"))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            answer.headers[name] = value
    if isinstance(error, TooManyRequests):
        answer.headers.setdefault("Retry-After", "60")
    return answer


def refused(error: Refused) -> AnyResponse:
    """A rule of the house said no; its sentence says why."""
    db.session.rollback()
    sentence = t(error.key, **error.params)
    return show(error.status, sentence=sentence, name=error.key.partition(".")[2], fields=fields_of(error))


def unavailable(error: OperationalError) -> AnyResponse:
    """The database is away; it comes back, and browsers may try again."""
    logger.error("database unavailable", endpoint=request.endpoint, reason=type(error.orig).__name__)
    stay_anonymous()
    answer = show(503, sentence=page_text(503, "text"))
    answer.headers["Retry-After"] = "5"
    return answer


def unstorable(error: DataError) -> AnyResponse:
    """The asker sent what no column can hold, such as a NUL in an address or a text."""
    logger.warning("value refused by the database", endpoint=request.endpoint, reason=type(error.orig).__name__)
    db.session.rollback()
    return http_error(BadRequest())


def failure(error: Exception) -> AnyResponse:
    """A fault of ours: logged with its trace, shown with its id only."""
    logger.error("request failed", endpoint=request.endpoint, method=request.method, exc_info=error)
    stay_anonymous()
    return show(500, sentence=page_text(500, "text"))


def fields_of(error: Refused) -> dict[str, str]:
    """The sentences of a form's fields."""
    if not isinstance(error, Invalid):
        return {}
    return {name: t(key, **params) for name, (key, params) in error.fields.items()}


def show(status: int, *, sentence: str, name: str | None = None, fields: dict[str, str] | None = None) -> Response:
    """The error as the asker wants it."""
    if 400 <= status < 500:
        logger.info("refused", status=status, reason=name or NAMES.get(status), endpoint=request.endpoint)
    if wants_json():
        answer = jsonify(error=body(status, sentence, name, fields))
    else:
        answer = make_response(page(status, sentence))
    answer.status_code = status
    return answer


def body(status: int, sentence: str, name: str | None, fields: dict[str, str] | None) -> dict[str, Any]:
    """``{"code", "message", "id"}`` and ``fields`` where a form was wrong."""
    found: dict[str, Any] = {"code": name or NAMES.get(status, "failed"), "message": sentence, "id": request_id()}
    return {**found, "fields": fields} if fields else found


def page(status: int, sentence: str) -> str:
    """The page of an error."""
    return render_template(
        "errors/error.html",
        status=status,
        heading=page_text(status, "title"),
        sentence=sentence,
        request_id=request_id() if status >= 500 else None,
        sign_in_url=sign_in_url() if status == 401 else None,
    )


def page_text(status: int, part: str) -> str:
    """The sentence of a status; a status without its own borrows 400's or 500's."""
    for known in (status, 400 if status < 500 else 500):
        if texts.has(language(), f"errors.page.{known}.{part}"):
            return t(f"errors.page.{known}.{part}", max=filters.size(request.max_content_length or 0))
    raise texts.MissingText(f"errors.page.{status}.{part}")


def request_id() -> str:
    """The request's id, as in the log."""
    found: str = g.get("request_id", "-")
    return found
