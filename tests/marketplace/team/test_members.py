"""Roles, removing, leaving."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Membership, Role, User
from tests import factories
from tests.cast import Cast
from tests.marketplace.visiting import Visitor


def membership(session: Session, user: User) -> Membership:
    return session.scalars(select(Membership).where(Membership.user_id == user.id)).one()


@pytest.fixture
def owner(app: Flask, people: Cast) -> Visitor:
    return Visitor(app, people.owner_a)


def test_the_team_sees_itself(app: Flask, people: Cast) -> None:
    path = f"/businesses/{people.business_a.code}/team"
    for person in (people.owner_a, people.manager, people.agent, people.viewer):
        page = Visitor(app, person).get(path).text
        assert all(one.email in page for one in (people.owner_a, people.manager, people.agent, people.viewer))
        assert ('name="role"' in page) is (person is people.owner_a)


def test_an_owner_changes_a_role(owner: Visitor, people: Cast, session: Session) -> None:
    member = membership(session, people.agent)
    assert owner.post(f"/memberships/{member.code}/role", role="manager").status_code == 303
    session.refresh(member)
    assert member.role is Role.MANAGER


@pytest.mark.parametrize("role", ["admin", "", "staff"])
def test_a057_a_role_that_is_none_is_refused(owner: Visitor, people: Cast, session: Session, role: str) -> None:
    member = membership(session, people.agent)
    assert owner.post(f"/memberships/{member.code}/role", role=role).status_code == 422
    session.refresh(member)
    assert member.role is Role.AGENT


@pytest.mark.parametrize("who", ["manager", "agent", "viewer"])
def test_a057_nobody_raises_themselves(app: Flask, people: Cast, session: Session, who: str) -> None:
    person = people.user(who)
    assert person is not None
    member = membership(session, person)
    assert Visitor(app, person).post(f"/memberships/{member.code}/role", role="owner").status_code == 403
    session.refresh(member)
    assert member.role.value == who


def test_the_last_owner_keeps_the_role(owner: Visitor, people: Cast, session: Session) -> None:
    member = membership(session, people.owner_a)
    for path, fields in (("role", {"role": "viewer"}), ("removal", {})):
        answer = owner.post(f"/memberships/{member.code}/{path}", **fields)
        assert answer.status_code == 409
        assert "minimal satu pemilik" in answer.text
    assert owner.post(f"/businesses/{people.business_a.code}/departure").status_code == 409
    session.refresh(member)
    assert (member.role, member.ended_at) == (Role.OWNER, None)


def test_with_a_second_owner_the_first_may_go(owner: Visitor, people: Cast, session: Session) -> None:
    owner.post(f"/memberships/{membership(session, people.manager).code}/role", role="owner")
    assert owner.post(f"/businesses/{people.business_a.code}/departure").location == "/home"
    assert owner.get(f"/businesses/{people.business_a.code}/team").status_code == 404


def test_a051_a_removed_member_is_out_at_once(app: Flask, owner: Visitor, people: Cast, session: Session) -> None:
    agent = Visitor(app, people.agent)
    path = f"/businesses/{people.business_a.code}/team"
    assert agent.get(path).status_code == 200
    owner.post(f"/memberships/{membership(session, people.agent).code}/removal")
    assert agent.get(path).status_code == 404
    assert "Klinik Melati" not in agent.get("/home").text
    assert people.agent.email not in owner.get(path).text


def test_removing_twice_is_once(owner: Visitor, people: Cast, session: Session) -> None:
    code = membership(session, people.agent).code
    assert [owner.post(f"/memberships/{code}/removal").status_code for _ in range(2)] == [303, 303]
    assert owner.post(f"/memberships/{code}/role", role="manager").status_code == 409


def test_anybody_but_the_last_owner_may_leave(app: Flask, people: Cast, session: Session) -> None:
    viewer = Visitor(app, people.viewer)
    assert viewer.post(f"/businesses/{people.business_a.code}/departure").location == "/home"
    assert viewer.get(f"/businesses/{people.business_a.code}/team").status_code == 404


def test_places_in_other_houses_are_not_for_owners_to_change(owner: Visitor, people: Cast, session: Session) -> None:
    for person in (people.developer, people.bsp, people.staff):
        code = membership(session, person).code
        assert owner.post(f"/memberships/{code}/removal").status_code == 404
        assert owner.post(f"/memberships/{code}/role", role="viewer").status_code == 404


def test_names_are_shown_as_text(app: Flask, people: Cast, session: Session) -> None:
    person = factories.user(session, name="<script>alert(1)</script>")
    factories.member(session, people.business_a, Role.VIEWER, person)
    session.commit()
    page = Visitor(app, people.owner_a).get(f"/businesses/{people.business_a.code}/team").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
