"""A forgotten password, and a changed one."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Purpose, Ticket, User
from tests import factories
from tests.marketplace import outbox
from tests.marketplace.visiting import ORIGIN, Visitor

EMAIL = "owner@example.com"
NEW = "lampu jalan menyala"


@pytest.fixture
def owner(session: Session) -> User:
    person = factories.user(session, EMAIL)
    session.commit()
    return person


@pytest.fixture
def visitor(app: Flask, owner: User) -> Visitor:
    return Visitor(app)


def wish(visitor: Visitor, session: Session) -> str:
    assert visitor.post("/password/reset", email=EMAIL).location == "/password/reset/sent"
    return outbox.path(session, EMAIL)


def test_a_forgotten_password_is_replaced(app: Flask, visitor: Visitor, owner: User, session: Session) -> None:
    elsewhere = Visitor(app, owner)
    link = wish(visitor, session)
    assert EMAIL in visitor.get(link).text
    assert visitor.post(link, password=NEW).location == "/home"
    assert visitor.get("/home").status_code == 200
    assert elsewhere.get("/home").status_code == 303
    fresh = Visitor(app)
    assert fresh.post("/sign-in", email=EMAIL, password=factories.PASSWORD).status_code == 422
    assert fresh.post("/sign-in", email=EMAIL, password=NEW).status_code == 303
    assert outbox.kinds(session, EMAIL) == ["reset_password", "password_changed"]


def test_a046_a_link_works_once(visitor: Visitor, session: Session) -> None:
    link = wish(visitor, session)
    visitor.post(link, password=NEW)
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, password="sandi yang ketiga").status_code == 404


def test_a046_only_the_last_link_works(visitor: Visitor, session: Session) -> None:
    first = wish(visitor, session)
    second = wish(visitor, session)
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200


def test_a046_a_link_lasts_an_hour(visitor: Visitor, session: Session) -> None:
    link = wish(visitor, session)
    clock.advance(session, 3601)
    session.commit()
    assert visitor.post(link, password=NEW).status_code == 404


def test_a046_a_link_for_something_else_is_none(visitor: Visitor, owner: User, session: Session) -> None:
    token = Ticket.issue(session, owner, Purpose.VERIFY_EMAIL)
    session.commit()
    assert visitor.post(f"/password/reset/{token}", password=NEW).status_code == 404


def test_a046_a_link_dies_with_the_address_it_went_to(visitor: Visitor, owner: User, session: Session) -> None:
    link = wish(visitor, session)
    owner.email = "moved@example.com"
    session.commit()
    assert visitor.get(link).status_code == 404


def test_a046_the_links_page_tells_nobody_its_address(visitor: Visitor, session: Session) -> None:
    answer = visitor.get(wish(visitor, session))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a044_an_unknown_address_is_told_by_mail_alone(app: Flask, visitor: Visitor, session: Session) -> None:
    known, unknown = visitor, Visitor(app)
    one = known.post("/password/reset", email=EMAIL)
    two = unknown.post("/password/reset", email="nobody@example.com")
    assert (one.status_code, one.location, one.data) == (two.status_code, two.location, two.data)
    assert outbox.kinds(session, "nobody@example.com") == ["reset_unknown"]


def test_an_unproven_address_is_proven_by_the_link(app: Flask, visitor: Visitor, session: Session) -> None:
    person = factories.user(session, "fresh@example.com", verified=False)
    session.commit()
    visitor.post("/password/reset", email="fresh@example.com")
    visitor.post(outbox.path(session, "fresh@example.com"), password=NEW)
    session.refresh(person)
    assert person.email_verified_at is not None


def test_a_weak_new_password_is_refused_and_the_link_kept(visitor: Visitor, session: Session) -> None:
    link = wish(visitor, session)
    assert visitor.post(link, password="password1").status_code == 422
    assert visitor.post(link, password=NEW).status_code == 303


def test_a035_a_foreign_host_is_refused(visitor: Visitor, session: Session) -> None:
    answer = visitor.client.post("/password/reset", data={"email": EMAIL}, base_url="http://evil.example")
    assert answer.status_code == 400
    assert outbox.kinds(session, EMAIL) == []
    visitor.client.post(
        "/password/reset", data={"email": EMAIL}, base_url=ORIGIN, headers={"X-Forwarded-Host": "evil.example"}
    )
    assert "evil" not in str(outbox.last(session, EMAIL).params)


def test_a051_changing_the_password_ends_other_logins(app: Flask, owner: User, session: Session) -> None:
    here, elsewhere = Visitor(app, owner), Visitor(app, owner)
    answer = here.post("/account/password", current=factories.PASSWORD, password=NEW)
    assert answer.location == "/account/logins"
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert outbox.kinds(session, EMAIL) == ["password_changed"]


def test_the_present_password_is_wanted(app: Flask, owner: User, session: Session) -> None:
    here = Visitor(app, owner)
    answer = here.post("/account/password", current="bukan ini", password=NEW)
    assert answer.status_code == 422
    assert "tidak cocok dengan akun Anda" in answer.text
    session.refresh(owner)
    assert owner.has_password(factories.PASSWORD)


def test_a043_the_present_password_is_not_guessed_at_leisure(app: Flask, owner: User) -> None:
    here = Visitor(app, owner)
    codes = [here.post("/account/password", current=f"tebak {n}", password=NEW).status_code for n in range(6)]
    assert codes == [422] * 5 + [429]


def test_a_password_that_names_its_owner_is_refused(app: Flask, session: Session) -> None:
    person = factories.user(session, "ratnawulan@example.com", name="Ratnawulan")
    session.commit()
    answer = Visitor(app, person).post("/account/password", current=factories.PASSWORD, password="ratnawulan1")
    assert answer.status_code == 422
