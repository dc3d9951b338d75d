"""Businesses and the people in them."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.errors import Refused
from catalog.models import Business, Event, Login, PersonalToken, Role, User
from tests import factories


def test_a_description_is_changed_and_on_record(session: Session) -> None:
    owner = factories.user(session)
    place = factories.business(session, owner)
    place.describe(session, owner, name="Klinik Mawar", zone="Asia/Jayapura", language="id")
    session.commit()
    assert (place.name, place.zone_label) == ("Klinik Mawar", "WIT")
    event = session.scalars(select(Event).where(Event.kind == "business.described")).one()
    assert event.data == {"changed": ["name", "zone"]}


def test_describing_nothing_new_leaves_no_trace(session: Session) -> None:
    owner = factories.user(session)
    place = factories.business(session, owner)
    place.describe(session, owner, name=place.name)
    assert session.scalar(select(func.count()).select_from(Event).where(Event.kind == "business.described")) == 0


def test_only_living_memberships_count(session: Session) -> None:
    owner = factories.user(session)
    place = factories.business(session, owner)
    agent = factories.member(session, place, Role.AGENT)
    assert Business.of(session, agent) == [place]
    place.remove(session, next(m for m in place.team(session) if m.user_id == agent.id), owner)
    assert Business.of(session, agent) == []


def test_a_closed_account_forgets_the_person(session: Session) -> None:
    owner = factories.user(session)
    place = factories.business(session, owner)
    person = factories.member(session, place, Role.AGENT, factories.user(session, "Pergi@example.com", name="Pergi"))
    _, cookie = Login.start(session, person)
    _, token = PersonalToken.issue(session, person, "skrip")
    session.flush()
    person.close(session)
    session.commit()
    assert User.by_email(session, "pergi@example.com") is None
    assert Login.by_token(session, cookie) is None
    assert PersonalToken.by_token(session, token) is None
    assert [m.user_id for m in place.team(session)] == [owner.id]
    assert "Pergi" not in (person.name, person.email)
    assert not person.has_password(factories.PASSWORD)
    assert factories.user(session, "pergi@example.com").id != person.id


def test_the_last_owner_stays(session: Session) -> None:
    owner = factories.user(session)
    place = factories.business(session, owner)
    with pytest.raises(Refused, match="last_owner"):
        owner.close(session)
    factories.member(session, place, Role.OWNER)
    owner.close(session)
    assert owner.closed_at is not None
