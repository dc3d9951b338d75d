"""a055: every route of the store × everybody × own, foreign and missing.

Rows live in ``tests/marketplace/matrix/<blueprint>.py``. What is foreign must look exactly like what is missing.
"""

import importlib
import json
import pkgutil
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from catalog.models import Business, Role, User
from catalog.web.access import rule_of
from catalog.web.limits import limiter
from tests import cast
from tests.cast import ANONYMOUS, ROLES, Cast
from tests.marketplace import matrix
from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World
from tests.marketplace.visiting import ORIGIN, Visitor

TEAM_A = {"viewer": Role.VIEWER, "agent": Role.AGENT, "manager": Role.MANAGER, "owner_a": Role.OWNER}


def collect() -> list[Row]:
    """The rows of every file of the matrix."""
    names = [name for _, name, _ in pkgutil.iter_modules(matrix.__path__)]
    modules = [importlib.import_module(f"{matrix.__name__}.{name}") for name in names]
    return [row for module in modules for row in getattr(module, "ROWS", ())]


ALL = collect()


@pytest.fixture
def world(session: Session, people: Cast) -> World:
    return World(session, people)


class Asker:
    """One of the cast at a browser, or a program with that person's token."""

    def __init__(self, app: Flask, people: Cast, who: str) -> None:
        self.app, self.who, self.user = app, who, people.user(who)
        self.visitor = Visitor(app, self.user)

    def asks(self, row: Row, ask: Ask) -> TestResponse:
        """Send ``ask`` to the route of ``row``."""
        with self.app.test_request_context(base_url=ORIGIN):
            path = self.app.url_for(row.endpoint, **ask.args)
        headers = dict(self.visitor.headers)
        client = self.visitor.client
        if row.by_token:
            client = self.app.test_client()
            headers = {"Authorization": f"Bearer {self.visitor.token}"} if self.visitor.token else {}
        sent: dict[str, Any] = {"json": ask.json} if ask.json is not None else {"data": ask.form}
        return client.open(path, method=row.method, base_url=ORIGIN, headers=headers, **sent)


def expected(row: Row, who: str, target: str) -> int:
    """The status ``who`` must get for a thing of ``target``: ``a``, ``b``, ``own``, ``foreign`` or ``missing``."""
    if who == ANONYMOUS and row.who is not Who.PUBLIC:
        return 401 if row.by_token or row.method != "GET" else 303
    may = row.odd.get(who, row.ok)
    if row.who in (Who.PUBLIC, Who.SIGNED_IN):
        return may
    if row.who is Who.STAFF:
        return may if who == "staff" else 404
    if target == "own" or (target == "b" and who == "owner_b"):
        return may
    held = TEAM_A.get(who)
    if target != "a" or held is None or row.who.role is None:
        return 404
    return may if held.covers(row.who.role) else 403


def targets(row: Row, world: World, asker: Asker) -> list[tuple[str, Any]]:
    """What is asked for, by name and owner; what may change something comes last."""
    people = world.people
    if row.who.role is not None:
        mine: list[tuple[str, Business]] = [("b", people.business_b), ("a", people.business_a)]
        return mine if asker.who != "owner_b" else mine[::-1]
    if row.who is Who.MINE:
        other = people.owner_b if asker.who != "owner_b" else people.owner_a
        return [("foreign", other), *([("own", asker.user)] if asker.user else [])]
    return [("own", asker.user)]


def face_of(answer: TestResponse, ask: Ask) -> Any:
    """What somebody sees of an answer, without the codes they sent themselves and the request's id."""
    text = answer.text
    for code in ask.codes:
        text = text.replace(code, "CODE")
    if answer.mimetype == "application/json":
        body = json.loads(text)
        body.get("error", {}).pop("id", None)
        return body
    return text


@pytest.mark.parametrize("row", ALL, ids=[row.name for row in ALL])
def test_a055_everybody_gets_exactly_what_is_theirs(app: Flask, world: World, row: Row) -> None:
    wrong = []
    for who in ROLES:
        asker = Asker(app, world.people, who)
        # All of them ask from one address; limits have tests of their own.
        with app.app_context():
            limiter.reset()
        for target, owner in targets(row, world, asker):
            ask = row.thing(world, owner)
            if expected(row, who, target) == 404 and row.who not in (Who.PUBLIC, Who.SIGNED_IN):
                wrong += hidden(asker, row, ask)
                continue
            answer = asker.asks(row, ask)
            if answer.status_code != expected(row, who, target):
                wrong.append(f"{who} on {target}: {answer.status_code}, not {expected(row, who, target)}")
    assert wrong == []


def hidden(asker: Asker, row: Row, ask: Ask) -> list[str]:
    """What is wrong with how ``row`` hides a thing: it must look like one that does not exist."""
    nothing = ask.for_nothing()
    foreign, missing = asker.asks(row, ask), asker.asks(row, nothing)
    if (foreign.status_code, missing.status_code) != (404, 404):
        return [f"{asker.who}: {foreign.status_code} for a foreign one, {missing.status_code} for none, not 404"]
    if face_of(foreign, ask) != face_of(missing, nothing):
        return [f"{asker.who}: a foreign one looks different from none"]
    return []


def routes(app: Flask) -> Counter[tuple[str, str]]:
    """Every route and method that somebody could ask for."""
    found = [
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return Counter(set(found))


def test_every_route_has_one_row(app: Flask) -> None:
    rows = Counter((row.endpoint, row.method) for row in ALL)
    missing, surplus = routes(app) - rows, rows - routes(app)
    assert not missing, f"routes without a row in tests/marketplace/matrix: {sorted(missing)}"
    assert not surplus, f"rows without a route, or twice: {sorted(surplus)}"


def test_every_row_says_what_its_route_says(app: Flask) -> None:
    rules = {row.name: rule_of(app, row.endpoint) for row in ALL if row.endpoint in app.view_functions}
    wrong = [
        row.name for row in ALL if row.name in rules and (rules[row.name] is None or not row.agrees(rules[row.name]))
    ]
    assert wrong == [], "the row and the route's @access differ"


def test_what_a_code_names_belongs_to_somebody(app: Flask) -> None:
    """A route with a code in its address is never merely for whoever is signed in."""
    coded = {rule.endpoint for rule in app.url_map.iter_rules() if "code" in rule.arguments}
    loose = [row.name for row in ALL if row.endpoint in coded and row.who in (Who.PUBLIC, Who.SIGNED_IN)]
    assert loose == []


def test_the_cast_is_complete(session: Session) -> None:
    people = cast.assemble(session)
    users = [people.user(who) for who in ROLES if who != ANONYMOUS]
    assert all(isinstance(user, User) for user in users)
    assert len({user.id for user in users if user}) == len(ROLES) - 1
