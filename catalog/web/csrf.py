"""Cross-site requests are told by their headers, which scripts cannot set; forms carry no tokens."""

import structlog
from flask import Flask, current_app, request

from catalog.errors import Forbidden
from catalog.web.access import Gate, rule_of
from catalog.web.state import face, origin_of

logger = structlog.get_logger(__name__)
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def init(app: Flask) -> None:
    """Look at every request that changes something."""
    app.before_request(refuse_cross_site)


def refuse_cross_site() -> None:
    """Raise ``Forbidden`` for a browser's unsafe request that no page of ours sent."""
    if request.method in SAFE or proves_itself() or is_ours():
        return
    logger.warning(
        "cross-site request refused",
        endpoint=request.endpoint,
        site=request.headers.get("Sec-Fetch-Site"),
        origin=request.headers.get("Origin"),
    )
    raise Forbidden("errors.cross_site")


def proves_itself() -> bool:
    """Bearer tokens and signatures do not ride along with a browser's cookies."""
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    return rule is not None and rule.gate in (Gate.TOKEN, Gate.SIGNATURE)


def is_ours() -> bool:
    """Whether the headers say that a page of the house sent it.

    ``same-site`` is not enough: on localhost every port is the same site. A request with neither header comes from
    no browser, and so carries nobody's cookies but its sender's.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site in ("same-origin", "none"):
        return True
    if origin is not None:
        return origin in face().origins or origin == origin_of(request.host_url)
    return site is None
