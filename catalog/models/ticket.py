"""Links in mails that work once: verify an address, reset a password."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped, choice
from catalog.models.login import digest
from catalog.models.user import User


class Purpose(StrEnum):
    """What a ticket is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, no password


LIFETIME = {Purpose.VERIFY_EMAIL: timedelta(days=3), Purpose.RESET_PASSWORD: timedelta(hours=1)}


class Ticket(Coded, Stamped, Base):
    """One link. It is bound to the address it was mailed to: changing the address kills it."""

    __tablename__ = "ticket"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    email: Mapped[str] = mapped_column(String(254))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @classmethod
    def issue(cls, session: Session, user: User, purpose: Purpose) -> str:
        """The token of a fresh ticket; older ones of the same purpose stop working."""
        now = clock.now(session)
        session.execute(
            update(cls).where(cls.user_id == user.id, cls.purpose == purpose, cls.used_at.is_(None)).values(used_at=now)
        )
        token = secrets.token_urlsafe(32)
        expires_at = now + LIFETIME[purpose]
        session.add(
            cls(user=user, purpose=purpose, email=user.email, token_digest=digest(token), expires_at=expires_at)
        )
        return token

    @classmethod
    def find(cls, session: Session, token: str, purpose: Purpose) -> "Ticket | None":
        """The ticket if it is still good; looking does not use it up."""
        ticket = session.scalar(
            select(cls).where(cls.token_digest == digest(token), cls.purpose == purpose, cls.used_at.is_(None))
        )
        if ticket is None or ticket.user.email != ticket.email or ticket.user.closed_at is not None:
            return None
        return ticket if ticket.expires_at > clock.now(session) else None

    def use(self, session: Session) -> bool:
        """Use the ticket up. False when somebody was faster: the guarded update decides."""
        done = session.execute(
            update(Ticket)
            .where(Ticket.id == self.id, Ticket.used_at.is_(None))
            .values(used_at=clock.now(session))
            .returning(Ticket.id)
        )
        return done.first() is not None
