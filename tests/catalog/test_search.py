"""Finding listings the way owners type."""

import pytest
from sqlalchemy.orm import Session

from catalog import search
from catalog.models import Listing
from tests import factories


@pytest.fixture
def shelf(session: Session) -> dict[str, Listing]:
    return {
        slug: factories.listing(session, slug, name=name, category=category)
        for slug, name, category in [
            ("antri-klinik", "Antrian Klinik", "kesehatan"),
            ("toko-kopi", "Toko Kopi", "perdagangan"),
            ("tanya-jawab", "Tanya Jawab", "layanan-pelanggan"),
        ]
    }


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("antrian klinik", "antri-klinik"),
        ("antrean klinik", "antri-klinik"),
        ("antrian kilnik", "antri-klinik"),
        ("ANTRIAN", "antri-klinik"),
        ("queue clinic", "antri-klinik"),
        ("booking dokter", "antri-klinik"),
        ("tko kopi", "toko-kopi"),
        ("shop", "toko-kopi"),
        ("pertanyaan", "tanya-jawab"),
        ("faq", "tanya-jawab"),
        ("kopi!!! \x00", "toko-kopi"),
    ],
)
def test_an_owners_words_find_the_bot(session: Session, shelf: dict[str, Listing], typed: str, first: str) -> None:
    hits = search.find(session, typed)
    assert hits
    assert hits[0].listing.slug == first


def test_a_result_says_where_it_matched_and_what_was_corrected(session: Session, shelf: dict[str, Listing]) -> None:
    hit = search.find(session, "kilnik")[0]
    assert hit.field == "name"
    assert hit.corrected == {"kilnik": "klinik"}


def test_words_nobody_used_find_nothing(session: Session, shelf: dict[str, Listing]) -> None:
    assert search.find(session, "zzzzzz qqqqq") == []


@pytest.mark.parametrize("typed", ["' OR 1=1--", "a & | ! ( )", "x" * 5000, "%' AND 1=1", "(a+)+$", "🙂"])
def test_a006_operators_and_noise_are_only_words(session: Session, shelf: dict[str, Listing], typed: str) -> None:
    assert isinstance(search.find(session, typed), list)


def test_an_unlisted_bot_is_not_found(session: Session, shelf: dict[str, Listing]) -> None:
    shelf["toko-kopi"].unlisted_at = shelf["toko-kopi"].listed_at
    session.flush()
    assert "toko-kopi" not in {hit.listing.slug for hit in search.find(session, "kopi")}


def test_facets_narrow(session: Session, shelf: dict[str, Listing]) -> None:
    category = shelf["toko-kopi"].category
    assert [hit.listing.slug for hit in search.find(session, category=category)] == ["toko-kopi"]
    assert search.find(session, "kopi", is_free=False) == []
    assert len(search.find(session, is_free=True)) == 3
