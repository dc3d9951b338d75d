"""A bot's public page in the store."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog.db import Base, Coded, Stamped
from catalog.models.bot import Bot, Version
from catalog.models.category import Category
from catalog.models.plan import Interval, Plan


class Listing(Coded, Stamped, Base):
    """Texts map a language to its form; ``body`` is markdown. Hidden until ``listed_at`` and after ``unlisted_at``."""

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_search", "search", postgresql_using="gin"),)

    bot_id: Mapped[int] = mapped_column(ForeignKey("bot.id"), unique=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    name: Mapped[dict[str, Any]]
    tagline: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    tags: Mapped[list[str]]
    listed_at: Mapped[datetime | None]
    unlisted_at: Mapped[datetime | None]
    # Both languages, stemmed each in its own way and weighted by field; written by ``catalog.search``.
    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True)

    bot: Mapped[Bot] = relationship()
    category: Mapped[Category] = relationship()
    plans: Mapped[list[Plan]] = relationship(order_by="Plan.price_idr")

    @classmethod
    def public(cls, session: Session, slug: str) -> "Listing | None":
        """The listing of that slug, if visitors may see it."""
        return session.scalar(
            select(cls).where(cls.slug == slug, cls.listed_at.is_not(None), cls.unlisted_at.is_(None))
        )

    @classmethod
    def counts(cls, session: Session) -> dict[int, int]:
        """How many public listings stand on each shelf, by the category's key; empty shelves are left out."""
        shown = (cls.listed_at.is_not(None), cls.unlisted_at.is_(None))
        rows = session.execute(select(cls.category_id, func.count()).where(*shown).group_by(cls.category_id))
        return {row[0]: row[1] for row in rows}

    def version(self, session: Session) -> Version | None:
        """The version new installations get."""
        return self.bot.published(session)

    @property
    def free_plan(self) -> Plan | None:
        """The plan that costs nothing."""
        return next((plan for plan in self.plans if plan.interval is Interval.FREE), None)

    @property
    def is_public(self) -> bool:
        """Whether visitors may see it."""
        return self.listed_at is not None and self.unlisted_at is None
