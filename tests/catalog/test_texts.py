"""Catalogues of sentences."""

import pytest

from catalog import texts


def test_a_sentence_is_filled() -> None:
    assert texts.text("id", "store.listing.by", partner="Pasarbot") == "oleh Pasarbot"


@pytest.mark.parametrize(("n", "said"), [(1, "1 bot matches"), (2, "2 bots match"), (0, "0 bots match")])
def test_a_plural_follows_its_number(n: int, said: str) -> None:
    assert texts.text("en", "store.search.count", n=n) == said


@pytest.mark.parametrize("key", ["store.listing.nothing", "store.listing", "nowhere.at.all", "store.listing.by.more"])
def test_a_missing_sentence_is_an_error_not_a_blank(key: str) -> None:
    assert not texts.has("id", key)
    with pytest.raises(texts.MissingText):
        texts.text("id", key)


def test_an_unknown_language_falls_back_to_indonesian() -> None:
    assert texts.text("xx", "store.free") == "Gratis"
