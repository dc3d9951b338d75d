"""The log of what the platform said about sent messages."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Numbered, Stamped


class Delivery(Numbered, Stamped, Base):
    """One status as it came, in whatever order but once; the message itself only moves forward.

    ``outbound_message_id`` is null for a message we do not know (sent from the owner's phone, or long erased).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_outbound_message_id", "outbound_message_id"),
        Index("uq_delivery_wamid_status", "wamid", "status", unique=True),
    )

    outbound_message_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_message.id"))
    wamid: Mapped[str] = mapped_column(String(512))
    status: Mapped[str] = mapped_column(String(16), comment="sent, delivered, read, played, failed")
    at: Mapped[datetime | None] = mapped_column(comment="Meta's timestamp")
    recipient: Mapped[str | None] = mapped_column(String(160))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    pricing: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
