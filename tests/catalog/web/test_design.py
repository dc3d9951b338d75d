"""The look keeps its promises: contrast, small files, complete gallery, documented components."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.runtime import Macro

from catalog.web.components import is_component
from tests.catalog.web.conftest import ORIGIN
from tests.conftest import ROOT

CSS = ROOT / "static" / "css"
TOKENS = dict(re.findall(r"(--[a-z-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", (CSS / "tokens.css").read_text()))
GROUNDS = ("--paper", "--surface", "--sunken")
TEXT = [
    *((ink, ground) for ink in ("--ink", "--ink-soft") for ground in GROUNDS),
    *((ink, ground) for ink in ("--nila", "--cabai", "--daun", "--soga-ink") for ground in ("--paper", "--surface")),
    *((f"--{hue}", f"--{hue}-tint") for hue in ("nila", "daun", "cabai")),
    ("--soga-ink", "--soga-tint"),
    *(("--ink", f"--{hue}-tint") for hue in ("nila", "soga", "daun", "cabai")),
    ("--nila", "--sunken"),
    ("--on-nila", "--nila"),
    ("--on-nila", "--nila-strong"),
    ("--on-cabai", "--cabai"),
    ("--on-cabai", "--cabai-strong"),
    ("--on-cloth", "--cloth"),
    ("--on-cloth-soft", "--cloth"),
    ("--paper", "--ink"),
]
CONTROLS = [(line, ground) for line in ("--line-strong", "--nila", "--soga") for ground in ("--paper", "--surface")]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, theme: int) -> None:
    assert contrast(*(TOKENS[name].split(", ")[theme] for name in (ink, ground))) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), CONTROLS)
def test_controls_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert contrast(*(TOKENS[name].split(", ")[theme] for name in (line, ground))) >= 3


@pytest.mark.parametrize("path", sorted(CSS.rglob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_keeps_the_rules(path: Path) -> None:
    css = path.read_text()
    assert len(css.splitlines()) <= 150
    rules = re.sub(r"\{[^{}]*\}", "", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    assert not re.search(r"(^|[\s,>+~])#[a-z]", rules), "no ids in selectors"
    if path.name not in ("utilities.css", "print.css"):
        assert "!important" not in css
    assert not re.search(r"(margin|padding|border)-(left|right|top|bottom)\b", css), "logical properties only"


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "js").rglob("*.js")), ids=lambda path: path.name)
def test_a_module_is_short_and_says_what_it_is(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 100
    assert lines[0].startswith("/**")


def macros(app: Flask) -> dict[str, Macro]:
    names = app.jinja_env.list_templates(filter_func=is_component)
    modules = (app.jinja_env.get_template(name).module for name in names)
    return {name: one for module in modules for name, one in vars(module).items() if isinstance(one, Macro)}


def test_every_component_is_documented(app: Flask) -> None:
    documented = set(re.findall(r"ui\.(\w+)", (ROOT / "docs" / "design.md").read_text()))
    found = set(macros(app))
    assert documented - found == set(), "documented, but missing"
    helpers = {"awning_cloth", "described", "empty_stall", "hint_and_errors", "label_for", "mark", "one_choice"}
    helpers |= {"one_row", "options_of", "pressable", "row_cell", "secret_row", "ticks", "wordmark"}
    assert found - documented == helpers, "present, but not documented"


def test_no_template_has_inline_code(client: FlaskClient) -> None:
    page = client.get("/design", base_url=ORIGIN).text
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page))


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_gallery_shows_every_component(app: Flask, client: FlaskClient, language: str) -> None:
    shown = "".join(path.read_text() for path in (ROOT / "templates/components").glob("gallery*.html"))
    layouts = "".join(path.read_text() for path in (ROOT / "templates").glob("_*.html"))
    used = set(re.findall(r"ui\.(\w+)", shown + layouts))
    documented = set(re.findall(r"ui\.(\w+)", (ROOT / "docs" / "design.md").read_text()))
    beside = {"card", "field", "flashes", "copy", "progress", "market", "section", "form_end"}
    assert documented - used - beside == set()
    answer = client.get("/design", base_url=ORIGIN, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
