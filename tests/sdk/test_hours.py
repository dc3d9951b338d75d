"""Weekly hours: read, shown, asked."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.manifest import hours

ZONE = ZoneInfo("Asia/Makassar")
WEEK = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in hours.DAYS[:5]} | {"sat": [["09:00", "24:00"]]}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in the week that begins on Monday 23 November 2026."""
    return datetime(2026, 11, 22 + day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("Sen-Jum 08.00-17.00", "mon tue wed thu fri"),
        ("senin - jumat 8-17", "mon tue wed thu fri"),
        ("Sab, Min 8-12", "sat sun"),
        ("Sab-Min 8-12", "sat sun"),
        ("Jum-Sen 8-12", "mon fri sat sun"),
        ("Mon-Wed 08:00-12:00, 13:00-17:00", "mon tue wed"),
        ("setiap hari 07.00-21.00", "mon tue wed thu fri sat sun"),
        ("Selasa dan Kamis 8-12 WIB", "tue thu"),
    ],
)
def test_a_compact_line_is_read(line: str, days: str) -> None:
    found = hours.parse(line)
    assert found is not None
    assert " ".join(found) == days


@pytest.mark.parametrize(
    "line", ["Sen", "8-17", "Sen 17-8", "Foo 8-9", "Sen 8-12, 11-13", "Sen 25-26", "Sen 8-9 besok"]
)
def test_a_line_that_means_nothing_is_refused(line: str) -> None:
    assert hours.parse(line) is None


def test_an_empty_line_is_always_closed() -> None:
    assert hours.parse("") == {}
    assert hours.shown({}, "id") == "tutup"
    assert hours.next_open({}, at(1, 10)) is None


def test_hours_are_shown_with_equal_days_joined() -> None:
    assert hours.shown(WEEK, "id") == "Sen-Jum 08.00-12.00, 13.00-17.00; Sab 09.00-24.00"
    assert hours.shown({"mon": [["08:00", "17:00"]]}, "en") == "Mon 08:00-17:00"


def test_open_includes_the_beginning_and_not_the_end() -> None:
    assert hours.is_open(WEEK, at(1, 8))
    assert not hours.is_open(WEEK, at(1, 12))
    assert not hours.is_open(WEEK, at(1, 7, 59))
    assert hours.is_open(WEEK, at(6, 23, 59))


def test_the_next_opening_is_found_over_the_weekend() -> None:
    assert hours.next_open(WEEK, at(1, 9)) == at(1, 9)
    assert hours.next_open(WEEK, at(1, 12, 30)) == at(1, 13)
    assert hours.next_open(WEEK, at(7, 3)) == at(8, 8)


@given(st.dictionaries(st.sampled_from(hours.DAYS), st.tuples(st.integers(0, 22), st.integers(1, 23)), max_size=7))
def test_what_is_shown_reads_back(spans: dict[str, tuple[int, int]]) -> None:
    week = hours.clean(
        {day: [[f"{start:02d}:00", f"{min(start + size, 24):02d}:00"]] for day, (start, size) in spans.items()}
    )
    assert week is not None
    for language in ("id", "en"):
        if week:
            assert hours.parse(hours.shown(week, language)) == week
