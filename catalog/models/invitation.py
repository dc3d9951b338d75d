"""An offer, mailed to an address, to join a business's team."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped, choice
from catalog.errors import Refused
from catalog.models import event
from catalog.models.business import Business
from catalog.models.login import digest
from catalog.models.membership import Membership, Role
from catalog.models.user import User

LIFETIME = timedelta(days=7)


class Invitation(Coded, Stamped, Base):
    """One open invitation per business and address."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index(
            "uq_invitation_open",
            "business_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("business.id"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[Role] = mapped_column(choice(Role))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    business: Mapped[Business] = relationship()
    invited_by: Mapped[User] = relationship()

    @classmethod
    def send(cls, session: Session, business: Business, email: str, role: Role, by: User) -> tuple["Invitation", str]:
        """A fresh invitation and its token; an earlier one to that address is replaced."""
        now = clock.now(session)
        # Two presses at once: the second waits here and replaces what the first sent.
        session.execute(select(Business.id).where(Business.id == business.id).with_for_update())
        for open_one in cls.open_of(session, business):
            if open_one.email.lower() == email.lower():
                open_one.revoked_at = now
        session.flush()
        token = secrets.token_urlsafe(32)
        invitation = cls(
            business=business,
            email=email,
            role=role,
            invited_by=by,
            token_digest=digest(token),
            expires_at=now + LIFETIME,
        )
        session.add(invitation)
        session.flush()
        event.record(
            session, "invitation.sent", subject=invitation, actor_id=by.id, business_id=business.id, role=role.value
        )
        return invitation, token

    @classmethod
    def open_of(cls, session: Session, business: Business) -> list["Invitation"]:
        """Invitations of a business that nobody has taken up yet."""
        waiting = (cls.business_id == business.id, cls.accepted_at.is_(None), cls.revoked_at.is_(None))
        return list(session.scalars(select(cls).where(*waiting).order_by(cls.id)))

    @classmethod
    def by_token(cls, session: Session, token: str) -> "Invitation | None":
        """The invitation behind a mailed link, while it is good."""
        invitation = session.scalar(
            select(cls).where(cls.token_digest == digest(token), cls.accepted_at.is_(None), cls.revoked_at.is_(None))
        )
        return invitation if invitation and invitation.expires_at > clock.now(session) else None

    def is_good(self, session: Session) -> bool:
        """Whether it may still be taken up."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > clock.now(session)

    def accept(self, session: Session, user: User) -> Membership:
        """Join the team. The address must be the invited one, and proven."""
        if user.email.lower() != self.email.lower() or user.email_verified_at is None:
            raise Refused("errors.invitation_for_other", email=self.email)
        # Two presses at once: the second waits here and finds the membership of the first.
        session.execute(select(Business.id).where(Business.id == self.business_id).with_for_update())
        self.accepted_at = clock.now(session)
        present = session.scalar(
            select(Membership).where(
                Membership.business_id == self.business_id,
                Membership.user_id == user.id,
                Membership.ended_at.is_(None),
            )
        )
        if present is not None:
            return present
        member = Membership(user=user, business=self.business, role=self.role)
        session.add(member)
        session.flush()
        event.record(
            session,
            "membership.began",
            subject=member,
            actor_id=user.id,
            business_id=self.business_id,
            role=self.role.value,
        )
        return member

    def revoke(self, session: Session, by: User) -> None:
        """Withdraw the offer."""
        self.revoked_at = self.revoked_at or clock.now(session)
        event.record(session, "invitation.revoked", subject=self, actor_id=by.id, business_id=self.business_id)
