"""Rows of what both web faces share."""

from typing import Any

from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World


def picture(_world: World, _asker: Any) -> Ask:
    """Files are served under the hash of their content; a bare name is none."""
    return Ask(args={"filename": "img/mark.svg"})


ROWS = [
    Row("web.design", "GET", Who.PUBLIC),
    Row("web.language", "POST", Who.PUBLIC, 303),
    Row("web.theme", "POST", Who.PUBLIC, 303),
    Row("health.alive", "GET", Who.PUBLIC),
    Row("health.ready", "GET", Who.PUBLIC),
    # Loopback is allowed to read the figures; elsewhere there is nothing (tests/catalog/web/test_health.py).
    Row("health.metrics", "GET", Who.PUBLIC),
    Row("static", "GET", Who.PUBLIC, 404, picture),
]
