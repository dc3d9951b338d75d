"""The store's client: a clinic, a shop, a school. Owns numbers and installations."""

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped
from catalog.errors import Refused
from catalog.models import event
from catalog.models.membership import Membership, Role
from catalog.models.user import User

# Indonesia's three zones; the label is what people say and what every shown time carries.
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


class Business(Coded, Stamped, Base):
    """``support_contact`` is the way to a person that Meta's automation policy demands of every bot."""

    __tablename__ = "business"

    name: Mapped[str] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")
    language: Mapped[str] = mapped_column(String(2), default="id")
    support_contact: Mapped[str] = mapped_column(String(254), default="")

    memberships: Mapped[list[Membership]] = relationship(back_populates="business")

    @classmethod
    def found(cls, session: Session, by: User, *, name: str, zone: str) -> "Business":
        """Open a business; the founder becomes its owner."""
        business = cls(name=name, zone=zone, language=by.language, support_contact=by.email)
        session.add(business)
        business.memberships.append(Membership(user=by, role=Role.OWNER))
        session.flush()
        event.record(session, "business.founded", subject=business, actor_id=by.id, business_id=business.id)
        return business

    @classmethod
    def of(cls, session: Session, user: User) -> list["Business"]:
        """The businesses whose team the user is on, the oldest membership first."""
        mine = (Membership.user_id == user.id, Membership.ended_at.is_(None))
        return list(session.scalars(select(cls).join(Membership).where(*mine).order_by(Membership.id)))

    def describe(self, session: Session, by: User, **facts: str) -> None:
        """Change name, zone, language or support contact. What stays the same leaves no trace."""
        changed = [name for name, value in facts.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, facts[name])
        if changed:
            event.record(
                session, "business.described", subject=self, actor_id=by.id, business_id=self.id, changed=changed
            )

    def role_of(self, session: Session, user: User) -> Role | None:
        """The user's role here; None for a stranger."""
        return session.scalar(
            select(Membership.role).where(
                Membership.business_id == self.id, Membership.user_id == user.id, Membership.ended_at.is_(None)
            )
        )

    def team(self, session: Session) -> list[Membership]:
        """The living memberships, founders first."""
        return list(
            session.scalars(
                select(Membership)
                .where(Membership.business_id == self.id, Membership.ended_at.is_(None))
                .order_by(Membership.id)
            )
        )

    def change_role(self, session: Session, member: Membership, role: Role, by: User) -> None:
        """Give a member another role. Refused for the last owner."""
        if member.role is Role.OWNER and role is not Role.OWNER:
            self._keep_an_owner(session, member)
        member.role = role
        event.record(
            session, "membership.changed", subject=member, actor_id=by.id, business_id=self.id, role=role.value
        )

    def remove(self, session: Session, member: Membership, by: User) -> None:
        """End a membership. Refused for the last owner."""
        if member.role is Role.OWNER:
            self._keep_an_owner(session, member)
        member.ended_at = clock.now(session)
        event.record(session, "membership.ended", subject=member, actor_id=by.id, business_id=self.id)

    def _keep_an_owner(self, session: Session, leaving: Membership) -> None:
        # Locks the business, so that two owners cannot remove each other at once.
        session.execute(select(Business.id).where(Business.id == self.id).with_for_update())
        # Asked of the rows: what this session loaded before the lock may be out of date.
        others = (
            Membership.business_id == self.id,
            Membership.role == Role.OWNER,
            Membership.ended_at.is_(None),
            Membership.id != leaving.id,
        )
        if session.scalar(select(Membership.id).where(*others).limit(1)) is None:
            raise Refused("errors.last_owner")

    @property
    def zone_label(self) -> str:
        """WIB, WITA or WIT."""
        return ZONES.get(self.zone, self.zone)
