"""The client keeps its deadline, follows nothing, tolerates everything, and tells nobody a token."""

import json
import logging
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from marketplace.graph import Graph, GraphError, errors, wire
from marketplace.graph.facts import AppFacts, NumberFacts, TokenFacts
from tests.marketplace.numbers import mean
from tests.marketplace.numbers.emulating import Emulator
from tests.marketplace.numbers.mean import Mean

TOKEN = "EAAcanary0123456789"


@pytest.fixture
def server() -> Iterator[Mean]:
    """A server that misbehaves as told."""
    with mean.serving() as running:
        yield running


@pytest.fixture
def client(server: Mean) -> Graph:
    """A client of that server."""
    return Graph(server.url, "v25.0", "1", "app-secret-canary")


def refusal(server: Mean, client: Graph) -> GraphError:
    """What the client makes of the server's answer."""
    with pytest.raises(GraphError) as raised:
        client.number("1", TOKEN)
    assert TOKEN not in "".join(traceback.format_exception(raised.value))
    return raised.value


def test_the_deadline_holds_for_a_body_that_drips(server: Mean) -> None:
    server.drips, server.body = True, b"x" * 600
    started = time.monotonic()
    with pytest.raises(GraphError) as raised:
        wire.send(wire.Call("GET", server.url, seconds=0.5))
    assert time.monotonic() - started < 2
    assert raised.value.is_transient
    assert raised.value.is_unanswered


def test_the_deadline_holds_for_headers_that_drip(server: Mean) -> None:
    server.drips_headers = True
    started = time.monotonic()
    with pytest.raises(GraphError):
        wire.send(wire.Call("GET", server.url, seconds=0.5))
    assert time.monotonic() - started < 2


def test_an_endless_answer_is_cut(server: Mean) -> None:
    server.body = b"x" * (wire.CAP_BYTES + 1)
    with pytest.raises(GraphError):
        wire.send(wire.Call("GET", server.url))


def test_a_redirect_is_not_followed(server: Mean, client: Graph) -> None:
    server.status, server.headers = 302, {"Location": f"{server.url}/elsewhere"}
    assert refusal(server, client).code is None
    assert len(server.seen) == 1


def test_proxies_and_netrc_of_the_machine_are_ignored(
    server: Mean, client: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.body = b'{"id": "1"}'
    assert client.number("1", TOKEN).phone_number_id == "1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>gateway</html>",
        b"null",
        b"[]",
        b'"error"',
        b'{"error": null}',
        b'{"error": "broken"}',
        b'{"error": {"code": "190", "message": 5, "error_data": "x", "fbtrace_id": []}}',
        b"\xff\xfe",
    ],
)
def test_errors_of_any_shape_become_a_typed_error(server: Mean, client: Graph, body: bytes) -> None:
    server.status, server.body = 400, body
    error = refusal(server, client)
    assert error.code is None
    assert not error.is_transient
    server.status = 502
    assert refusal(server, client).is_transient


def test_a_nobody_is_a_transient_error() -> None:
    with pytest.raises(GraphError) as raised:
        Graph("http://127.0.0.1:9", "v25.0", "1", "s").inspect(TOKEN)
    assert raised.value.is_transient
    assert TOKEN not in "".join(traceback.format_exception(raised.value))


def test_a_token_is_in_no_log(server: Mean, client: Graph, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.body = b'{"data": {}}'
    client.inspect(TOKEN)
    client.number("1", TOKEN)
    assert TOKEN not in caplog.text
    assert "app-secret-canary" not in caplog.text


def test_the_app_secret_and_the_code_travel_in_the_body(server: Mean, client: Graph) -> None:
    server.body = b'{"access_token": "EAAx"}'
    client.exchange("AQB-code")
    (_, path, _, sent) = server.seen[0]
    assert "AQB-code" not in path
    assert "canary" not in path
    assert b"AQB-code" in sent
    assert b"redirect_uri" not in sent


def test_calls_with_a_business_token_carry_a_proof(server: Mean) -> None:
    client = Graph(server.url, "v25.0", "1", "demo-app-secret")
    client.number("1", "EAAdemoSystemToken")
    (_, path, headers, _) = server.seen[0]
    assert "appsecret_proof=17cc089887b8c9578f18dccbc8c38d05c95c6a5f9290e0876bd42811eb6a98b1" in path
    assert headers["Authorization"] == "Bearer EAAdemoSystemToken"


@pytest.mark.parametrize("answer", ['{"access_token": "EAAx", "token_type": "bearer"}', "EAAx", "  EAAx\n"])
def test_a_token_is_read_from_json_and_from_plain_text(server: Mean, client: Graph, answer: str) -> None:
    server.body = answer.encode()
    assert client.exchange("c") == "EAAx"


@pytest.mark.parametrize("answer", ["", "{}", "<html>", '{"access_token": null}', '{"access_token": ""}', "[]"])
def test_an_answer_without_a_token_is_an_error(server: Mean, client: Graph, answer: str) -> None:
    server.body = answer.encode()
    with pytest.raises(GraphError):
        client.exchange("c")


def test_the_exchange_tries_again_when_meta_says_it_could_not(server: Mean, client: Graph) -> None:
    server.status, server.body = 503, b'{"error": {"code": 2, "message": "down", "is_transient": true}}'
    with pytest.raises(GraphError):
        client.exchange("c", seconds=3)
    assert len(server.seen) > 1


def test_the_exchange_does_not_try_again_after_silence(server: Mean, client: Graph) -> None:
    server.drips, server.body = True, b"x" * 600
    with pytest.raises(GraphError):
        client.exchange("c", seconds=2)
    assert len(server.seen) == 1


@pytest.mark.parametrize("bad", ["", "..", "1/2", "me", "1?x", "１２", "9" * 33])
def test_a_path_is_made_of_ids_only(server: Mean, client: Graph, bad: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        client.number(bad, TOKEN)
    assert not server.seen


def test_an_error_inside_a_200_is_an_error(server: Mean, client: Graph) -> None:
    server.body = b'{"error": {"code": 190, "message": "dead"}}'
    assert refusal(server, client).is_token_dead


def test_pages_of_numbers_are_followed_by_cursor_only(server: Mean, client: Graph) -> None:
    paging = {"cursors": {"after": "abc"}, "next": "http://127.0.0.1:9/evil"}
    server.body = json.dumps({"data": [{"id": "7"}], "paging": paging}).encode()
    found = client.numbers("1", TOKEN)
    assert len(found) == len(server.seen) == 4
    assert "after=abc" in server.seen[1][1]


@pytest.mark.parametrize(
    ("code", "names"),
    [(190, "is_token_dead"), (0, "is_token_dead"), (10, "is_permission_gone"), (200, "is_permission_gone"),
     (4, "is_transient"), (80007, "is_transient"), (131016, "is_transient"), (133004, "is_transient")],
)  # fmt: skip
def test_codes_mean_what_meta_says(code: int, names: str) -> None:
    assert getattr(errors.read(400, {"error": {"code": code}}), names)


def test_an_unknown_object_is_a_permission_gone() -> None:
    assert errors.read(400, {"error": {"code": 100, "error_subcode": 33}}).is_permission_gone
    assert not errors.read(400, {"error": {"code": 100}}).is_permission_gone


@pytest.mark.parametrize("junk", [None, [], "x", {"data": None}, {"data": {"granular_scopes": "x", "scopes": None}}])
def test_facts_of_a_token_tolerate_junk(junk: Any) -> None:
    facts = TokenFacts.read(junk)
    assert not facts.is_valid
    assert facts.waba_ids == ()


@pytest.mark.parametrize("junk", [{}, {"id": None, "health_status": "x"}, {"health_status": {"entities": [None, 5]}}])
def test_facts_of_a_number_tolerate_junk(junk: Any) -> None:
    assert not NumberFacts.read(junk).is_connected
    assert AppFacts.read_all(junk) == []


def test_facts_of_a_real_number_are_read(emulator: Emulator, graph: Graph) -> None:
    made = emulator.number(connected=True, verified_name="Klinik Sehat")
    facts = graph.number(made["phone_number_id"], made["access_token"])
    assert facts.is_connected
    assert facts.is_verified
    assert facts.is_on_cloud_api
    assert facts.verified_name == "Klinik Sehat"
    assert facts.portfolio_id == made["portfolio_id"]
    assert facts.health["sending"] == "AVAILABLE"
    assert [app.app_id for app in graph.subscribers(made["waba_id"], made["access_token"])] == [graph.app_id]
