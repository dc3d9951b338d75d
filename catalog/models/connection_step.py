"""One step of the server's half of Embedded Signup, as the timeline shows it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.db import Base, Coded, Stamped, choice

if TYPE_CHECKING:
    from catalog.models.connection import Connection


class StepName(StrEnum):
    """The server's half, in order. Only ``exchange`` is bound to the 30 seconds a code lives."""

    EXCHANGE = "exchange"
    INSPECT = "inspect"
    SUBSCRIBE = "subscribe"
    REGISTER = "register"
    LIVE = "live"


class StepState(StrEnum):
    """What the timeline shows of a step."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class ConnectionStep(Coded, Stamped, Base):
    """One step of the timeline."""

    __tablename__ = "connection_step"
    __table_args__ = (UniqueConstraint("connection_id", "name"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    name: Mapped[StepName] = mapped_column(choice(StepName))
    state: Mapped[StepState] = mapped_column(choice(StepState), default=StepState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(80))
    error_params: Mapped[dict[str, Any]] = mapped_column(default=dict)

    connection: Mapped["Connection"] = relationship(back_populates="steps")

    def begin(self) -> None:
        """Its turn."""
        self.state, self.tries = StepState.RUNNING, self.tries + 1
        self.started_at = self.started_at or datetime.now(UTC)

    def end(self, state: StepState) -> None:
        """It is through."""
        self.state, self.finished_at = state, datetime.now(UTC)
        self.error, self.error_params = None, {}
