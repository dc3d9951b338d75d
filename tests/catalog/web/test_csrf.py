"""Cross-site requests: a browser says where a request comes from, and scripts cannot lie about it."""

import pytest
from flask.testing import FlaskClient

from tests.catalog.web.conftest import ORIGIN

OURS = [
    {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8003"},
    {"Origin": ORIGIN},
    {},
]
THEIRS = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8002"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8000.evil.example"},
    {"Origin": "https://localhost:8000"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "Content-Type": "text/plain"},
]


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_the_house_is_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/", base_url=ORIGIN, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", THEIRS)
def test_a025_a_form_of_another_site_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post("/", base_url=ORIGIN, headers={**headers, "Accept-Language": "id"})
    assert answer.status_code == 403
    assert "situs lain" in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a026_other_unsafe_methods_are_refused_too(client: FlaskClient, method: str) -> None:
    answer = client.open("/", method=method, base_url=ORIGIN, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code in (403, 405)


def test_a_method_cannot_be_overridden(client: FlaskClient) -> None:
    headers = {"X-HTTP-Method-Override": "POST", "Sec-Fetch-Site": "cross-site"}
    assert client.get("/?_method=POST", base_url=ORIGIN, headers=headers).text == "front"


def test_links_from_other_sites_work(client: FlaskClient) -> None:
    assert client.get("/", base_url=ORIGIN, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_webhooks_prove_themselves_otherwise(client: FlaskClient) -> None:
    answer = client.post("/webhooks/stripe", base_url=ORIGIN, headers={"Origin": "https://stripe.com"})
    assert answer.text == "taken"


def test_api_calls_are_judged_by_their_token_only(client: FlaskClient) -> None:
    answer = client.post("/api/v1/businesses/x", base_url=ORIGIN, headers={"Origin": "https://partner.example"})
    assert answer.status_code == 401
    assert answer.is_json
