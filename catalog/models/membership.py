"""Who may do what where: a user's place in a business, a partner, a BSP, or among the store's staff."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.db import Base, Coded, Stamped, choice

if TYPE_CHECKING:
    from catalog.models.business import Business
    from catalog.models.user import User


class Role(StrEnum):
    """Roles from weak to strong. A stronger one may do all a weaker one may."""

    VIEWER = "viewer"
    AGENT = "agent"
    MANAGER = "manager"
    OWNER = "owner"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what ``needed`` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class Membership(Coded, Stamped, Base):
    """Exactly one of business, partner, bsp or staff; at most one living row per user and place."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("num_nonnulls(business_id, partner_id, bsp_id) + is_staff::int = 1", name="one_place"),
        *(
            Index(
                f"uq_membership_user_{place}",
                "user_id",
                f"{place}_id",
                unique=True,
                postgresql_where=text(f"ended_at IS NULL AND {place}_id IS NOT NULL"),
            )
            for place in ("business", "partner", "bsp")
        ),
        Index(
            "uq_membership_user_staff",
            "user_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND is_staff"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    business_id: Mapped[int | None] = mapped_column(ForeignKey("business.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"), index=True)
    bsp_id: Mapped[int | None] = mapped_column(ForeignKey("bsp.id"), index=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    role: Mapped[Role] = mapped_column(choice(Role))
    ended_at: Mapped[datetime | None]

    user: Mapped["User"] = relationship(back_populates="memberships")
    business: Mapped["Business | None"] = relationship(back_populates="memberships")
