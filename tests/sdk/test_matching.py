"""Which topic a typed question means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botruntime.sdk.language import guess
from botruntime.sdk.matching import Topic, alike, rank, stem, tokens

TOPICS = (
    Topic("jam", "Jam buka", ("buka", "tutup", "jam operasional")),
    Topic("alamat", "Alamat", ("lokasi", "di mana", "parkir")),
    Topic("harga", "Harga", ("daftar harga", "katalog")),
    Topic("kirim", "Pengiriman", ("ongkir", "berapa lama sampai", "kurir")),
    Topic("bayar", "Cara bayar", ("transfer", "QRIS", "COD")),
)


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("jam bkuka", "jam"),
        ("kak buka jam berapa ya?", "jam"),
        ("JAM BUKA", "jam"),
        ("hari minggu tutup ga", "jam"),
        ("what time do you open", "jam"),
        ("di mana lokasinya", "alamat"),
        ("alamt", "alamat"),
        ("where is your store", "alamat"),
        ("ada parkirnya?", "alamat"),
        ("berapa harganya", "harga"),
        ("minta katalognya dong", "harga"),
        ("how much", "harga"),
        ("ongkirnya ke bandung", "kirim"),
        ("berapa lama sampai", "kirim"),
        ("bisa dikirimkan?", "kirim"),
        ("bisa bayar pakai qris", "bayar"),
        ("pembayaran", "bayar"),
        ("trasnfer bisa?", "bayar"),
        ("can i pay by transfer", "bayar"),
    ],
)
def test_a_question_finds_its_topic(question: str, key: str) -> None:
    found = rank(question, TOPICS)
    assert found
    assert found[0].key == key


@pytest.mark.parametrize(
    "question", ["", "halo", "terima kasih", "???", "12345", "apakah kalian jual kucing", "lorem ipsum"]
)
def test_a_question_without_a_topic_finds_none(question: str) -> None:
    assert rank(question, TOPICS) == []


def test_two_topics_of_one_word_are_equally_near() -> None:
    twins = (Topic("a", "Harga kue", ()), Topic("b", "Harga roti", ()))
    assert [match.score for match in rank("harga", twins)] == [1.0, 1.0]
    assert rank("harga roti", twins)[0].key == "b"


def test_a_higher_threshold_answers_less() -> None:
    assert rank("jam buka pesta ulang tahun gratis", TOPICS, 0.3)
    assert not rank("jam buka pesta ulang tahun gratis", TOPICS, 0.9)


def test_indonesian_endings_and_beginnings_do_not_matter() -> None:
    assert stem("dikirimkan") == stem("kirim")
    assert tokens("Alamatnya di mana, kak?") == ("alamat", "mana")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("bkuka", "buka", True),
        ("alamt", "alamat", True),
        ("jam", "jum", False),
        ("buka", "luka", False),
        ("harga", "tarif", True),
    ],
)
def test_typos_and_synonyms_count_from_a_threshold(left: str, right: str, same: bool) -> None:
    assert (alike(left, right) >= 0.82) is same


@given(st.text(max_size=200))
def test_scores_are_sorted_and_between_the_threshold_and_one(question: str) -> None:
    scores = [match.score for match in rank(question, TOPICS)]
    assert scores == sorted(scores, reverse=True)
    assert all(0.5 <= score <= 1 for score in scores)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("kak buka jam berapa", "id"),
        ("what time do you open", "en"),
        ("ok", None),
        ("", None),
        ("Budi", None),
        ("terima kasih", "id"),
        ("thank you", "en"),
        ("mau pesan nasi kotak untuk besok", "id"),
    ],
)
def test_the_language_is_guessed_from_small_words(text: str, language: str | None) -> None:
    assert guess(text) == language
