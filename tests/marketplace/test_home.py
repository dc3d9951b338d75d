"""The owner's home: the way to first value, read from rows."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Connection, ConnectionState, NumberState, Role, Variant, event
from marketplace.blueprints.home import ANSWERED
from tests import factories
from tests.cast import Cast
from tests.marketplace.visiting import Visitor


@pytest.fixture
def owner(app: Flask, people: Cast, session: Session) -> Visitor:
    people.owner_b.language = "en"
    session.commit()
    return Visitor(app, people.owner_b)


def steps(page: str) -> list[str]:
    """``done``, ``next`` or an empty word for each step shown."""
    return re.findall(r'class="checklist-step(?: is-(\w+))?"', page)


def test_the_steps_follow_the_rows(owner: Visitor, people: Cast, session: Session) -> None:
    place = people.business_b
    assert steps(owner.get("/home").text) == ["done", "next", "", ""]
    number = factories.number(session, place)
    session.commit()
    assert steps(owner.get("/home").text) == ["done", "done", "next", ""]
    bot = factories.installation(session, number, factories.listing(session), people.owner_b)
    session.commit()
    page = owner.get("/home").text
    assert steps(page) == ["done", "done", "done", "next"]
    assert f"/installations/{bot.code}" in page
    event.record(session, ANSWERED, subject=bot, business_id=place.id)
    session.commit()
    assert steps(owner.get("/home").text) == []


def test_the_next_step_is_one_press_away(owner: Visitor, people: Cast) -> None:
    assert f'href="/businesses/{people.business_b.code}/numbers/new"' in owner.get("/home").text


def test_a_viewer_is_not_offered_what_is_not_theirs(app: Flask, people: Cast) -> None:
    page = Visitor(app, people.viewer).get("/home").text
    assert "numbers/new" not in page
    assert steps(page) == ["done", "next", "", ""]


def test_a_lost_number_is_told_first(owner: Visitor, people: Cast, session: Session) -> None:
    number = factories.number(session, people.business_b, state=NumberState.DISCONNECTED)
    session.commit()
    page = owner.get("/home").text
    assert "is disconnected" in page
    assert f"/numbers/{number.code}" in page


def test_a_stopped_connection_waits(owner: Visitor, people: Cast, session: Session) -> None:
    connection = Connection(
        business_id=people.business_b.id,
        started_by_id=people.owner_b.id,
        variant=Variant.POPUP,
        state=ConnectionState.FAILED,
        expires_at=clock.now(session),
    )
    session.add(connection)
    session.commit()
    page = owner.get("/home").text
    assert "Connecting a number has stopped" in page
    assert "&lt;" not in page
    assert f"/connections/{connection.code}" in page


def test_a_live_number_without_a_bot_is_mentioned_once_all_runs(owner: Visitor, people: Cast, session: Session) -> None:
    bot = factories.installation(
        session, factories.number(session, people.business_b), factories.listing(session), people.owner_b
    )
    event.record(session, ANSWERED, subject=bot, business_id=people.business_b.id)
    factories.number(session, people.business_b)
    session.commit()
    assert "has no bot yet" in owner.get("/home").text


def test_somebody_without_a_business_opens_the_first_here(app: Flask, people: Cast) -> None:
    page = Visitor(app, people.developer).get("/home").text
    assert 'action="/businesses"' in page


def test_every_business_of_a_person_is_there(app: Flask, people: Cast, session: Session) -> None:
    factories.member(session, people.business_b, Role.VIEWER, people.owner_a)
    session.commit()
    page = Visitor(app, people.owner_a).get("/home").text
    assert "Klinik Melati" in page
    assert "Toko Beringin" in page


def test_a083_home_is_not_kept_by_the_browser(owner: Visitor) -> None:
    assert owner.get("/home").headers["Cache-Control"] == "no-store"
