"""One contact on one number: the unit of order, of state and of leases."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded, Stamped, choice

_OPTIONAL_JSON = JSONB(none_as_null=True)


class Mode(StrEnum):
    """Who speaks: the bot; nobody yet, a person was asked for; a person."""

    BOT = "bot"
    QUEUED = "queued"
    HUMAN = "human"


class Conversation(Coded, Stamped, Base):
    """At most one worker holds a conversation: the lease is real time, its token fences off who held it before.

    ``waiting_since`` is the id of the oldest inbound event not yet worked off, null when there is none. The customer
    service window is open until ``last_inbound_at`` + 24 h of business time. State and question belong to
    ``installation_id``; another installation starts afresh.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("number_id", "contact_id"),
        Index("ix_conversation_contact_id", "contact_id"),
        Index("ix_conversation_waiting", "waiting_since", postgresql_where=text("waiting_since IS NOT NULL")),
        Index("ix_conversation_leased", "lease_holder", postgresql_where=text("lease_holder IS NOT NULL")),
        Index("ix_conversation_handover", "number_id", "handover_at", postgresql_where=text("handover_at IS NOT NULL")),
        {"postgresql_with": {"fillfactor": 70}},
    )

    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installation.id"))
    mode: Mapped[Mode] = mapped_column(choice(Mode), default=Mode.BOT, server_default="bot")
    human_until: Mapped[datetime | None] = mapped_column(comment="business time; null in mode human: until given back")
    handover_at: Mapped[datetime | None] = mapped_column(comment="a person is wished for since; null once answered")
    handover: Mapped[dict[str, Any] | None] = mapped_column(_OPTIONAL_JSON, comment="{team, note}")
    state: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    asking: Mapped[dict[str, Any] | None] = mapped_column(_OPTIONAL_JSON)
    last_inbound_at: Mapped[datetime | None] = mapped_column(comment="Meta's timestamp of the contact's last message")
    last_unknown_at: Mapped[datetime | None]
    paused_told_at: Mapped[datetime | None]
    fallback_told_at: Mapped[datetime | None]
    # Loop guard, real time: turns answered since the minute began.
    burst_began_at: Mapped[datetime | None]
    burst_turns: Mapped[int] = mapped_column(default=0, server_default="0")
    silenced_until: Mapped[datetime | None]
    waiting_since: Mapped[int | None] = mapped_column(BigInteger)
    lease_token: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    lease_holder: Mapped[int | None] = mapped_column(comment="backend pid of the holder's bell connection")
    lease_until: Mapped[datetime | None] = mapped_column(comment="real time")
