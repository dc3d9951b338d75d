"""Answers to strangers take as long as answers to users."""

from catalog.models import user


def test_the_password_nobody_has_costs_what_a_real_one_costs() -> None:
    assert not user._hasher.check_needs_rehash(user._DUMMY), "its parameters must be today's: write it out anew"
    assert not user.spend_password_time("a guess")
