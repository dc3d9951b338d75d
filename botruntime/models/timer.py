"""What a bot wants to be woken for."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.db import Base, Coded, Stamped, choice


class TimerState(StrEnum):
    """``due``: queued among the events of its conversation, may still be cancelled by an earlier one."""

    PENDING = "pending"
    DUE = "due"
    FIRED = "fired"
    CANCELLED = "cancelled"


class Timer(Coded, Stamped, Base):
    """One wake-up. (name, key) is unique per conversation and installation while it has not fired."""

    __tablename__ = "timer"
    __table_args__ = (
        Index(
            "uq_timer_open",
            "conversation_id",
            "installation_id",
            "name",
            "key",
            unique=True,
            postgresql_where=text("state IN ('pending', 'due')"),
        ),
        Index("ix_timer_pending", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_timer_conversation_id", "conversation_id"),
    )

    installation_id: Mapped[int] = mapped_column(ForeignKey("installation.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    name: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200), default="", server_default="")
    due_at: Mapped[datetime] = mapped_column(comment="business time")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[TimerState] = mapped_column(choice(TimerState), server_default="pending")
