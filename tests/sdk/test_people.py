"""Numbers, money, phones and times the way people type them."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botruntime.sdk import formats, parsing
from catalog.manifest import people

MONEY = [
    ("350rb", 350_000),
    ("350 rb", 350_000),
    ("350RB", 350_000),
    ("350ribu", 350_000),
    ("350 ribu", 350_000),
    ("350k", 350_000),
    ("350K", 350_000),
    ("350.000", 350_000),
    ("350,000", 350_000),
    ("350000", 350_000),
    ("Rp350.000", 350_000),
    ("Rp 350.000", 350_000),
    ("rp. 350.000", 350_000),
    ("Rp350.000,-", 350_000),
    ("Rp 350.000,00", 350_000),
    ("IDR 350000", 350_000),
    ("350.000 rupiah", 350_000),
    ("1jt", 1_000_000),
    ("1 juta", 1_000_000),
    ("1,5jt", 1_500_000),
    ("1.5jt", 1_500_000),
    ("1,25 juta", 1_250_000),
    ("1jt200", 1_200_000),
    ("1jt 200rb", 1_200_000),
    ("1 juta 200 ribu", 1_200_000),
    ("2jt750rb", 2_750_000),
    ("1.250.000", 1_250_000),
    ("Rp 1.250.000", 1_250_000),
    ("Rp\u00a01.250.000", 1_250_000),
    ("5rb500", 5_500),
    ("1,2M", 1_200_000_000),
    ("2 miliar", 2_000_000_000),
    ("500", 500),
    ("0", 0),
]
NOT_MONEY = [
    "",
    "rb",
    "Rp",
    "seratus",
    "1jt5",
    "1rb 2rb",
    "20rb-30rb",
    "350 ribu atau 400",
    "1,5",
    "1.250.5",
    "-5rb",
    "3 apel",
    "9" * 20,
    "٣٥٠",
    "1e6",
    "1jt 5jt",
]


@pytest.mark.parametrize(("typed", "rupiah"), MONEY)
def test_money_is_read_the_way_people_type_it(typed: str, rupiah: int) -> None:
    assert people.money(typed) == rupiah


@pytest.mark.parametrize("typed", NOT_MONEY)
def test_what_could_mean_two_amounts_or_none_is_no_money(typed: str) -> None:
    assert people.money(typed) is None


@given(st.integers(0, 10**12))
def test_money_reads_back_what_it_writes(amount: int) -> None:
    assert people.money(formats.money(amount)) == amount


@given(st.text(max_size=40))
def test_no_reader_ever_fails(text: str) -> None:
    for reader in (people.money, people.number, people.decimal, people.phone, people.email, people.time_of_day):
        reader(text)
    for kind in ("text", "name", "yesno", "date", "choice"):
        parsing.read(kind, text, date(2026, 11, 22), (("a", "Apel"),))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        ("62 812 3456 7890", "+6281234567890"),
        ("+62 (812) 3456-7890", "+6281234567890"),
        ("+62 0812 3456 7890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("+14155552671", "+14155552671"),
        ("(021) 555 1234", "+62215551234"),
        ("123", None),
        ("0812", None),
        ("nol delapan", None),
        ("+62812345678901234", None),
    ],
)
def test_phones_become_e164(typed: str, number: str | None) -> None:
    assert people.phone(typed) == number


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("8", time(8)),
        ("08.00", time(8)),
        ("8:30", time(8, 30)),
        ("jam 8 pagi", time(8)),
        ("7 malam", time(19)),
        ("3 sore", time(15)),
        ("1 siang", time(13)),
        ("12 siang", time(12)),
        ("12 malam", time(0)),
        ("3:30 pm", time(15, 30)),
        ("12 am", time(0)),
        ("20.00 WIB", time(20)),
        ("25", None),
        ("8.75", None),
    ],
)
def test_times_of_day(typed: str, found: time | None) -> None:
    assert people.time_of_day(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("hari ini", date(2026, 11, 22)),
        ("besok", date(2026, 11, 23)),
        ("lusa", date(2026, 11, 24)),
        ("tomorrow", date(2026, 11, 23)),
        ("Senin", date(2026, 11, 23)),
        ("minggu", date(2026, 11, 29)),
        ("hari Jumat", date(2026, 11, 27)),
        ("next", None),
        ("23/11", date(2026, 11, 23)),
        ("1/11", date(2027, 11, 1)),
        ("23-11-2027", date(2027, 11, 23)),
        ("23.11.27", date(2027, 11, 23)),
        ("23 Nov", date(2026, 11, 23)),
        ("Nov 23", date(2026, 11, 23)),
        ("23 November 2026", date(2026, 11, 23)),
        ("Senin, 23 Nov", date(2026, 11, 23)),
        ("Monday 23 Nov", date(2026, 11, 23)),
        ("23rd nov", date(2026, 11, 23)),
        ("2026-12-01", date(2026, 12, 1)),
        ("tanggal 23", date(2026, 11, 23)),
        ("5", date(2026, 12, 5)),
        ("31/2", None),
        ("29/2", date(2028, 2, 29)),
        ("32", None),
        ("kapan saja", None),
    ],
)
def test_dates_count_from_today(typed: str, found: date | None) -> None:
    assert parsing.read("date", typed, date(2026, 11, 22)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ya", True),
        ("Iya kak", True),
        ("yes please", True),
        ("oke", True),
        ("tidak", False),
        ("gak jadi", False),
        ("no", False),
        ("mungkin", None),
    ],
)
def test_yes_and_no(typed: str, found: bool | None) -> None:
    assert parsing.read("yesno", typed, date(2026, 11, 22)) is found


def test_a_choice_is_meant_by_title_place_or_id() -> None:
    choices = (("w:now", "Minggu ini"), ("w:month", "Bulan ini"))
    for typed in ("minggu ini!", "1", "w:now"):
        assert parsing.read("choice", typed, date(2026, 11, 22), choices) == "w:now"
    assert parsing.read("choice", "3", date(2026, 11, 22), choices) is None


def test_a_name_is_short_and_has_letters() -> None:
    assert parsing.read("name", "  Siti   Nurhaliza ", date(2026, 11, 22)) == "Siti Nurhaliza"
    for typed in ("123", "x" * 61, "https://a.example"):
        assert parsing.read("name", typed, date(2026, 11, 22)) is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sari@example.com", "sari@example.com"),
        (" Sari@Example.COM ", "Sari@example.com"),
        ("sari@", None),
        ("sari@localhost", None),
        ("a b@example.com", None),
        ("a..b@example.com", None),
    ],
)
def test_email_addresses(typed: str, found: str | None) -> None:
    assert people.email(typed) == found
