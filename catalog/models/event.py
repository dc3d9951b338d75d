"""What happened: rows that are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalog import clock
from catalog.db import Base, Coded, Stamped


class Event(Coded, Stamped, Base):
    """One act: ``kind`` such as ``installation.installed``, its subject, who did it, and details without secrets.

    A trigger in the database refuses UPDATE and DELETE.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_business_id_id", "business_id", "id"),
        Index("ix_event_subject", "subject_kind", "subject_code"),
    )

    happened_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), comment="null: the system or Meta")
    business_id: Mapped[int | None] = mapped_column(ForeignKey("business.id"))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_code: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


def record(
    session: Session,
    kind: str,
    *,
    subject: Any,
    actor_id: int | None = None,
    business_id: int | None = None,
    **data: Any,
) -> Event:
    """Add an event about ``subject`` (any coded row). ``data`` must be JSON and free of secrets and bodies."""
    event = Event(
        happened_at=clock.now(session),
        kind=kind,
        actor_id=actor_id,
        business_id=business_id,
        subject_kind=subject.__tablename__,
        subject_code=subject.code,
        data=data,
    )
    session.add(event)
    return event
