"""A person who signs in to the store."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped
from catalog.models.membership import Membership

_hasher = PasswordHasher()
# Checked when the e-mail is unknown, so that an answer takes as long for strangers as for users. Written out, because
# making it would cost every process 0.13 s at start.
_DUMMY = "$argon2id$v=19$m=65536,t=3,p=4$N2QDKszHWDjd4CAjZFj6ig$DqH5SIhLQRUyCWyTtWl1CwfKABsESAeAUtU55GhqpFk"


class User(Coded, Stamped, Base):
    """One person, one e-mail address (compared without case)."""

    __tablename__ = "user"
    __table_args__ = (Index("uq_user_email_lower", text("lower(email)"), unique=True),)

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2), default="id")
    password_hash: Mapped[str] = mapped_column(String(200))
    email_verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    memberships: Mapped[list[Membership]] = relationship(back_populates="user")

    @classmethod
    def by_email(cls, session: Session, email: str) -> "User | None":
        """The open account with that address."""
        match = func.lower(cls.email) == email.strip().lower()
        return session.scalar(select(cls).where(match, cls.closed_at.is_(None)))

    def set_password(self, password: str) -> None:
        """Keep only the argon2id hash; all of the password counts, however long."""
        self.password_hash = _hasher.hash(password)

    def has_password(self, password: str) -> bool:
        """Whether ``password`` is right; upgrades the hash when its parameters have aged."""
        try:
            _hasher.verify(self.password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        if _hasher.check_needs_rehash(self.password_hash):
            self.set_password(password)
        return True

    def verify_email(self, session: Session) -> None:
        """The address is proven to be theirs. Idempotent."""
        self.email_verified_at = self.email_verified_at or clock.now(session)

    def close(self, session: Session) -> None:
        """Close the account and forget who it was; logins, tokens and memberships end. Refused for a last owner."""
        from catalog.models.business import Business
        from catalog.models.login import Login
        from catalog.models.personal_token import PersonalToken

        for place in Business.of(session, self):
            member = next(one for one in place.team(session) if one.user_id == self.id)
            place.remove(session, member, self)
        now = clock.now(session)
        for member in self.memberships:
            member.ended_at = member.ended_at or now
        for token in PersonalToken.of(session, self):
            token.revoke(session)
        Login.end_all(session, self)
        # The address is free for a new account; rows that name this person go on pointing at nobody.
        self.email, self.name, self.password_hash = f"closed+{self.code}@invalid", "", ""
        self.email_verified_at, self.closed_at = None, now

    @property
    def is_staff(self) -> bool:
        """Whether the person keeps order in the store."""
        return any(m.is_staff and m.ended_at is None for m in self.memberships)


def spend_password_time(password: str) -> None:
    """Take as long as a real check, for an address nobody has."""
    try:
        _hasher.verify(_DUMMY, password)
    except VerificationError:
        return
