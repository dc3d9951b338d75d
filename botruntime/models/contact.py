"""Who writes to a business."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded, Stamped


class Contact(Coded, Stamped, Base):
    """A person as one portfolio of one business sees them. Known by BSUID first, by phone second; either may be absent.

    A BSUID holds within a portfolio only (Meta: Business-scoped user ids), so both ids are unique per
    (business, portfolio). ``code`` is what bots see. A merged contact points at the one that lives on.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("bsuid IS NOT NULL OR wa_id IS NOT NULL OR merged_into_id IS NOT NULL", name="known"),
        Index(
            "uq_contact_bsuid",
            "bsuid",
            "business_id",
            "portfolio_id",
            unique=True,
            postgresql_where=text("bsuid IS NOT NULL"),
        ),
        Index(
            "uq_contact_wa_id",
            "wa_id",
            "business_id",
            "portfolio_id",
            unique=True,
            postgresql_where=text("wa_id IS NOT NULL"),
        ),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("business.id"))
    portfolio_id: Mapped[str] = mapped_column(String(64), default="", server_default="", comment="'' while unknown")
    bsuid: Mapped[str | None] = mapped_column(String(160))
    parent_bsuid: Mapped[str | None] = mapped_column(String(160))
    wa_id: Mapped[str | None] = mapped_column(String(32), comment="digits as given, never normalised")
    username: Mapped[str | None] = mapped_column(String(64), comment="may change; never a key")
    name: Mapped[str] = mapped_column(String(255), default="", server_default="")
    language: Mapped[str | None] = mapped_column(String(2), comment="chosen by the contact")
    opted_out_at: Mapped[datetime | None] = mapped_column(comment="STOP: nothing unasked is sent")
    marketing_stopped_at: Mapped[datetime | None] = mapped_column(comment="Meta's own switch for marketing")
    erased_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
