"""How pages write money, times, phone numbers and people's own text."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from catalog.web import filters

AT = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)


@pytest.fixture
def reads(app: Flask):
    return lambda language: app.test_request_context("/", headers={"Accept-Language": language})


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Jakarta", "22 Nov 2026 14.05\u00a0WIB"),
        ("Asia/Makassar", "22 Nov 2026 15.05\u00a0WITA"),
        ("Asia/Jayapura", "22 Nov 2026 16.05\u00a0WIT"),
    ],
)
def test_a_time_is_told_in_the_businesss_zone_and_names_it(reads, zone: str, shown: str) -> None:
    with reads("id"):
        assert filters.moment(AT, zone) == f'<time datetime="2026-11-22T07:05:00Z">{shown}</time>'


def test_the_english_page_writes_times_its_own_way(reads) -> None:
    with reads("en"):
        assert filters.clock_time(AT) == "14:05\u00a0WIB"
        assert filters.day(date(2026, 8, 17)) == "17 Aug 2026"
    with reads("id"):
        assert filters.day(date(2026, 8, 17)) == "17 Agu 2026"


def test_midnight_belongs_to_the_day_of_the_zone(reads) -> None:
    with reads("id"):
        assert filters.day(datetime(2026, 11, 22, 17, 30, tzinfo=UTC)) == "23 Nov 2026"


def test_the_zone_of_a_request_is_used_where_none_is_given(reads) -> None:
    with reads("id"):
        filters.use_zone("Asia/Jayapura")
        assert filters.clock_time(AT) == "16.05\u00a0WIT"


@pytest.mark.parametrize(
    ("ahead", "indonesian", "english"),
    [
        (timedelta(seconds=10), "baru saja", "just now"),
        (timedelta(minutes=-3), "3 menit yang lalu", "3 minutes ago"),
        (timedelta(hours=5), "dalam 5 jam", "in 5 hours"),
    ],
)
def test_near_times_are_told_relative_to_now(reads, ahead: timedelta, indonesian: str, english: str) -> None:
    for language, words in (("id", indonesian), ("en", english)):
        with reads(language):
            assert f">{words}<" in filters.ago(AT + ahead, AT)


def test_numbers_follow_the_language(reads) -> None:
    with reads("id"):
        assert (filters.number(12480), filters.number(4.6, 1), filters.percent(0.985, 1)) == ("12.480", "4,6", "98,5%")
        assert filters.duration(7200) == "2 jam"
        assert filters.size(8 * 1024 * 1024) == "8,4\u00a0MB"
    with reads("en"):
        assert (filters.number(12480), filters.number(4.6, 1)) == ("12,480", "4.6")


@pytest.mark.parametrize("written", ["6281234567890", "+6281234567890", "081234567890", "0812-3456-7890"])
def test_a_phone_number_is_shown_one_way(written: str) -> None:
    assert filters.phone(written) == "+62\u00a0812-3456-7890"


def test_what_is_no_phone_number_is_shown_as_it_is() -> None:
    assert filters.phone("US.13491208655302741918") == "US.13491208655302741918"
    assert filters.phone(None) == ""


@pytest.mark.parametrize(
    ("name", "letters"), [("Sari Wulandari", "SW"), ("Budi", "B"), ("  ", "?"), ("PT (Sinar) Jaya", "PJ")]
)
def test_a_face_without_a_picture_has_letters(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("*tebal* dan _miring_", "<strong>tebal</strong> dan <em>miring</em>"),
        ("~lama~ ```kode```", "<s>lama</s> <code>kode</code>"),
        ("2*3*4 a_b_c", "2*3*4 a_b_c"),
        ("* bukan *", "* bukan *"),
        ("*<img src=x onerror=alert(1)>*", "<strong>&lt;img src=x onerror=alert(1)&gt;</strong>"),
        ("{{7*7}}", "{{7*7}}"),
    ],
)
def test_a_chat_message_shows_whatsapps_marks_and_nothing_else(said: str, shown: str) -> None:
    assert filters.chat_text(said) == shown
