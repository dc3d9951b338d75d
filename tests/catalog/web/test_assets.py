"""Styles, scripts and pictures: hashed, compressed, and small."""

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalog.web.assets import EXTENSION, FOREVER, Assets
from tests.catalog.web.conftest import ORIGIN
from tests.conftest import ROOT

FIRST_VIEW = 100_000


@pytest.fixture
def assets(app: Flask) -> Assets:
    found: Assets = app.extensions[EXTENSION]
    return found


def test_a_file_under_its_version_is_kept_for_ever(client: FlaskClient, assets: Assets) -> None:
    answer = client.get(assets.url("css/app.css"), base_url=ORIGIN)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.mimetype == "text/css"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.vary
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_an_old_version_gets_todays_file_for_today_only(client: FlaskClient) -> None:
    assert client.get("/static/old/css/app.css", base_url=ORIGIN).headers["Cache-Control"] == "no-cache"


def test_the_style_sheet_is_one_file_in_layers(client: FlaskClient, assets: Assets) -> None:
    css = client.get(assets.url("css/app.css"), base_url=ORIGIN).text
    assert "@import" not in css
    assert css.index("@layer reset, tokens, base, layout, components, utilities;") < css.index("@layer reset {")
    linked = set(re.findall(r'url\("([^"]+)"\)', (ROOT / "static/css/app.css").read_text()))
    on_disk = {str(path.relative_to(ROOT / "static/css")) for path in (ROOT / "static/css").rglob("*.css")}
    # Pages may bring a sheet of their own; everything under components/ belongs to the bundle.
    assert {name for name in on_disk if name.startswith("components/")} <= linked


def test_browsers_that_can_get_it_compressed(client: FlaskClient, assets: Assets) -> None:
    plain = client.get(assets.url("css/app.css"), base_url=ORIGIN)
    packed = client.get(assets.url("css/app.css"), base_url=ORIGIN, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.vary
    refused = client.get(assets.url("css/app.css"), base_url=ORIGIN, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize(
    "name", ["../wsgi.py", "..%2fwsgi.py", "css/../../wsgi.py", "nothing.css", "%00", "/etc/passwd"]
)
def test_a040_only_listed_files_are_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/x/{name}", base_url=ORIGIN).status_code in (308, 404)


def test_a_page_that_asks_for_a_missing_file_fails_loudly(assets: Assets) -> None:
    with pytest.raises(KeyError, match="nothing"):
        assets.url("img/nothing.svg")


def test_one_changed_byte_changes_every_address(tmp_path) -> None:
    (tmp_path / "a.js").write_text("1")
    before = Assets(tmp_path).version
    (tmp_path / "a.js").write_text("2")
    assert Assets(tmp_path).version != before


def test_the_first_view_is_small(client: FlaskClient, assets: Assets) -> None:
    page = client.get("/design", base_url=ORIGIN).data
    scripts = [name for name in assets.files if re.fullmatch(r"js/[a-z]+\.js", name)]
    sizes = [len(assets.files[name].compressed or assets.files[name].body) for name in ("css/app.css", *scripts)]
    assert sum(sizes) + len(gzip.compress(page)) <= FIRST_VIEW
