"""Invitations: mailed, taken up, withdrawn."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Invitation, Role, User
from marketplace import throttle
from tests import factories
from tests.cast import Cast
from tests.marketplace import outbox
from tests.marketplace.visiting import Visitor

EMAIL = "baru@example.com"
PASSWORD = "jembatan kayu tua"


@pytest.fixture
def owner(app: Flask, people: Cast) -> Visitor:
    return Visitor(app, people.owner_a)


@pytest.fixture
def link(owner: Visitor, people: Cast, session: Session) -> str:
    """The mailed link of an invitation for an agent."""
    answer = owner.post(f"/businesses/{people.business_a.code}/invitations", email=EMAIL, role="agent")
    assert answer.status_code == 303
    return outbox.path(session, EMAIL)


def role(session: Session, people: Cast, email: str = EMAIL) -> Role | None:
    session.expire_all()
    user = User.by_email(session, email)
    return people.business_a.role_of(session, user) if user else None


def test_a_new_person_signs_up_on_the_way_and_joins(
    app: Flask, link: str, people: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "EVEN_SECONDS", 0.0)
    visitor = Visitor(app)
    page = visitor.get(link).text
    assert "Ani" in page
    assert "Klinik Melati" in page
    assert f"/sign-up?next={link}&amp;email=baru@example.com" in page
    visitor.post("/sign-up", name="Baru", email=EMAIL, password=PASSWORD, next=link)
    proof = outbox.path(session, EMAIL)
    assert visitor.post(proof, next=link).location == link
    assert 'action="' + link in visitor.get(link).text
    assert visitor.post(link).location == "/home"
    assert role(session, people) is Role.AGENT
    assert "Klinik Melati" in visitor.get("/home").text
    assert visitor.get(link).status_code == 404


def test_somebody_with_an_account_signs_in_and_joins(app: Flask, link: str, people: Cast, session: Session) -> None:
    factories.user(session, EMAIL)
    session.commit()
    visitor = Visitor(app)
    assert visitor.post("/sign-in", email=EMAIL, password=factories.PASSWORD, next=link).location == link
    visitor.post(link)
    assert role(session, people) is Role.AGENT


def test_an_invitation_waits_at_home(app: Flask, link: str, people: Cast, session: Session) -> None:
    person = factories.user(session, EMAIL.upper())
    session.commit()
    visitor = Visitor(app, person)
    code = session.scalars(select(Invitation.code)).one()
    assert f"/invitations/{code}/acceptance" in visitor.get("/home").text
    assert visitor.post(f"/invitations/{code}/acceptance").status_code == 303
    assert role(session, people) is Role.AGENT
    assert visitor.post(f"/invitations/{code}/acceptance").status_code == 404


def test_the_link_is_for_the_invited_address_only(app: Flask, link: str, people: Cast, session: Session) -> None:
    other = Visitor(app, people.owner_b)
    page = other.get(link).text
    assert "owner.b@example.com" in page
    assert f'name="next" value="{link}"' in page
    answer = other.post(link)
    assert answer.status_code == 409
    assert EMAIL in answer.text
    assert role(session, people, "owner.b@example.com") is None


def test_a056_taking_up_somebody_elses_invitation_looks_like_none(
    app: Flask, link: str, people: Cast, session: Session
) -> None:
    other = Visitor(app, people.owner_b)
    code = session.scalars(select(Invitation.code)).one()
    foreign, missing = (other.post(f"/invitations/{one}/acceptance") for one in (code, uuid4()))
    assert (foreign.status_code, foreign.data) == (404, missing.data)


def test_a_withdrawn_invitation_is_dead(app: Flask, owner: Visitor, link: str, session: Session) -> None:
    code = session.scalars(select(Invitation.code)).one()
    assert owner.post(f"/invitations/{code}/revocation").status_code == 303
    assert Visitor(app).get(link).status_code == 404
    assert owner.post(f"/invitations/{code}/revocation").status_code == 303


def test_an_invitation_lasts_seven_days(app: Flask, link: str, people: Cast, session: Session) -> None:
    person = factories.user(session, EMAIL)
    clock.advance(session, 7 * 24 * 3600 + 1)
    session.commit()
    visitor = Visitor(app, person)
    assert visitor.get(link).status_code == 404
    assert visitor.post(link).status_code == 404
    assert "Klinik Melati" not in visitor.get("/home").text
    assert role(session, people) is None


def test_inviting_again_replaces_the_first(
    app: Flask, owner: Visitor, link: str, people: Cast, session: Session
) -> None:
    owner.post(f"/businesses/{people.business_a.code}/invitations", email="BARU@example.com", role="manager")
    assert Visitor(app).get(link).status_code == 404
    assert len(Invitation.open_of(session, people.business_a)) == 1


@pytest.mark.parametrize(
    ("email", "role", "sentence"),
    [
        ("bukan", "agent", "nama@usaha.co.id"),
        (EMAIL, "admin", "Pilih salah satu"),
        ("Manager@example.com", "agent", "sudah ada di tim"),
    ],
)
def test_a_mistake_invites_nobody(
    owner: Visitor, people: Cast, session: Session, email: str, role: str, sentence: str
) -> None:
    answer = owner.post(f"/businesses/{people.business_a.code}/invitations", email=email, role=role)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert email in answer.text
    assert session.scalars(select(Invitation)).all() == []


def test_the_mail_speaks_the_language_of_its_reader(owner: Visitor, people: Cast, session: Session) -> None:
    factories.user(session, "english@example.com", language="en")
    session.commit()
    path = f"/businesses/{people.business_a.code}/invitations"
    owner.post(path, email="english@example.com", role="viewer")
    owner.post(path, email=EMAIL, role="viewer")
    assert [outbox.last(session, one).language for one in ("english@example.com", EMAIL)] == ["en", "id"]


def test_the_link_is_kept_from_caches_and_other_sites(app: Flask, link: str) -> None:
    answer = Visitor(app).get(link)
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_invitations_are_counted_per_person(owner: Visitor, people: Cast) -> None:
    path = f"/businesses/{people.business_a.code}/invitations"
    codes = [owner.post(path, email=f"n{n}@example.com", role="viewer").status_code for n in range(31)]
    assert codes == [303] * 30 + [429]
