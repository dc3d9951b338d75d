"""The request log: who, where, how long – no bodies, no queries, no whole numbers."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from catalog.web import log
from tests.cast import Cast
from tests.catalog.web.conftest import ORIGIN, SignIn


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as found:
        yield found


def test_a_request_is_one_line_without_its_query(client: FlaskClient, lines: list[Any]) -> None:
    client.get("/?phone=6281234567890", base_url=ORIGIN)
    line = next(one for one in lines if one["event"] == "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/", 200)
    assert "6281234567890" not in str(lines)


def test_a_person_is_named_by_code_only(cast: Cast, sign_in: SignIn, lines: list[Any]) -> None:
    sign_in(cast.owner_a).get("/mine", base_url=ORIGIN)
    assert any(one.get("actor") == str(cast.owner_a.code) for one in lines)
    assert cast.owner_a.email not in str(lines)


def test_a091_refusals_are_logged_with_their_reason(cast: Cast, sign_in: SignIn, lines: list[Any]) -> None:
    sign_in(cast.owner_b).get(f"/businesses/{cast.business_a.code}", base_url=ORIGIN)
    assert any(one["event"] == "foreign row refused" and one["actor"] == str(cast.owner_b.code) for one in lines)
    assert any(one["event"] == "refused" and one["status"] == 404 for one in lines)


def test_long_numbers_are_shortened() -> None:
    event = {"event": "to +6281234567890 done", "count": 12, "timestamp": "20261122T070500000000Z"}
    assert log.mask(None, "info", event) == {
        "event": "to +…7890 done",
        "count": 12,
        "timestamp": "20261122T070500000000Z",
    }


@pytest.mark.parametrize(("given", "kept"), [("abcd-1234", True), ("x" * 65, False), ("a b\nc", False), ("", False)])
def test_a092_a_proxys_request_id_is_kept_only_if_it_is_one(client: FlaskClient, given: str, kept: bool) -> None:
    headers = {"X-Request-Id": given} if "\n" not in given else {}
    answer = client.get("/", base_url=ORIGIN, headers=headers)
    assert (answer.headers["X-Request-Id"] == given) is kept
    assert re.fullmatch(r"[A-Za-z0-9-]{8,64}", answer.headers["X-Request-Id"])
