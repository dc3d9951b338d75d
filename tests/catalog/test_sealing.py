"""Secrets at rest."""

import base64

import pytest

from catalog.sealing import SealBroken, Sealer, new_key

OLD, NEW = f"old:{new_key()}", f"new:{new_key()}"


def test_a_sealed_text_opens_for_its_row_only() -> None:
    sealer = Sealer.parse(OLD)
    sealed = sealer.seal("a token", row="waba:business_token:1")
    assert "token" not in sealed
    assert sealer.open(sealed, row="waba:business_token:1") == "a token"
    with pytest.raises(SealBroken):
        sealer.open(sealed, row="waba:business_token:2")


def test_a074_two_seals_of_one_text_differ() -> None:
    sealer = Sealer.parse(OLD)
    assert sealer.seal("same", row="r") != sealer.seal("same", row="r")


def test_a075_rotation_opens_with_the_old_key_and_seals_with_the_new() -> None:
    before = Sealer.parse(OLD).seal("a token", row="r")
    both = Sealer.parse(f"{NEW},{OLD}")
    assert both.open(before, row="r") == "a token"
    assert not both.is_current(before)
    again = both.seal("a token", row="r")
    assert both.is_current(again)
    assert Sealer.parse(NEW).open(again, row="r") == "a token"


def test_a075_a_lost_key_fails_loudly() -> None:
    sealed = Sealer.parse(OLD).seal("a token", row="r")
    with pytest.raises(SealBroken):
        Sealer.parse(NEW).open(sealed, row="r")


def test_a_changed_text_does_not_open() -> None:
    sealer = Sealer.parse(OLD)
    name, _, body = sealer.seal("a token", row="r").partition(":")
    data = bytearray(base64.b64decode(body))
    data[-1] ^= 1
    with pytest.raises(SealBroken):
        sealer.open(f"{name}:{base64.b64encode(bytes(data)).decode()}", row="r")


@pytest.mark.parametrize("setting", ["", "k:short", "k:AAAA", "k:not base64!"])
def test_a_bad_key_is_refused_without_being_shown(setting: str) -> None:
    with pytest.raises(ValueError) as refused:
        Sealer.parse(setting)
    assert setting.partition(":")[2] not in str(refused.value) or not setting.partition(":")[2]
