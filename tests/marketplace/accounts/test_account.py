"""The own account: profile, devices, closing."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Login, User
from marketplace.blueprints.accounts.devices import device
from tests import factories
from tests.cast import Cast
from tests.marketplace import outbox
from tests.marketplace.visiting import ORIGIN, Visitor

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Mobile Safari/537.36"


@pytest.fixture
def owner(session: Session) -> User:
    person = factories.user(session, "owner@example.com", name="Ani")
    session.commit()
    return person


@pytest.fixture
def here(app: Flask, owner: User) -> Visitor:
    return Visitor(app, owner)


def test_name_and_language_are_changed_at_once(here: Visitor, owner: User, session: Session) -> None:
    assert here.post("/account", name="Ani Lestari", language="en").location == "/account"
    page = here.get("/account").text
    assert "Your changes are saved." in page
    assert "Ani Lestari" in page
    session.refresh(owner)
    assert owner.language == "en"


def test_a_language_nobody_speaks_is_refused(here: Visitor, owner: User, session: Session) -> None:
    answer = here.post("/account", name="Ani Baru", language="fr")
    assert answer.status_code == 422
    assert "Ani Baru" in answer.text
    session.refresh(owner)
    assert (owner.name, owner.language) == ("Ani", "id")


def test_a057_the_profile_changes_nothing_else(here: Visitor, owner: User, session: Session) -> None:
    here.post("/account", name="Ani", language="id", email="evil@example.com", password_hash="x", is_staff="1")
    session.refresh(owner)
    assert (owner.email, owner.is_staff, owner.has_password(factories.PASSWORD)) == ("owner@example.com", False, True)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome di Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1", "Safari di iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/120 Safari/537.36 Edg/120.0", "Edge di Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox di Linux"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_as_people_name_it(app: Flask, agent: str, words: str) -> None:
    with app.test_request_context():
        assert device(agent) == words


def test_devices_are_listed_and_signed_out_one_by_one(app: Flask, here: Visitor, owner: User, session: Session) -> None:
    elsewhere = Visitor(app)
    elsewhere.client.post(
        "/sign-in",
        data={"email": owner.email, "password": factories.PASSWORD},
        base_url=ORIGIN,
        headers={**elsewhere.headers, "User-Agent": PHONE},
    )
    assert "Chrome di Android" in here.get("/account/logins").text
    other = session.scalars(select(Login).where(Login.agent == PHONE)).one()
    assert here.post(f"/account/logins/{other.code}/ending").location == "/account/logins"
    assert elsewhere.get("/home").status_code == 303
    assert "Chrome di Android" not in here.get("/account/logins").text
    assert here.post(f"/account/logins/{other.code}/ending").status_code == 404


def test_signing_out_this_device_leads_to_the_front(here: Visitor, owner: User, session: Session) -> None:
    login = session.scalars(select(Login)).one()
    assert here.post(f"/account/logins/{login.code}/ending").location == "/"
    assert here.get("/account").status_code == 303


def test_a054_signing_out_everywhere_else(app: Flask, here: Visitor, owner: User) -> None:
    others = [Visitor(app, owner) for _ in range(2)]
    here.post("/account/logins/endings")
    assert here.get("/account").status_code == 200
    assert {one.get("/account").status_code for one in others} == {303}


def test_a056_somebody_elses_login_is_not_there(app: Flask, here: Visitor, people: Cast, session: Session) -> None:
    theirs = Visitor(app, people.owner_b)
    login = session.scalars(select(Login).where(Login.user_id == people.owner_b.id)).one()
    foreign, missing = (here.post(f"/account/logins/{code}/ending") for code in (login.code, uuid4()))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.data == missing.data
    assert theirs.get("/account").status_code == 200


def test_an_account_is_closed_with_its_password(app: Flask, here: Visitor, owner: User, session: Session) -> None:
    elsewhere = Visitor(app, owner)
    assert here.post("/account/closing", password="bukan ini").status_code == 422
    answer = here.post("/account/closing", password=factories.PASSWORD)
    assert answer.location == "/"
    assert "sudah ditutup" in here.get("/privacy").text
    assert elsewhere.get("/home").status_code == 303
    assert elsewhere.call("GET", "/me").status_code == 401
    assert here.post("/sign-in", email="owner@example.com", password=factories.PASSWORD).status_code == 422
    session.refresh(owner)
    assert "Ani" not in (owner.name, owner.email)
    assert outbox.kinds(session, "owner@example.com") == ["account_closed"]


def test_the_last_owner_cannot_close(app: Flask, people: Cast, session: Session) -> None:
    owner = Visitor(app, people.owner_a)
    page = owner.get("/account/closing").text
    assert "Klinik Melati" in page
    assert 'name="password"' not in page
    assert owner.post("/account/closing", password=factories.PASSWORD).status_code == 409
    session.refresh(people.owner_a)
    assert people.owner_a.closed_at is None
    assert owner.get("/home").status_code == 200
