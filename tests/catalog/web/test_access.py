"""Who comes in where: one function fetches and refuses, and a route without a rule is closed."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.errors import NotFound
from catalog.models import PersonalToken
from catalog.web.access import as_uuid
from catalog.web.db import db
from tests.cast import Cast
from tests.catalog.web.conftest import ORIGIN, SignIn


def get(client: FlaskClient, path: str, **headers: str) -> tuple[int, str]:
    answer = client.get(path, base_url=ORIGIN, headers=headers)
    return answer.status_code, answer.text


def test_a055_a_stranger_sees_no_difference_between_foreign_and_missing(cast: Cast, sign_in: SignIn) -> None:
    stranger = sign_in(cast.owner_b)
    foreign = get(stranger, f"/businesses/{cast.business_a.code}")
    missing = get(stranger, f"/businesses/{uuid4()}")
    nonsense = get(stranger, "/businesses/1")
    assert foreign[0] == 404
    assert strip(foreign[1], str(cast.business_a.code)) == strip(missing[1])
    assert nonsense[0] == 404


def strip(page: str, *codes: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "CODE", page)


@pytest.mark.parametrize(("role", "status"), [("owner_a", 200), ("manager", 200), ("agent", 403), ("viewer", 403)])
def test_a_weak_role_is_refused_and_a_strong_one_is_not(cast: Cast, sign_in: SignIn, role: str, status: int) -> None:
    assert get(sign_in(cast.user(role)), f"/businesses/{cast.business_a.code}")[0] == status


def test_a_former_member_is_a_stranger(session: Session, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.manager)
    member = next(one for one in cast.business_a.team(session) if one.user_id == cast.manager.id)
    cast.business_a.remove(session, member, cast.owner_a)
    session.commit()
    assert get(browser, f"/businesses/{cast.business_a.code}")[0] == 404


def test_whoever_is_not_signed_in_goes_to_the_sign_in_page_and_back(client: FlaskClient) -> None:
    answer = client.get("/mine?page=2", base_url=ORIGIN, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/mine%3Fpage%3D2"


def test_the_desk_sends_people_to_the_store_to_sign_in(build) -> None:
    answer = build(face="pages").test_client().get("/mine", base_url="http://localhost:8003")
    assert answer.location == "http://localhost:8000/sign-in?next=http%3A//localhost%3A8003/mine"


def test_a_form_of_nobody_gets_401(client: FlaskClient) -> None:
    assert client.post("/mine", base_url=ORIGIN).status_code == 401


def test_the_back_office_does_not_exist_for_others(cast: Cast, sign_in: SignIn) -> None:
    assert get(sign_in(cast.owner_a), "/staff")[0] == 404
    assert get(sign_in(cast.staff), "/staff")[0] == 200


def test_a_route_without_a_rule_is_closed(client: FlaskClient) -> None:
    assert get(client, "/forgotten")[0] == 500


def test_a_route_for_members_that_checks_nobody_sends_nothing(cast: Cast, sign_in: SignIn) -> None:
    status, page = get(sign_in(cast.owner_a), f"/careless/{cast.business_b.code}")
    assert status == 500
    assert "nobody asked" not in page


def test_a_personal_token_acts_with_the_rights_of_its_person(app: Flask, session: Session, cast: Cast) -> None:
    _row, secret = PersonalToken.issue(session, cast.owner_a, "laptop")
    session.commit()
    client = app.test_client()
    own, foreign = (f"/api/v1/businesses/{one.code}" for one in (cast.business_a, cast.business_b))
    assert get(client, own)[0] == 401
    assert get(client, own, Authorization=f"Bearer {secret}x")[0] == 401
    assert get(client, own, Authorization=f"Basic {secret}")[0] == 401
    assert get(client, own, Authorization=f"Bearer {secret}") == (200, "Klinik Melati")
    assert get(client, foreign, Authorization=f"Bearer {secret}")[0] == 404


def test_a_cookie_opens_no_door_of_the_api(cast: Cast, sign_in: SignIn) -> None:
    assert get(sign_in(cast.owner_a), f"/api/v1/businesses/{cast.business_a.code}")[0] == 401


def test_a_code_that_is_no_uuid_is_a_thing_that_does_not_exist(app: Flask) -> None:
    with app.app_context(), pytest.raises(NotFound):
        as_uuid("1 OR 1=1")
    with app.app_context():
        db.session.remove()
