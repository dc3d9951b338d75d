"""Rupiah."""

import pytest

from catalog.money import rupiah


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0, "Rp\u00a00"), (99_000, "Rp\u00a099.000"), (1_250_000, "Rp\u00a01.250.000"), (-500, "-Rp\u00a0500")],
)
def test_rupiah_is_written_the_indonesian_way(amount: int, written: str) -> None:
    assert rupiah(amount) == written
