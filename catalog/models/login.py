"""A sign-in that is still good. Cookies only point at these rows, so a copied cookie dies with the row."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped
from catalog.models.user import User

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=90)
# Writing the last use on every request would cost a commit a page.
SEEN_EVERY = timedelta(minutes=5)


def digest(token: str) -> str:
    """What we keep of a bearer secret: its SHA-256, in hex. The secrets have 256 random bits, so no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class Login(Coded, Stamped, Base):
    """One browser that signed in. The token exists in the cookie only; the row keeps its digest."""

    __tablename__ = "login"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(200), default="", comment="the browser's own name, shortened")

    user: Mapped[User] = relationship(lazy="joined")

    @classmethod
    def start(cls, session: Session, user: User, agent: str = "") -> tuple["Login", str]:
        """A new login and the token for its cookie."""
        token, now = secrets.token_urlsafe(32), clock.now(session)
        login = cls(user=user, token_digest=digest(token), started_at=now, seen_at=now, agent=agent[:200])
        session.add(login)
        return login, token

    @classmethod
    def by_token(cls, session: Session, token: str) -> "Login | None":
        """The living login of a cookie's token: not ended, neither idle nor older than allowed, account open."""
        login = session.scalar(select(cls).where(cls.token_digest == digest(token), cls.ended_at.is_(None)))
        if login is None or login.user.closed_at is not None:
            return None
        now = clock.now(session)
        if now - login.seen_at > IDLE or now - login.started_at > ABSOLUTE:
            return None
        if now - login.seen_at > SEEN_EVERY:
            login.seen_at = now
        return login

    @classmethod
    def of(cls, session: Session, user: User) -> list["Login"]:
        """The user's living logins, the last used first."""
        now = clock.now(session)
        living = (cls.ended_at.is_(None), cls.seen_at >= now - IDLE, cls.started_at >= now - ABSOLUTE)
        return list(session.scalars(select(cls).where(cls.user_id == user.id, *living).order_by(cls.seen_at.desc())))

    def end(self, session: Session) -> None:
        """Sign out here. Idempotent."""
        self.ended_at = self.ended_at or clock.now(session)

    @classmethod
    def end_all(cls, session: Session, user: User, but: "Login | None" = None) -> None:
        """Sign out everywhere (but here): after a password change, or at the user's wish."""
        ending = update(cls).where(cls.user_id == user.id, cls.ended_at.is_(None))
        if but is not None:
            ending = ending.where(cls.id != but.id)
        session.execute(ending.values(ended_at=clock.now(session)))
