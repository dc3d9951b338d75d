"""What a bot costs."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded, Stamped, choice


class Interval(StrEnum):
    """How often the price is charged."""

    FREE = "free"
    ONCE = "once"
    MONTH = "month"
    YEAR = "year"


class Plan(Coded, Stamped, Base):
    """One price of a listing, in whole rupiah."""

    __tablename__ = "plan"
    __table_args__ = (CheckConstraint("price_idr >= 0", name="price_not_negative"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    name: Mapped[dict[str, Any]]
    interval: Mapped[Interval] = mapped_column(choice(Interval))
    price_idr: Mapped[int] = mapped_column(BigInteger)
