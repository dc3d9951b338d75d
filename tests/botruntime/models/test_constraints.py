"""What the database itself refuses, whoever writes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from botruntime.models import Contact, Conversation, EventKind, InboundEvent, Timer
from catalog import clock
from catalog.models import Business, Number
from tests import factories


@pytest.fixture
def business(session: Session) -> Business:
    return factories.business(session, factories.user(session))


@pytest.fixture
def number(session: Session, business: Business) -> Number:
    return factories.number(session, business)


def refused(session: Session, *rows: object) -> None:
    nested = session.begin_nested()
    session.add_all(rows)
    with pytest.raises(IntegrityError):
        session.flush()
    nested.rollback()


def test_a_contact_needs_at_least_one_id(session: Session, business: Business) -> None:
    refused(session, Contact(business_id=business.id))
    session.add(Contact(business_id=business.id, bsuid="ID.1"))
    session.add(Contact(business_id=business.id, wa_id="62812"))
    session.flush()


@pytest.mark.parametrize("name", ["bsuid", "wa_id"])
def test_an_id_names_one_contact_per_portfolio(session: Session, business: Business, name: str) -> None:
    session.add(Contact(business_id=business.id, **{name: "x"}))
    session.flush()
    refused(session, Contact(business_id=business.id, **{name: "x"}))
    session.add(Contact(business_id=business.id, portfolio_id="710", **{name: "x"}))
    session.flush()


def test_a_contact_has_one_conversation_per_number(session: Session, business: Business, number: Number) -> None:
    contact = Contact(business_id=business.id, wa_id="62812")
    session.add(contact)
    session.flush()
    session.add(Conversation(number_id=number.id, contact_id=contact.id))
    session.flush()
    refused(session, Conversation(number_id=number.id, contact_id=contact.id))


def test_an_update_is_kept_once(session: Session) -> None:
    from uuid import uuid4

    key = uuid4()
    session.add(InboundEvent(dedupe_key=key, kind=EventKind.MESSAGE, raw=b"{}"))
    session.flush()
    refused(session, InboundEvent(dedupe_key=key, kind=EventKind.MESSAGE, raw=b"{}"))


def test_a_timer_is_open_once_per_name_and_key(session: Session, business: Business, number: Number) -> None:
    owner = factories.user(session)
    installation = factories.installation(session, number, factories.listing(session), owner)
    contact = Contact(business_id=business.id, wa_id="62812")
    session.add(contact)
    session.flush()
    conversation = Conversation(number_id=number.id, contact_id=contact.id)
    session.add(conversation)
    session.flush()

    def timer(**fields: str) -> Timer:
        known = {"installation_id": installation.id, "conversation_id": conversation.id, "name": "ingat"}
        return Timer(**known, due_at=clock.now(session), **fields)

    session.add(timer(key="a"))
    session.flush()
    refused(session, timer(key="a"))
    session.execute(text("UPDATE timer SET state = 'fired'"))
    session.add_all([timer(key="a"), timer(key="b")])
    session.flush()
