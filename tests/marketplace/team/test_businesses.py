"""Businesses: opened, described, switched between."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Business, Event, Role
from tests import factories
from tests.cast import Cast
from tests.marketplace.visiting import Visitor

FACTS = {"name": "Klinik Mawar", "zone": "Asia/Makassar", "language": "en", "support_contact": "0812-3456-7890"}


def test_a_business_is_opened_with_name_and_zone(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    visitor = Visitor(app, person)
    assert visitor.post("/businesses", name=" Warung  Bu Sri ", zone="Asia/Jayapura").location == "/home"
    place = session.scalars(select(Business)).one()
    assert (place.name, place.zone_label, place.role_of(session, person)) == ("Warung Bu Sri", "WIT", Role.OWNER)
    assert "Warung Bu Sri" in visitor.get("/home").text


def test_opening_one_leads_back_to_what_needed_it(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    visitor = Visitor(app, person)
    assert 'value="/numbers"' in visitor.get("/businesses/new", next="/numbers").text
    assert visitor.post("/businesses", name="Warung", zone="Asia/Jakarta", next="/numbers").location == "/numbers"
    assert visitor.post("/businesses", name="Warung", zone="Asia/Jakarta", next="//evil").location == "/home"


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 61), ("zone", "Europe/Paris"), ("zone", "")])
def test_a_mistake_opens_nothing(app: Flask, session: Session, field: str, value: str) -> None:
    person = factories.user(session)
    session.commit()
    answer = Visitor(app, person).post("/businesses", **{"name": "Warung", "zone": "Asia/Jakarta", field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert session.scalars(select(Business)).all() == []


def test_a_manager_describes_the_business(app: Flask, people: Cast, session: Session) -> None:
    code = people.business_a.code
    answer = Visitor(app, people.manager).post(f"/businesses/{code}", **FACTS)
    assert answer.status_code == 303
    session.refresh(people.business_a)
    place = people.business_a
    assert (place.name, place.zone, place.language) == ("Klinik Mawar", "Asia/Makassar", "en")
    assert place.support_contact == "+6281234567890"
    event = session.scalars(select(Event).where(Event.kind == "business.described")).one()
    assert event.actor_id == people.manager.id


@pytest.mark.parametrize("contact", ["hubungi kami", "0812", "a@b"])
def test_a_contact_nobody_can_use_is_refused(app: Flask, people: Cast, session: Session, contact: str) -> None:
    code = people.business_a.code
    answer = Visitor(app, people.owner_a).post(f"/businesses/{code}", **{**FACTS, "support_contact": contact})
    assert answer.status_code == 422
    assert "0812-3456-7890 atau email" in answer.text
    assert "Klinik Mawar" in answer.text
    session.refresh(people.business_a)
    assert people.business_a.name == "Klinik Melati"


def test_a056_a_strangers_business_looks_like_none(app: Flask, people: Cast, session: Session) -> None:
    stranger = Visitor(app, people.owner_b)
    for path in ("", "/team"):
        pages = []
        for code in (str(people.business_a.code), str(uuid4())):
            answer = stranger.get(f"/businesses/{code}{path}")
            assert answer.status_code == 404
            pages.append(answer.text.replace(code, "CODE"))
        assert pages[0] == pages[1]
    assert stranger.post(f"/businesses/{people.business_a.code}", **FACTS).status_code == 404


def test_the_shell_lists_ones_businesses_and_remembers_the_last(app: Flask, people: Cast, session: Session) -> None:
    second = factories.business(session, people.owner_a, name="Apotek Melati")
    session.commit()
    visitor = Visitor(app, people.owner_a)
    assert visitor.get("/team").location == f"/businesses/{people.business_a.code}/team"
    assert "Apotek Melati" in visitor.get("/home").text
    visitor.get(f"/businesses/{second.code}/team")
    assert visitor.get("/team").location == f"/businesses/{second.code}/team"
    assert "Toko Beringin" not in visitor.get("/home").text


def test_without_a_business_the_team_page_leads_to_one(app: Flask, people: Cast) -> None:
    assert Visitor(app, people.developer).get("/team").location == "/businesses/new"
