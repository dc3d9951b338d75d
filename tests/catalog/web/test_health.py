"""Health: alive, ready, measured."""

import pytest
from flask.testing import FlaskClient

from tests.catalog.web.conftest import ORIGIN, Build


def test_a_face_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz", base_url=ORIGIN).text == "ok\n"
    answer = client.get("/readyz", base_url=ORIGIN)
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("setting", "value", "missing"),
    [
        ("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none", "database"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "redis"),
    ],
)
def test_what_is_away_is_named(build: Build, setting: str, value: str, missing: str) -> None:
    client = build(**{setting: value}).test_client()
    answer = client.get("/readyz", base_url=ORIGIN)
    assert (answer.status_code, answer.text) == (503, f"unavailable: {missing}\n")
    assert client.get("/healthz", base_url=ORIGIN).status_code == 200


def test_a081_figures_are_for_the_operators_networks_only(client: FlaskClient) -> None:
    client.get("/", base_url=ORIGIN)
    near = client.get("/metrics", base_url=ORIGIN)
    assert 'pasarbot_web_requests_total{face="store",method="GET",route="/",status="200"}' in near.text
    for address in ("203.0.113.9", "2001:db8::1", "nonsense"):
        far = client.get("/metrics", base_url=ORIGIN, environ_base={"REMOTE_ADDR": address})
        assert far.status_code == 404


def test_figures_count_routes_and_not_addresses(client: FlaskClient) -> None:
    client.get("/businesses/6281234567890", base_url=ORIGIN)
    assert "6281234567890" not in client.get("/metrics", base_url=ORIGIN).text
