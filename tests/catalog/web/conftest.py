"""A small Flask app on the shared web layer, and browsers that visit it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, request
from flask import session as cookie_session
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog import settings, web
from catalog.errors import Invalid, Refused
from catalog.models import Business, Role
from catalog.settings import Reader, Shared
from catalog.web import headers, signin
from catalog.web.access import access, find, member, public, signature, signed_in, staff, token
from catalog.web.db import db
from catalog.web.limits import limiter
from tests.cast import Cast, assemble
from tests.conftest import ROOT

ORIGIN = "http://localhost:8000"
Build = Callable[..., Flask]


def routes(app: Flask) -> None:
    """One route for every kind of rule, and some that go wrong."""

    def view(rule: Any, path: str, answer: Callable[..., Any], *methods: str) -> None:
        name = path.strip("/").replace("/", "_").split("<")[0] or "front"
        app.add_url_rule(path, name, access(rule)(lambda **given: answer(**given)), methods=methods or ("GET",))

    def broken() -> str:
        raise RuntimeError("the secret is 4711")

    def taken() -> str:
        raise Refused("errors.number_taken")

    def wrong() -> str:
        raise Invalid({"email": ("common.form.error.email", {})})

    def widened() -> str:
        headers.allow(script_src="https://connect.facebook.net", frame_ancestors="http://localhost:8000")
        return "wide"

    view(public, "/", lambda: "front", "GET", "POST")
    view(signed_in, "/mine", lambda: "mine", "GET", "POST")
    view(staff, "/staff", lambda: "staff")
    view(member(Role.MANAGER), "/businesses/<code>", lambda code: find(Business, code).name)
    view(member(), "/careless/<code>", lambda code: f"nobody asked about {code}")
    view(token(Role.VIEWER), "/api/v1/businesses/<code>", lambda code: find(Business, code).name, "GET", "POST")
    view(signature, "/webhooks/stripe", lambda: "taken", "POST")
    view(public, "/broken", broken)
    view(public, "/places", lambda: ",".join(sorted(signin.current_places())))
    view(public, "/taken", taken)
    view(public, "/wrong", wrong)
    view(public, "/widened", widened)
    view(public, "/sign-out", out, "POST")
    app.add_url_rule("/forgotten", "forgotten", lambda: "no rule")
    app.add_url_rule("/often", "often", limiter.limit("2/minute")(access(public)(lambda: "often")))


def out() -> Response:
    signin.sign_out()
    return Response(f"out {request.method}")


@pytest.fixture
def build(environment: dict[str, str]) -> Iterator[Build]:
    """``build(face="store", **environment)`` → an app with other settings."""
    apps: list[Flask] = []

    def make(*, face: Any = "store", **changed: str) -> Flask:
        values = {name: value for name, value in {**environment, **changed}.items() if value}
        app = Flask("shared", root_path=str(ROOT))
        web.init(app, read(values), face=face)
        routes(app)
        apps.append(app)
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def read(values: dict[str, str]) -> Shared:
    return settings.shared(Reader(values))


@pytest.fixture
def app(build: Build) -> Flask:
    return build()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def cast(session: Session) -> Cast:
    people = assemble(session)
    session.commit()
    return people


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """``sign_in(user)`` → a browser in which that person has signed in."""

    def enter(user: Any) -> FlaskClient:
        client = app.test_client()
        with app.test_request_context("/", base_url=ORIGIN):
            person = db.session.get_one(type(user), user.id)
            signin.sign_in(person)
            db.session.commit()
            answer = app.make_response("")
            app.session_interface.save_session(app, cookie_session._get_current_object(), answer)
        name, _, value = answer.headers["Set-Cookie"].split(";")[0].partition("=")
        client.set_cookie(name, value, domain="localhost")
        return client

    return enter
