"""The foundation is laid once per source and password, and the demo accounts open with the printed password."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Listing, User
from scripts import foundation
from scripts.children import ServiceError


def test_a_mark_of_the_same_source_spares_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundation, "fingerprint", lambda password: f"source {password}")
    mark = tmp_path / "mark"
    mark.write_text("source one")
    foundation.lay({}, mark, "one")  # without settings nothing could be laid
    with pytest.raises(ServiceError, match=r"could not be prepared.*DATABASE_URL is not set"):
        foundation.lay({}, mark, "another")
    assert mark.read_text() == "source one"


def test_the_fingerprint_follows_source_and_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "model.py").write_text("a = 1")
    monkeypatch.setattr(foundation, "ROOT", tmp_path)
    first = foundation.fingerprint("x")
    assert foundation.fingerprint("x") == first
    assert foundation.fingerprint("y") != first
    (tmp_path / "catalog" / "model.py").write_text("a = 10")
    assert foundation.fingerprint("x") != first


def test_laying_twice_seeds_once_and_follows_the_password(
    environment: dict[str, str], session: Session, tmp_path: Path
) -> None:
    foundation.lay(environment, None, "pasarbot-demo")
    foundation.lay(environment | {"PASARBOT_DEMO_PASSWORD": "another-password"}, None, "another-password")
    users = session.scalars(select(User)).all()
    assert sorted(user.email for user in users) == [
        f"{role}@demo.test" for role in ("bsp", "developer", "owner", "staff")
    ]
    assert all(user.has_password("another-password") for user in users)
    assert [listing.slug for listing in session.scalars(select(Listing))] == ["tanya"]
