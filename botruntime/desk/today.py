"""What happened today on the numbers of a business, and who waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from botruntime.models import Contact, Conversation, EventKind, InboundEvent, Mode, OutboundMessage, OutboundState
from catalog import clock
from catalog.models import Business, Number, NumberState

ARRIVED = (OutboundState.SENT, OutboundState.DELIVERED, OutboundState.READ)
TROUBLED = (OutboundState.FAILED, OutboundState.REFUSED)


@dataclass(frozen=True, slots=True)
class NumberToday:
    """One number since midnight in its business's zone."""

    number: Number
    received: int
    sent: int
    troubled: int


def numbers_today(session: Session, business: Business) -> list[NumberToday]:
    """Every number of ``business`` that is not released, with today's counts."""
    midnight = clock.now(session).astimezone(ZoneInfo(business.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    numbers = select(Number).where(Number.business_id == business.id, Number.state != NumberState.RELEASED)
    received = _received(session, business.id, midnight)
    sent = _sent(session, business.id, midnight)
    return [
        NumberToday(number, received.get(number.id, 0), *sent.get(number.id, (0, 0)))
        for number in session.scalars(numbers.order_by(Number.id))
    ]


def waiting(session: Session, business: Business) -> Sequence[Row[Conversation, Contact, Number]]:
    """Conversations whose contact asked for a person or has one, longest waiting first."""
    return session.execute(
        select(Conversation, Contact, Number)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Number, Number.id == Conversation.number_id)
        .where(
            Number.business_id == business.id, Conversation.handover_at.is_not(None) | (Conversation.mode != Mode.BOT)
        )
        .order_by(Conversation.handover_at.nulls_last(), Conversation.id)
        .limit(100)
    ).all()


def _received(session: Session, business_id: int, since: datetime) -> dict[int, int]:
    rows = session.execute(
        select(Conversation.number_id, func.count())
        .join(InboundEvent, InboundEvent.conversation_id == Conversation.id)
        .join(Number, Number.id == Conversation.number_id)
        .where(
            Number.business_id == business_id,
            # Only conversations of today: their events are found through an index.
            Conversation.last_inbound_at >= since,
            InboundEvent.kind == EventKind.MESSAGE,
            InboundEvent.sent_at >= since,
        )
        .group_by(Conversation.number_id)
    )
    return {number: count for number, count in rows}  # noqa: C416 - rows are no plain pairs to mypy


def _sent(session: Session, business_id: int, since: datetime) -> dict[int, tuple[int, int]]:
    def count(states: tuple[OutboundState, ...]) -> Any:
        return func.count(case((OutboundMessage.state.in_(states), 1)))

    rows = session.execute(
        select(OutboundMessage.number_id, count(ARRIVED), count(TROUBLED))
        .join(Number, Number.id == OutboundMessage.number_id)
        .where(
            Number.business_id == business_id,
            func.coalesce(OutboundMessage.sent_at, OutboundMessage.failed_at, OutboundMessage.created_at) >= since,
        )
        .group_by(OutboundMessage.number_id)
    )
    return {number: (sent, troubled) for number, sent, troubled in rows}
