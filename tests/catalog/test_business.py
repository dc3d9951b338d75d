"""Businesses and the people in them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from catalog.db import session_factory
from catalog.errors import Refused
from catalog.models import Business, Event, Invitation, Login, Membership, PersonalToken, Role, User
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


def test_two_owners_who_leave_at_once_leave_one(engine: Engine, session: Session) -> None:
    one, two = factories.user(session), factories.user(session)
    place = factories.business(session, one)
    session.add(Membership(user=two, business=place, role=Role.OWNER))
    session.commit()
    with session_factory(engine)() as late:
        seen = late.get_one(Business, place.id)
        mine = next(member for member in seen.team(late) if member.user_id == two.id)
        place.remove(session, next(m for m in place.team(session) if m.user_id == one.id), one)
        session.commit()
        with pytest.raises(Refused, match="last_owner"):
            seen.remove(late, mine, mine.user)


def together(engine: Engine, act: Callable[[Session], Any]) -> None:
    """Six sessions do the same at the same time, and none may fail."""
    start = Barrier(6)

    def press(_: int) -> None:
        with session_factory(engine)() as mine:
            start.wait()
            act(mine)
            mine.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(6)))


def test_f51_inviting_six_times_at_once_leaves_one_invitation(engine: Engine, session: Session) -> None:
    owner = factories.user(session)
    place = factories.business(session, owner)
    session.commit()
    codes = place.id, owner.id

    def invite(mine: Session) -> None:
        by = mine.get_one(User, codes[1])
        Invitation.send(mine, mine.get_one(Business, codes[0]), "sari@kopi.test", Role.AGENT, by)

    together(engine, invite)
    assert len(Invitation.open_of(session, place)) == 1


def test_f51_joining_six_times_at_once_makes_one_membership(engine: Engine, session: Session) -> None:
    owner, guest = factories.user(session), factories.user(session)
    place = factories.business(session, owner)
    invitation, _ = Invitation.send(session, place, guest.email, Role.AGENT, owner)
    session.commit()
    ids = invitation.id, guest.id
    together(engine, lambda mine: mine.get_one(Invitation, ids[0]).accept(mine, mine.get_one(User, ids[1])))
    assert [member.role for member in place.team(session)] == [Role.OWNER, Role.AGENT]
