"""Tokens with which a person's own programs use the API."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped
from catalog.models.login import SEEN_EVERY, digest
from catalog.models.user import User

# Lets secret scanners recognise a leaked one.
PREFIX = "pbt_"


class PersonalToken(Coded, Stamped, Base):
    """Acts with the rights of its user. Shown once; the row keeps a digest."""

    __tablename__ = "personal_token"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")

    @classmethod
    def issue(cls, session: Session, user: User, name: str) -> tuple["PersonalToken", str]:
        """A new token and its only showing."""
        token = PREFIX + secrets.token_urlsafe(32)
        row = cls(user=user, name=name, token_digest=digest(token))
        session.add(row)
        session.flush()
        return row, token

    @classmethod
    def by_token(cls, session: Session, token: str) -> "PersonalToken | None":
        """The living token, its use noted."""
        row = session.scalar(select(cls).where(cls.token_digest == digest(token), cls.revoked_at.is_(None)))
        if row is None or row.user.closed_at is not None:
            return None
        now = clock.now(session)
        if row.used_at is None or now - row.used_at > SEEN_EVERY:
            row.used_at = now
        return row

    @classmethod
    def of(cls, session: Session, user: User) -> list["PersonalToken"]:
        """The user's living tokens."""
        return list(
            session.scalars(select(cls).where(cls.user_id == user.id, cls.revoked_at.is_(None)).order_by(cls.id))
        )

    def revoke(self, session: Session) -> None:
        """Dead from now on. Idempotent."""
        self.revoked_at = self.revoked_at or clock.now(session)
