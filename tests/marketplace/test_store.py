"""The market street, as a visitor walks it."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog import seeds
from catalog.models import Listing
from tests import factories
from tests.marketplace.visiting import Visitor


@pytest.fixture
def listing(session: Session) -> Listing:
    row = factories.listing(session, "antri-klinik", name="Antrian Klinik", category="kesehatan")
    session.commit()
    return row


def test_the_home_page_shows_shelves_and_only_bots_that_run(app: Flask, listing: Listing) -> None:
    page = Visitor(app).get("/").text
    assert page.count('class="shelf"') == 16
    assert page.count('class="card listing"') == 1
    assert "Antrian Klinik" in page


@pytest.mark.parametrize(("language", "word"), [("id", "Pasang bot"), ("en", "Install bot")])
def test_a_listing_tells_what_the_bot_may_do_in_the_readers_language(
    app: Flask, listing: Listing, language: str, word: str
) -> None:
    page = Visitor(app, language=language).get("/listings/antri-klinik")
    assert page.status_code == 200
    assert word in page.text
    assert "bot@example.com" in page.text


def test_a_typo_still_finds_the_bot_and_says_so(app: Flask, listing: Listing) -> None:
    page = Visitor(app).get("/search", q="kilnik").text
    assert "Antrian Klinik" in page
    assert "klinik" in page
    assert "Cocok dengan namanya" in page


def test_an_empty_search_result_offers_a_way_on(app: Flask, listing: Listing) -> None:
    page = Visitor(app).get("/search", q="zzzzqqq").text
    assert "Tidak ada yang cocok" in page
    assert 'href="/search"' in page


def test_every_shelf_opens(app: Flask, session: Session, listing: Listing) -> None:
    visitor = Visitor(app)
    shelves = seeds.SHELVES.read_text(encoding="utf-8").count("\nicon = ")
    assert shelves == 16
    assert "Antrian Klinik" in visitor.get("/categories/kesehatan").text
    assert "Rak ini belum terisi" in visitor.get("/categories/lelang").text


@pytest.mark.parametrize("path", ["/listings/nothing", "/categories/nothing", "/listings/nothing/install"])
def test_what_does_not_exist_is_404(app: Flask, session: Session, path: str) -> None:
    user = factories.user(session)
    session.commit()
    assert Visitor(app, user).get(path).status_code == 404


def test_a_hidden_listing_looks_like_a_missing_one(app: Flask, session: Session, listing: Listing) -> None:
    missing = Visitor(app).get("/listings/nothing")
    listing.unlisted_at = listing.listed_at
    session.commit()
    hidden = Visitor(app).get("/listings/antri-klinik")
    # The address asked for is on the page, for coming back after a switch of language.
    assert (hidden.status_code, hidden.text.replace("antri-klinik", "nothing")) == (404, missing.text)


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", "{{7*7}}", "' OR 1=1--", "x" * 5000, "\x00"])
def test_a001_a005_a006_noise_in_the_search_is_only_text(app: Flask, listing: Listing, query: str) -> None:
    page = Visitor(app).get("/search", q=query)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "49" not in page.text.split("<main")[1].split("</main>")[0]
