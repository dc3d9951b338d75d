"""The language of a page, and switching it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.models import User
from catalog.web.language import lazy, t
from tests.cast import Cast
from tests.catalog.web.conftest import ORIGIN, SignIn


def spoken(client: FlaskClient, asked: str = "") -> str | None:
    headers = {"Accept-Language": asked} if asked else {}
    return client.get("/design", base_url=ORIGIN, headers=headers).headers["Content-Language"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("", "id"),
        ("fr,de;q=0.5", "id"),
        ("en-US,en;q=0.9", "en"),
        ("id-ID,en;q=0.5", "id"),
        ("in-ID,en;q=0.5", "id"),
        ("en;q=0.5,id;q=0.9", "id"),
        ("ms;q=0.9,en;q=0.1", "en"),
    ],
)
def test_the_browser_is_asked_and_indonesian_is_the_default(client: FlaskClient, asked: str, answer: str) -> None:
    assert spoken(client, asked) == answer


def test_a_switch_beats_the_browser_and_lasts(client: FlaskClient) -> None:
    answer = client.post("/language", base_url=ORIGIN, data={"language": "en", "next": "/design"})
    assert (answer.status_code, answer.location) == (303, "/design")
    assert spoken(client, "id") == "en"


def test_a_signed_in_persons_language_is_theirs_and_the_switch_keeps_it(
    session: Session, cast: Cast, sign_in: SignIn
) -> None:
    browser = sign_in(cast.owner_a)
    assert spoken(browser, "en") == "id"
    browser.post("/language", base_url=ORIGIN, data={"language": "en"})
    session.expire_all()
    assert session.get_one(User, cast.owner_a.id).language == "en"
    assert spoken(browser) == "en"


def test_an_unknown_language_or_theme_changes_nothing(client: FlaskClient) -> None:
    for path, field in (("/language", "language"), ("/theme", "theme")):
        answer = client.post(path, base_url=ORIGIN, data={field: "klingon", "next": "//evil.example"})
        assert (answer.status_code, answer.location) == (303, "/")
        assert "Set-Cookie" not in answer.headers


def test_a_theme_is_remembered_and_written_into_the_page(client: FlaskClient) -> None:
    assert "data-theme=" not in client.get("/design", base_url=ORIGIN).text.partition("<head>")[0]
    client.post("/theme", base_url=ORIGIN, data={"theme": "dark"})
    assert '<html lang="id" data-theme="dark">' in client.get("/design", base_url=ORIGIN).text


def test_labels_are_looked_up_when_they_are_shown(app: Flask) -> None:
    label = lazy("common.action.save")
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert str(label) == t("common.action.save") == "Save"
    with app.test_request_context("/", headers={"Accept-Language": "id"}):
        assert str(label) == "Simpan"
