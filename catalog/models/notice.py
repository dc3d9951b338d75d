"""Mail that waits to be sent. Any process writes a row; the store's jobs send it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalog.db import Base, Coded, Stamped

# Seconds before the next try; after the last one the notice is given up and stays readable.
RETRIES = (5, 30, 120, 600, 3600, 21600)


class Notice(Coded, Stamped, Base):
    """One mail: ``kind`` names its template in ``templates/emails``, ``params`` (JSON) fill it."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_waiting", "next_try_at", postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
    )

    kind: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    business_id: Mapped[int | None] = mapped_column(ForeignKey("business.id"))
    tries: Mapped[int] = mapped_column(default=0)
    # Real time, not business time: a retry is a deadline.
    next_try_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str | None]

    def sent(self, at: datetime) -> None:
        """The mail server took it. Links in it are secrets, so the params go."""
        self.sent_at, self.error, self.params = at, None, {}

    def failed(self, error: str, at: datetime) -> None:
        """Try again later, or give up after the last try."""
        self.error = error[:500]
        if self.tries < len(RETRIES):
            self.next_try_at = at + timedelta(seconds=RETRIES[self.tries])
        else:
            self.given_up_at = at
        self.tries += 1


def post(
    session: Session, kind: str, *, email: str, language: str, business_id: int | None = None, **params: Any
) -> Notice:
    """Put a mail into the outbox, in the caller's transaction."""
    notice = Notice(kind=kind, email=email, language=language, business_id=business_id, params=params)
    session.add(notice)
    return notice
