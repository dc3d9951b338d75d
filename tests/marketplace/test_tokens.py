"""Personal tokens."""

import re
from uuid import uuid4

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import PersonalToken
from tests import factories
from tests.cast import Cast
from tests.marketplace.visiting import Visitor


def make(visitor: Visitor, name: str = "laporan harian") -> str:
    answer = visitor.post("/account/tokens", name=name)
    assert answer.status_code == 201
    found = re.search(r"pbt_[\w-]{43}", answer.text)
    assert found is not None
    return found.group()


def test_a_token_is_shown_once_and_works(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    visitor = Visitor(app, person)
    token = make(visitor)
    page = visitor.get("/account/tokens").text
    assert token not in page
    assert "laporan harian" in page
    visitor.token = token
    assert visitor.call("GET", "/me").status_code == 200
    assert token not in str([row.__dict__ for row in session.scalars(select(PersonalToken))])


def test_the_page_with_the_token_is_not_kept(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    answer = Visitor(app, person).post("/account/tokens", name="skrip")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_revoked_token_is_dead(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    visitor = Visitor(app, person)
    visitor.token = make(visitor)
    code = session.scalars(select(PersonalToken.code).where(PersonalToken.name == "laporan harian")).one()
    assert visitor.post(f"/account/tokens/{code}/revocation").status_code == 303
    assert visitor.call("GET", "/me").status_code == 401
    assert visitor.post(f"/account/tokens/{code}/revocation").status_code == 404


def test_a056_somebody_elses_token_is_not_there(app: Flask, people: Cast, session: Session) -> None:
    theirs = Visitor(app, people.owner_b)
    code = session.scalars(select(PersonalToken.code).where(PersonalToken.user_id == people.owner_b.id)).one()
    me = Visitor(app, people.owner_a)
    foreign, missing = (me.post(f"/account/tokens/{one}/revocation") for one in (code, uuid4()))
    assert (foreign.status_code, foreign.data) == (404, missing.data)
    assert theirs.call("GET", "/me").status_code == 200


def test_a_token_needs_a_purpose(app: Flask, session: Session) -> None:
    person = factories.user(session)
    session.commit()
    answer = Visitor(app, person).post("/account/tokens", name="  ")
    assert answer.status_code == 422
    assert "belum diisi" in answer.text
    assert "pbt_" not in answer.text


def test_twenty_tokens_are_enough(app: Flask, session: Session) -> None:
    person = factories.user(session)
    for n in range(20):
        PersonalToken.issue(session, person, f"t{n}")
    session.commit()
    visitor = Visitor(app)
    visitor.post("/sign-in", email=person.email, password=factories.PASSWORD)
    assert 'name="name"' not in visitor.get("/account/tokens").text
    answer = visitor.post("/account/tokens", name="satu lagi")
    assert answer.status_code == 422
