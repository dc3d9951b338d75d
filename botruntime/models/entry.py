"""A bot's own data."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded


class Entry(Coded, Base):
    """One record (``Record`` of the bot contract) of one installation; ``code`` and times are made by the SDK."""

    __tablename__ = "entry"
    __table_args__ = (
        Index(
            "uq_entry_key",
            "installation_id",
            "collection",
            "key",
            unique=True,
            postgresql_where=text("key IS NOT NULL"),
        ),
        Index("ix_entry_installation_id_collection_id", "installation_id", "collection", "id"),
        Index("ix_entry_contact_id", "contact_id"),
    )

    installation_id: Mapped[int] = mapped_column(ForeignKey("installation.id"))
    collection: Mapped[str] = mapped_column(String(80))
    key: Mapped[str | None] = mapped_column(String(200))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    data: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(comment="business time")
    updated_at: Mapped[datetime] = mapped_column(comment="business time")
