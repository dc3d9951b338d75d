"""Addresses of the house, and going back only to them."""

import pytest
from flask import Flask

from catalog.web import places
from tests.catalog.web.conftest import ORIGIN, Build

EVIL = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "http://localhost:8000@evil.example/",
    "http://localhost:8000.evil.example/",
    "https://localhost:8000/",
    "http://localhost:8002/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    " //evil.example",
    "%09//evil.example",
    "mine",
    "",
    None,
    "http://[",
]


@pytest.mark.parametrize("target", EVIL)
def test_a029_going_on_never_leaves_the_house(app: Flask, target: str | None) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        assert places.safe_next(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target", ["/", "/numbers?page=2#top", "/%09//evil", "http://localhost:8003/desk/", "http://localhost:8000/mine"]
)
def test_going_on_inside_the_house_works(app: Flask, target: str) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        assert places.safe_next(target, "/home") == target


def test_a_place_is_relative_on_its_own_face_and_absolute_on_the_other(build: Build) -> None:
    with build().test_request_context("/", base_url=ORIGIN):
        assert places.place("numbers") == "/numbers"
        assert places.place("inbox") == "http://localhost:8003/desk/"
    with build(face="pages").test_request_context("/", base_url="http://localhost:8003"):
        assert places.place("numbers") == "http://localhost:8000/numbers"
        assert places.place("inbox") == "/desk/"


def test_only_places_that_are_served_are_linked(app: Flask) -> None:
    with app.test_request_context("/", base_url=ORIGIN):
        assert places.place_exists("front")
        assert not places.place_exists("about")


def test_a_switch_comes_back_to_the_page_it_was_on(app: Flask) -> None:
    with app.test_request_context("/search?q=klinik", base_url=ORIGIN):
        assert places.here() == "/search?q=klinik"
    with app.test_request_context("/search", base_url=ORIGIN):
        assert places.here() == "/search"
    with app.test_request_context("/numbers", method="POST", base_url=ORIGIN):
        assert places.here() == "/"
