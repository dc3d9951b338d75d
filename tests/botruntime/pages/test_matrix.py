"""Every route of the pages × everybody: who gets in, who is sent to sign in, and no route without a row."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from botruntime.app import create_app
from botruntime.config import Config
from catalog.web.access import rule_of
from catalog.web.db import db
from tests import cast
from tests.cast import ANONYMOUS, ROLES, Cast
from tests.marketplace.visiting import Visitor

# Endpoint: (method, path, whether one must be signed in). None stands for routes all web faces share, tested there.
ROWS: dict[str, tuple[str, str, bool] | None] = {
    "desk.index": ("GET", "/desk/", True),
    "health.alive": ("GET", "/healthz", False),
    "health.ready": ("GET", "/readyz", False),
    "health.metrics": ("GET", "/metrics", False),
}
SHARED_BLUEPRINTS = ("web",)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def people(session: Session) -> Cast:
    made = cast.assemble(session)
    session.commit()
    return made


def endpoints(app: Flask) -> set[str]:
    return {str(rule.endpoint) for rule in app.url_map.iter_rules()}


def test_every_route_has_a_rule_and_a_row(app: Flask) -> None:
    own = {name for name in endpoints(app) if name.partition(".")[0] not in SHARED_BLUEPRINTS and name != "static"}
    assert own == set(ROWS)
    assert [name for name in endpoints(app) if rule_of(app, name) is None] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", ROWS)
def test_everybody_gets_what_the_row_says(app: Flask, people: Cast, endpoint: str, role: str) -> None:
    row = ROWS[endpoint]
    assert row is not None
    method, path, needs_sign_in = row
    visitor = Visitor(app, people.user(role))
    answer = visitor.get(path) if method == "GET" else visitor.post(path)
    if needs_sign_in and role == ANONYMOUS:
        assert answer.status_code == 303
        assert "/sign-in?next=" in answer.headers["Location"]
        return
    assert answer.status_code == 200
    if endpoint == "desk.index":
        page = answer.get_data(as_text=True)
        mine = role in ("viewer", "agent", "manager", "owner_a")
        assert ("Klinik Melati" in page) == mine
        assert ("Toko Beringin" in page) == (role == "owner_b")
