"""Signing up without its pauses."""

import pytest

from marketplace import throttle


@pytest.fixture(autouse=True)
def _in_a_hurry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test of the pause waits for it."""
    if "one_length" not in request.node.name:
        monkeypatch.setattr(throttle, "EVEN_SECONDS", 0.0)
