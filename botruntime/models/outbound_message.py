"""What is to be sent, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, SmallInteger, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded, Stamped, choice

_OPTIONAL_JSON = JSONB(none_as_null=True)


class OutboundState(StrEnum):
    """``held``: made by a timer while a person has the chat. ``ambiguous``: sent, but the answer was lost.
    ``refused``: a rule of ours said no; ``failed``: the platform did; ``cancelled``: overtaken by events.
    """

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


# With the casts PostgreSQL itself would show, so that Alembic sees that model and table agree.
OPEN = " OR ".join(f"state::text = '{state}'::text" for state in ("queued", "sending", "ambiguous"))


class Author(StrEnum):
    """Only what a bot wrote is bound to the generation of its installation."""

    BOT = "bot"
    SYSTEM = "system"
    AGENT = "agent"


class Policy(StrEnum):
    """``reply`` answers what the contact just did; ``notice`` comes unasked and yields to opt-out."""

    REPLY = "reply"
    NOTICE = "notice"


class OutboundMessage(Coded, Stamped, Base):
    """The outbox. Rows of one conversation are sent in the order of ``id``; ``code`` travels to Meta as
    ``biz_opaque_callback_data`` and comes back in the statuses. States move forward only.

    ``payload`` is ``Reply.to_dict()`` of the bot contract, never a wire body.
    """

    __tablename__ = "outbound_message"
    __table_args__ = (
        Index("uq_outbound_message_wamid", "wamid", unique=True, postgresql_where=text("wamid IS NOT NULL")),
        Index("ix_outbound_message_conversation_id_id", "conversation_id", "id"),
        # On `is_open` and not on `state`: a status then changes no index (HOT update).
        Index("ix_outbound_message_open", "conversation_id", "id", postgresql_where=text("is_open")),
        Index("ix_outbound_message_due", "next_try_at", "id", postgresql_where=text("is_open")),
        Index("ix_outbound_message_parked", "number_id", postgresql_where=text("parked_at IS NOT NULL")),
        Index("ix_outbound_message_number_id_id", "number_id", "id"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installation.id"))
    generation: Mapped[int | None] = mapped_column(comment="of the installation when the row was written")
    author: Mapped[Author] = mapped_column(choice(Author), server_default="bot")
    policy: Mapped[Policy] = mapped_column(choice(Policy), server_default="reply")
    payload: Mapped[dict[str, Any]]
    state: Mapped[OutboundState] = mapped_column(choice(OutboundState), server_default="queued")
    reason: Mapped[str | None] = mapped_column(String(80), comment="key of a sentence in the catalogues")
    error: Mapped[dict[str, Any] | None] = mapped_column(_OPTIONAL_JSON, comment="{code, title, details}")
    wamid: Mapped[str | None] = mapped_column(String(512))
    pricing: Mapped[dict[str, Any] | None] = mapped_column(_OPTIONAL_JSON)
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_event.id"), comment="the event that caused it")
    is_open: Mapped[bool | None] = mapped_column(Computed(OPEN, persisted=True))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    lost: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="answers lost on the way")
    # Real time: next_try_at, parked_at and the lease. The others are business time or Meta's.
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    parked_at: Mapped[datetime | None] = mapped_column(comment="real time; waits until its number is connected again")
    lease_token: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    lease_holder: Mapped[int | None] = mapped_column(comment="backend pid of the holder's bell connection")
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
