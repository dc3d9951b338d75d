"""The store for programs."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog.models import Installation, Listing, Notice, Number, PersonalToken, Role, User
from tests import factories
from tests.marketplace.visiting import ORIGIN, Visitor


@pytest.fixture
def owner(session: Session) -> User:
    return factories.user(session, language="en")


@pytest.fixture
def number(session: Session, owner: User) -> Number:
    return factories.number(session, factories.business(session, owner))


@pytest.fixture
def listing(session: Session) -> Listing:
    return factories.listing(session, "satu", name="Bot Satu")


@pytest.fixture
def api(app: Flask, session: Session, owner: User, number: Number, listing: Listing) -> Visitor:
    session.commit()
    return Visitor(app, owner)


def order(number: Number, **more: object) -> dict[str, object]:
    return {"listing": "satu", "number": str(number.code), "agreed": True, **more}


def test_a_program_installs_configures_pauses_resumes_and_uninstalls(api: Visitor, number: Number) -> None:
    made = api.call("POST", "/installations", order(number, settings={"greeting": "Hi"}))
    assert made.status_code == 201
    code = made.json["code"]
    path = f"/installations/{code}"
    assert made.json["settings"] == {"greeting": "Hi"}
    assert api.call("PATCH", path, {"settings": {"greeting": "Hello"}}).json["settings"] == {"greeting": "Hello"}
    assert api.call("POST", f"{path}/pauses").json["state"] == "paused"
    assert api.call("POST", f"{path}/resumptions").json["state"] == "active"
    assert api.call("GET", "/numbers").json["numbers"][0]["installation"] == code
    assert api.call("DELETE", path).json["state"] == "uninstalled"
    assert api.call("POST", f"/numbers/{number.code}/release").json["state"] == "released"


def test_a_program_reads_the_store(api: Visitor) -> None:
    assert api.call("GET", "/me").json["language"] == "en"
    assert len(api.call("GET", "/categories").json["categories"]) == 16
    assert api.call("GET", "/listings?q=satu").json["listings"][0]["slug"] == "satu"
    detail = api.call("GET", "/listings/satu").json
    assert detail["permissions"] == ["phone"]
    assert detail["defaults"] == {"greeting": "Halo"}


def test_a_program_founds_a_business(api: Visitor) -> None:
    made = api.call("POST", "/businesses", {"name": "Toko Baru", "zone": "Asia/Makassar"})
    assert made.status_code == 201
    assert made.json["role"] == "owner"
    assert made.json["code"] in {one["code"] for one in api.call("GET", "/businesses").json["businesses"]}
    link = api.call("GET", f"/businesses/{made.json['code']}/connections").json["signup_url"]
    assert link == f"http://localhost:8000/businesses/{made.json['code']}/numbers/new"


def test_a_program_invites_a_teammate_by_mail(api: Visitor, session: Session, number: Number) -> None:
    path = f"/businesses/{number.business.code}/invitations"
    made = api.call("POST", path, {"email": "Rina@Klinik.test", "role": "agent"})
    assert made.status_code == 201
    assert made.json["email"] == "rina@klinik.test"
    assert session.query(Notice).filter_by(kind="invitation", email="rina@klinik.test").count() == 1
    refused = api.call("POST", path, {"email": "no address", "role": "king"})
    assert set(refused.json["error"]["fields"]) == {"email", "role"}


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer pbt_wrong", "Basic abc"])
def test_without_a_good_token_nothing_answers(app: Flask, session: Session, header: str) -> None:
    answer = app.test_client().get(
        "/api/v1/me", base_url="http://localhost:8000", headers={"Authorization": header} if header else {}
    )
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "signed_out"


def test_a_revoked_token_is_dead(app: Flask, session: Session, api: Visitor) -> None:
    row = PersonalToken.by_token(session, api.token)
    assert row is not None
    row.revoke(session)
    session.commit()
    assert api.call("GET", "/me").status_code == 401


def test_a_cookie_is_no_token(api: Visitor) -> None:
    assert api.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "listing"),
        ({"agreed": False}, "agreed"),
        ({"number": "1"}, "number"),
        ({"wrong": 1}, "wrong"),
        ({"settings": {"greeting": "x" * 61}}, "settings.greeting"),
        ({"settings": {"nope": 1}}, "settings.nope"),
    ],
)
def test_bad_input_is_refused_with_the_field_named(
    api: Visitor, number: Number, body: dict[str, object], field: str
) -> None:
    answer = api.call("POST", "/installations", {**order(number), **body} if body else {})
    assert answer.status_code == 422
    assert field in answer.json["error"]["fields"]
    assert answer.json["error"]["fields"][field]


def test_a055_a_strangers_row_looks_like_a_missing_one(
    app: Flask, session: Session, owner: User, number: Number, listing: Listing
) -> None:
    installation = factories.installation(session, number, listing, owner)
    stranger = factories.user(session)
    session.commit()
    other = Visitor(app, stranger)
    for method, path in [
        ("GET", "/installations/{}"),
        ("PATCH", "/installations/{}"),
        ("DELETE", "/installations/{}"),
        ("POST", "/installations/{}/pauses"),
    ]:
        body = {"settings": {}} if method == "PATCH" else None
        foreign = other.call(method, path.format(installation.code), body)
        missing = other.call(method, path.format(uuid4()), body)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json["error"]["message"] == missing.json["error"]["message"]
    assert other.call("POST", "/installations", order(number)).status_code == 404


def test_a_weak_role_is_told_so(app: Flask, session: Session, number: Number, listing: Listing) -> None:
    agent = factories.member(session, number.business, Role.AGENT)
    session.commit()
    answer = Visitor(app, agent).call("POST", "/installations", order(number))
    assert answer.status_code == 403
    assert session.query(Installation).count() == 0


def test_a_second_bot_needs_to_say_what_it_replaces(
    api: Visitor, session: Session, owner: User, number: Number
) -> None:
    factories.listing(session, "dua")
    session.commit()
    first = api.call("POST", "/installations", order(number)).json["code"]
    clash = api.call("POST", "/installations", order(number, listing="dua"))
    assert clash.status_code == 409
    assert clash.json["error"]["code"] == "number_has_other_bot"
    assert api.call("POST", "/installations", order(number, listing="dua", replacing=first)).status_code == 201


@pytest.mark.parametrize("path", ["/listings/%00", "/listings?category=%00", "/listings?q=%00"])
def test_a006_a_sign_no_column_can_hold_is_no_failure(api: Visitor, path: str) -> None:
    assert api.call("GET", path).status_code in (200, 400)
    assert api.get(path.replace("/listings?", "/search?")).status_code in (200, 400)


def test_a006_nul_in_a_body_is_a_bad_request(api: Visitor, number: Number) -> None:
    assert api.call("POST", "/installations", order(number, listing="\0")).status_code == 400


def test_a034_brackets_without_end_are_a_bad_request(api: Visitor) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    answer = api.client.post("/api/v1/businesses", data="[" * 100_000, base_url=ORIGIN, headers=headers)
    assert answer.status_code in (400, 422)


def test_a008_a_name_from_a_program_is_one_line_that_hides_nothing(api: Visitor) -> None:
    made = api.call("POST", "/businesses", {"name": "Kopi\r\nBcc: x@y.test \u202eTepi\0"})
    assert (made.status_code, made.json["name"]) == (201, "Kopi Bcc: x@y.test Tepi")
    assert api.call("POST", "/businesses", {"name": "\u202e\u200b\0a"}).status_code == 422


def test_the_document_describes_every_call(app: Flask, session: Session) -> None:
    document = app.test_client().get("/api/v1/openapi.json", base_url="http://localhost:8000").json
    described = {(method.upper(), path) for path, calls in document["paths"].items() for method in calls}
    served = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi":
            path = rule.rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}")
            served |= {(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert served <= described
    assert all(call.get("summary") for calls in document["paths"].values() for call in calls.values())
