"""What came in: one row per update, kept before Meta is told 200."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Numbered, choice


class EventKind(StrEnum):
    """``timer`` is a timer of ours that came due and now queues among the messages of its conversation."""

    MESSAGE = "message"
    STATUS = "status"
    ECHO = "echo"
    ACCOUNT = "account"
    TIMER = "timer"
    UNKNOWN = "unknown"


class EventState(StrEnum):
    """``ignored`` is an end by rule (nobody to answer), ``parked`` an end a person should look at."""

    PENDING = "pending"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"


class InboundEvent(Numbered, Base):
    """``id`` is the order of arrival. ``dedupe_key`` is a 128-bit hash of what makes the update unique
    (Meta: Webhooks, messages): phone_number_id and wamid; wamid, status and recipient; or the content itself.

    A message without conversation is not yet sorted. ``deaths`` counts the claims whose holder never came back.
    """

    __tablename__ = "inbound_event"
    __table_args__ = (
        Index(
            "ix_inbound_event_unsorted",
            "id",
            postgresql_where=text("state = 'pending' AND conversation_id IS NULL AND kind IN ('message', 'echo')"),
        ),
        Index(
            "ix_inbound_event_aside",
            "kind",
            "id",
            postgresql_where=text("state = 'pending' AND kind IN ('status', 'account')"),
        ),
        Index(
            "ix_inbound_event_waiting",
            "conversation_id",
            "id",
            postgresql_where=text("state = 'pending' AND conversation_id IS NOT NULL"),
        ),
        Index("ix_inbound_event_conversation_id_id", "conversation_id", "id"),
        Index("ix_inbound_event_parked", "id", postgresql_where=text("state = 'parked'")),
    )

    dedupe_key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    kind: Mapped[EventKind] = mapped_column(choice(EventKind))
    state: Mapped[EventState] = mapped_column(choice(EventState), server_default="pending")
    reason: Mapped[str | None] = mapped_column(String(64), comment="why ignored or parked; key under runtime.reasons")
    phone_number_id: Mapped[str | None] = mapped_column(String(64))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    sent_at: Mapped[datetime | None] = mapped_column(comment="Meta's timestamp, whole seconds")
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    finished_at: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    handled: Mapped[str | None] = mapped_column(String(120), comment="which rule of the bot answered")
    raw: Mapped[bytes] = mapped_column(LargeBinary, comment="a webhook body with exactly this update")
