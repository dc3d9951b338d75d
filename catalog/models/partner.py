"""A developer partner: whoever publishes bots."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.db import Base, Coded, Stamped
from catalog.models.bsp import Bsp


class Partner(Coded, Stamped, Base):
    """One developer account, under a BSP or directly under the store."""

    __tablename__ = "partner"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    support_email: Mapped[str] = mapped_column(String(254), default="")
    bsp_id: Mapped[int | None] = mapped_column(ForeignKey("bsp.id"), index=True)

    bsp: Mapped[Bsp | None] = relationship()
