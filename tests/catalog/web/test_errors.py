"""Errors: a status, a sentence in the reader's language, a way on, never a trace."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog import texts
from catalog.web import setup
from catalog.web.errors import NAMES
from catalog.web.limits import limiter
from tests.catalog.web.conftest import ORIGIN, Build

JSON = {"Accept": "application/json", "Accept-Language": "en"}


@pytest.mark.parametrize(("language", "title"), [("id", "Lapaknya tidak ketemu"), ("en", "No stall at this address")])
def test_a_missing_page_is_a_page(client: FlaskClient, language: str, title: str) -> None:
    answer = client.get("/nowhere", base_url=ORIGIN, headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert f"<h1>{title}</h1>" in answer.text


def test_a093_a_failure_shows_its_id_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/broken", base_url=ORIGIN)
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    for secret in ("4711", "Traceback", "RuntimeError", ".py"):
        assert secret not in answer.text


def test_programs_get_json(client: FlaskClient) -> None:
    answer = client.get("/broken", base_url=ORIGIN, headers=JSON)
    assert answer.json == {
        "error": {
            "code": "failed",
            "message": texts.text("en", "errors.page.500.text"),
            "id": answer.headers["X-Request-Id"],
        }
    }


def test_the_api_speaks_json_to_everybody(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nowhere", base_url=ORIGIN, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "not_found"


def test_a_rule_that_says_no_says_why(client: FlaskClient) -> None:
    answer = client.get("/taken", base_url=ORIGIN, headers={"Accept-Language": "id"})
    assert answer.status_code == 409
    assert texts.text("id", "errors.number_taken") in answer.text
    assert client.get("/taken", base_url=ORIGIN, headers=JSON).get_json()["error"]["code"] == "number_taken"


def test_a_wrong_form_names_its_fields(client: FlaskClient) -> None:
    answer = client.get("/wrong", base_url=ORIGIN, headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["fields"] == {"email": texts.text("en", "common.form.error.email")}


def test_a037_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/design", base_url=ORIGIN)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a036_a_body_that_is_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post("/language", base_url=ORIGIN, environ_overrides={"CONTENT_LENGTH": str(50 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "8,4" in answer.text


def test_too_many_tries_are_told_to_wait(client: FlaskClient) -> None:
    answers = [client.get("/often", base_url=ORIGIN) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"]


def test_limits_hold_in_memory_while_valkey_is_away(build: Build) -> None:
    client = build(REDIS_URL="redis://127.0.0.1:1/0").test_client()
    try:
        assert [client.get("/often", base_url=ORIGIN).status_code for _ in range(3)][-1] == 429
    finally:
        # The limiter is one for the process and would think the next test's Valkey dead too.
        limiter._storage_dead = False


def test_a_database_that_is_away_is_503_even_for_the_signed_in(build: Build, app) -> None:
    away = build(DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none")
    client = away.test_client()
    with client.session_transaction(base_url=ORIGIN) as kept:
        kept["_user_id"] = "somebody"
    answer = client.get("/mine", base_url=ORIGIN)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_f17_a_table_locked_elsewhere_is_503_and_keeps_no_thread(
    build: Build, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "STATEMENT_SECONDS", 1)
    client = build().test_client()
    session.execute(text("LOCK TABLE login IN ACCESS EXCLUSIVE MODE"))
    with client.session_transaction(base_url=ORIGIN) as kept:
        kept["_user_id"] = "somebody"
    assert client.get("/mine", base_url=ORIGIN).status_code == 503
    session.rollback()
    assert client.get("/mine", base_url=ORIGIN).status_code == 303


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_has_its_words(language: str, status: int) -> None:
    for part in ("title", "text"):
        assert texts.text(language, f"errors.page.{status}.{part}", max="8 MB")
    assert status in NAMES
