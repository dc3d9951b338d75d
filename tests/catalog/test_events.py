"""Events only grow."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.models import Business, Event, User


@pytest.fixture
def event(session: Session) -> Event:
    user = User(email="owner@klinik.test", name="Owner", password_hash="x")
    session.add(user)
    Business.found(session, user, name="Klinik", zone="Asia/Jakarta")
    session.commit()
    return session.query(Event).one()


def test_founding_a_business_is_on_record(event: Event) -> None:
    assert event.kind == "business.founded"
    assert event.actor_id is not None


@pytest.mark.parametrize("change", ["UPDATE event SET kind = 'other'", "DELETE FROM event"])
def test_a094_the_database_refuses_to_change_an_event(session: Session, event: Event, change: str) -> None:
    with pytest.raises(IntegrityError, match="only ever added"):
        session.execute(text(change))
