"""Signing in: the cookie is only a pointer to a row, and dies with it."""

import pytest
from flask import Flask
from flask import session as cookie_session
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Login, Membership
from catalog.web import signin
from tests.cast import Cast
from tests.catalog.web.conftest import ORIGIN, Build, SignIn

PLAIN = {"Accept": "application/json"}


def status(client: FlaskClient) -> int:
    return client.get("/mine", base_url=ORIGIN, headers=PLAIN).status_code


def test_a_signed_in_person_comes_in_and_a_stranger_does_not(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    assert status(client) == 401
    assert status(sign_in(cast.owner_a)) == 200


def test_a050_a_cookie_copied_before_sign_out_is_dead_after_it(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"], domain="localhost")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie(cookie.key, cookie.value, domain="localhost")
    assert status(thief) == 200
    assert browser.post("/sign-out", base_url=ORIGIN).status_code == 200
    assert status(thief) == 401
    assert status(browser) == 401


def test_a049_signing_in_forgets_what_the_session_held_before(app: Flask, cast: Cast) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        cookie_session["planted"] = "by somebody else"
        person = signin.db.session.get_one(type(cast.owner_a), cast.owner_a.id)
        signin.sign_in(person)
        assert "planted" not in cookie_session
        assert cookie_session.permanent
        signin.db.session.rollback()


@pytest.mark.parametrize(("days", "alive"), [(13, True), (15, False)])
def test_a052_a_login_that_is_not_used_for_14_days_ends(
    session: Session, cast: Cast, sign_in: SignIn, days: int, alive: bool
) -> None:
    browser = sign_in(cast.owner_a)
    clock.advance(session, days * 86400)
    session.commit()
    assert (status(browser) == 200) is alive


def test_a052_a_login_ends_after_90_days_however_much_it_is_used(session: Session, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    for _ in range(8):
        clock.advance(session, 10 * 86400)
        session.commit()
        last = status(browser)
    assert last == 200
    clock.advance(session, 11 * 86400)
    session.commit()
    assert status(browser) == 401


def test_use_is_noted_by_a_plain_page(session: Session, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    before = session.scalars(select_seen()).one()
    clock.advance(session, 3600)
    session.commit()
    assert status(browser) == 200
    session.expire_all()
    assert session.scalars(select_seen()).one() > before


def select_seen():
    return select(Login.seen_at)


def test_a053_a_cookie_signed_with_another_key_is_nobodys(build: Build, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    other = build(SECRET_KEY="another-secret-key-that-is-only-for-tests-01")
    cookie = browser.get_cookie("pasarbot_session_8000", domain="localhost")
    assert cookie is not None
    visitor = other.test_client()
    visitor.set_cookie(cookie.key, cookie.value, domain="localhost")
    assert status(visitor) == 401


def test_a051_signing_out_everywhere_ends_the_other_browsers(session: Session, cast: Cast, sign_in: SignIn) -> None:
    here, there = sign_in(cast.owner_a), sign_in(cast.owner_a)
    session.execute(update(Login).where(Login.user_id == cast.owner_a.id).values(ended_at=clock.now(session)))
    session.commit()
    assert (status(here), status(there)) == (401, 401)


def test_a_closed_account_is_out_at_once(session: Session, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    session.get_one(type(cast.owner_a), cast.owner_a.id).closed_at = clock.now(session)
    session.commit()
    assert status(browser) == 401


def test_a030_production_pins_the_cookie_to_host_and_tls(build: Build) -> None:
    app = build(BASE_PORT="", STORE_URL="https://pasarbot.test", PAGES_URL="https://pasarbot.test", TRUSTED_HOSTS="")
    answer = app.test_client().post(
        "/language",
        data={"language": "en", "next": "/mine"},
        base_url="https://pasarbot.test",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-pasarbot_language=en;")
    for mark in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert mark in cookie
    assert "Domain" not in cookie
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-pasarbot_session"
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_two_copies_on_one_host_do_not_share_cookie_names(build: Build) -> None:
    names = {build(BASE_PORT=port).config["SESSION_COOKIE_NAME"] for port in ("8000", "8100")}
    assert names == {"pasarbot_session_8000", "pasarbot_session_8100"}


def test_live_streams_find_the_login_behind_a_cookie(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"], domain="localhost")
    assert cookie is not None
    with app.app_context():
        login = signin.login_of_cookie(app, cookie.value)
        assert login is not None
        assert login.user.email == cast.owner_a.email
        assert signin.login_of_cookie(app, cookie.value[:-2] + "xx") is None
        assert signin.login_of_cookie(app, None) is None


def test_the_places_of_a_person_leave_out_what_has_ended(session: Session, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.developer)
    assert browser.get("/places", base_url=ORIGIN).text == "partner"
    session.execute(update(Membership).values(ended_at=clock.now(session)))
    session.commit()
    assert browser.get("/places", base_url=ORIGIN).text == ""
