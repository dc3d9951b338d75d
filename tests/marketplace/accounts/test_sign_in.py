"""Signing in and out."""

from types import SimpleNamespace

import pytest
from argon2 import extract_parameters
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Login, User, user
from tests import factories
from tests.marketplace.visiting import ORIGIN, Visitor

EMAIL = "owner@example.com"


@pytest.fixture
def owner(session: Session) -> User:
    person = factories.user(session, EMAIL)
    session.commit()
    return person


@pytest.fixture
def visitor(app: Flask, owner: User) -> Visitor:
    return Visitor(app)


def enter(visitor: Visitor, password: str = factories.PASSWORD, email: str = EMAIL, **more: str) -> tuple[int, str]:
    answer = visitor.post("/sign-in", email=email, password=password, **more)
    return answer.status_code, answer.location or ""


def test_the_right_password_leads_home(visitor: Visitor, session: Session) -> None:
    assert enter(visitor, email=" Owner@Example.com ") == (303, "/home")
    assert visitor.get("/home").status_code == 200
    login = session.scalars(select(Login)).one()
    assert login.agent.startswith("Werkzeug")


def test_a044_every_refusal_reads_the_same(visitor: Visitor, session: Session) -> None:
    factories.user(session, "fresh@example.com", verified=False)
    session.commit()
    tries = [
        (EMAIL, "salah sama sekali"),
        ("nobody@example.com", factories.PASSWORD),
        ("fresh@example.com", factories.PASSWORD),
    ]
    answers = [visitor.post("/sign-in", email=email, password=password) for email, password in tries]
    assert [a.status_code for a in answers] == [422] * 3
    texts = {a.text.replace(email, "") for a, (email, _) in zip(answers, tries, strict=True)}
    assert len(texts) == 1
    assert factories.PASSWORD not in texts.pop()


def test_a044_a_refusal_hashes_once_whether_or_not_the_address_is_known(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing is what takes the time, so its count is what a stopwatch would see; a busy machine does not change it."""
    real, hashed = user._hasher.verify, []

    def count(encoded: str, password: str) -> bool:
        hashed.append(extract_parameters(encoded))
        return real(encoded, password)

    monkeypatch.setattr(user, "_hasher", SimpleNamespace(verify=count, check_needs_rehash=lambda _: False))
    for email in (EMAIL, "nobody@example.com"):
        assert visitor.post("/sign-in", email=email, password="salah sekali").status_code == 422
    assert len(hashed) == 2
    assert hashed[0] == hashed[1]


@pytest.mark.parametrize(
    ("target", "ends"),
    [
        ("/account", "/account"),
        ("/numbers?x=1", "/numbers?x=1"),
        ("//evil.example", "/home"),
        ("/\\evil.example", "/home"),
        ("https:evil.example", "/home"),
        ("https://evil.example/", "/home"),
        ("%09//evil.example", "/home"),
        ("\t//evil.example", "/home"),
        ("javascript:alert(1)", "/home"),
        ("http://localhost:8000.evil.example/", "/home"),
    ],
)
def test_a029_the_way_on_stays_in_the_house(visitor: Visitor, target: str, ends: str) -> None:
    assert enter(visitor, next=target) == (303, ends)


def test_a_page_that_wants_a_sign_in_is_returned_to(visitor: Visitor) -> None:
    asked = visitor.get("/account/tokens")
    assert asked.status_code == 303
    page = visitor.get(asked.location).text
    assert 'name="next"' in page
    assert 'value="/account/tokens"' in page


def test_a030_the_cookie_is_for_this_server_alone(visitor: Visitor) -> None:
    answer = visitor.post("/sign-in", email=EMAIL, password=factories.PASSWORD)
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(one.startswith("pasarbot_session_8000=") for one in cookies)
    for one in cookies:
        assert "HttpOnly" in one
        assert "SameSite=Lax" in one
        assert "Path=/" in one
        assert "Domain" not in one


def test_a049_signing_in_begins_a_new_session(app: Flask, visitor: Visitor, session: Session) -> None:
    enter(visitor)
    first = session.scalars(select(Login)).one()
    enter(visitor)
    session.expire_all()
    logins = session.scalars(select(Login).order_by(Login.id)).all()
    assert first.ended_at is not None
    assert [one.ended_at is None for one in logins] == [False, True]


def test_a050_a_copied_cookie_is_dead_after_sign_out(app: Flask, visitor: Visitor) -> None:
    enter(visitor)
    cookie = visitor.client.get_cookie("pasarbot_session_8000", domain="localhost")
    assert cookie is not None
    assert visitor.post("/sign-out").location == "/"
    thief = Visitor(app)
    thief.client.set_cookie("pasarbot_session_8000", cookie.value, domain="localhost")
    assert thief.get("/home").status_code == 303
    assert thief.post("/account", name="x", language="id").status_code == 401


def test_a052_a_login_ends_by_itself(visitor: Visitor, session: Session) -> None:
    enter(visitor)
    clock.advance(session, 15 * 24 * 3600)
    session.commit()
    assert visitor.get("/home").status_code == 303


def test_a053_a_forged_cookie_is_nobody(app: Flask, visitor: Visitor, session: Session) -> None:
    enter(visitor)
    token = session.scalars(select(Login)).one().token_digest
    for key in ("dev", "a-secret-key-that-is-only-for-tests-0123456780"):
        forged = URLSafeTimedSerializer(key, salt="cookie-session").dumps({"_user_id": token})
        thief = Visitor(app)
        thief.client.set_cookie("pasarbot_session_8000", str(forged), domain="localhost")
        assert thief.get("/home").status_code == 303


def test_a043_guessing_is_slowed_and_the_owner_still_gets_in(app: Flask, visitor: Visitor) -> None:
    enter(visitor)
    visitor.post("/sign-out")
    stranger = Visitor(app)
    answers = [stranger.post("/sign-in", email=EMAIL, password=f"tebakan {n}") for n in range(7)]
    assert [a.status_code for a in answers] == [422] * 5 + [429] * 2
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "Tunggu" in answers[-1].text
    assert EMAIL in answers[-1].text
    # Neither case nor spaces make a new account to guess at, and the right password waits like any other.
    assert enter(stranger, email=" OWNER@example.com")[0] == 429
    assert enter(visitor) == (303, "/home")
    assert enter(Visitor(app), email="somebody@example.com")[0] == 422


def test_a043_a_known_browser_may_not_guess_for_ever_either(visitor: Visitor) -> None:
    enter(visitor)
    visitor.post("/sign-out")
    assert [enter(visitor, f"tebakan {n}")[0] for n in range(6)] == [422] * 5 + [429]


def test_a043_one_password_on_many_accounts_is_slowed(visitor: Visitor) -> None:
    answers = [enter(visitor, email=f"n{n}@example.com")[0] for n in range(32)]
    assert answers == [422] * 30 + [429] * 2


def test_forwarded_addresses_do_not_buy_more_guesses(app: Flask, visitor: Visitor) -> None:
    codes = [
        visitor.client.post(
            "/sign-in",
            data={"email": EMAIL, "password": f"tebakan {n}"},
            base_url=ORIGIN,
            headers={**visitor.headers, "X-Forwarded-For": f"10.0.0.{n}"},
        ).status_code
        for n in range(6)
    ]
    assert codes[-1] == 429


def test_a025_another_site_cannot_sign_anybody_in_or_out(visitor: Visitor) -> None:
    enter(visitor)
    for path in ("/sign-in", "/sign-out", "/sign-up", "/account"):
        answer = visitor.client.post(
            path, data={"email": EMAIL}, base_url=ORIGIN, headers={"Origin": "https://evil.example"}
        )
        assert answer.status_code == 403
    assert visitor.get("/home").status_code == 200


def test_signing_out_may_lead_on_in_the_house(visitor: Visitor) -> None:
    enter(visitor)
    assert visitor.post("/sign-out", next="/join/abc").location == "/join/abc"
    assert visitor.post("/sign-out", next="//evil.example").location == "/"
