"""A business solution provider: administers developer partners and clients under its own name."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded, Stamped


class Bsp(Coded, Stamped, Base):
    """One provider."""

    __tablename__ = "bsp"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
