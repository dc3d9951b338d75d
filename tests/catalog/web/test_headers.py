"""Security headers: strict for all, widened for one answer at a time."""

import pytest
from flask.testing import FlaskClient

from catalog.web import headers
from tests.cast import Cast
from tests.catalog.web.conftest import ORIGIN, Build, SignIn


def policy(answer) -> dict[str, str]:
    lines = (line.strip().partition(" ") for line in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in lines}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/design", "/broken", "/healthz"])
def test_a031_no_answer_permits_inline_code_or_framing(client: FlaskClient, path: str) -> None:
    found = policy(client.get(path, base_url=ORIGIN))
    assert found["default-src"] == "'none'"
    assert found["script-src"] == "'self'"
    assert found["style-src"] == "'self'"
    assert found["frame-ancestors"] == "'none'"
    assert found["base-uri"] == "'none'"
    assert found["form-action"] == "'self' http://localhost:8000 http://localhost:8003"
    assert "unsafe" not in str(found)


def test_every_answer_carries_the_fixed_headers(client: FlaskClient) -> None:
    answer = client.get("/", base_url=ORIGIN)
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_production_insists_on_tls(build: Build) -> None:
    app = build(BASE_PORT="", STORE_URL="https://pasarbot.test", PAGES_URL="https://pasarbot.test", TRUSTED_HOSTS="")
    answer = app.test_client().get("/", base_url="https://pasarbot.test")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "upgrade-insecure-requests" in answer.headers["Content-Security-Policy"]


def test_a_view_widens_only_its_own_answer(client: FlaskClient) -> None:
    wide = policy(client.get("/widened", base_url=ORIGIN))
    assert wide["script-src"] == "'self' https://connect.facebook.net"
    assert wide["frame-ancestors"] == "http://localhost:8000"
    assert policy(client.get("/", base_url=ORIGIN))["script-src"] == "'self'"


def test_an_unknown_directive_is_a_mistake(app) -> None:
    with app.test_request_context("/"), pytest.raises(ValueError, match="script-scr"):
        headers.allow(script_scr="https://example.com")


def test_a083_private_pages_are_kept_by_no_cache(client: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.owner_a)
    assert browser.get("/mine", base_url=ORIGIN).headers["Cache-Control"] == "no-store"
    assert browser.get("/", base_url=ORIGIN).headers["Cache-Control"] == "no-store"
    assert client.get("/", base_url=ORIGIN).headers["Cache-Control"] == "private, no-cache"
    assert client.get("/nowhere", base_url=ORIGIN).headers["Cache-Control"] == "no-store"


def test_a064_what_depends_on_the_reader_says_so(client: FlaskClient) -> None:
    assert {"Cookie", "Accept-Language"} <= set(client.get("/", base_url=ORIGIN).vary)


def test_a033_other_origins_get_no_permission_to_read(client: FlaskClient) -> None:
    for origin in ("https://evil.example", "null"):
        answer = client.get("/", base_url=ORIGIN, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a035_only_known_host_names_are_served(client: FlaskClient) -> None:
    assert client.get("/", base_url="http://evil.example").status_code == 400
    assert client.get("/", base_url=ORIGIN, headers={"X-Forwarded-Host": "evil.example"}).status_code == 200
