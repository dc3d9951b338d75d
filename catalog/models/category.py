"""The store's shelves."""

from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalog.db import Base, Numbered


class Category(Numbered, Base):
    """One shelf. ``name`` and ``summary`` map a language to text; ``icon`` names a Lucide icon."""

    __tablename__ = "category"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int]
    icon: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]

    @classmethod
    def all(cls, session: Session) -> list["Category"]:
        """Every shelf in the store's order."""
        return list(session.scalars(select(cls).order_by(cls.position)))
