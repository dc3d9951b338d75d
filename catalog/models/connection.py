"""A run through Embedded Signup: how a number comes to us, step by step, resumable at the step that failed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.db import Base, Coded, Stamped, choice
from catalog.models.business import Business
from catalog.models.listing import Listing
from catalog.models.number import Number, Waba
from catalog.models.user import User


class Variant(StrEnum):
    """The way the browser went: Meta's popup or the redirect that needs no JavaScript."""

    POPUP = "popup"
    REDIRECT = "redirect"


class ConnectionState(StrEnum):
    """``started`` waits for the browser, ``working`` for the jobs; the rest are ends, ``failed`` may be retried."""

    STARTED = "started"
    WORKING = "working"
    FAILED = "failed"
    LIVE = "live"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


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


class Connection(Coded, Stamped, Base):
    """One attempt. What the browser claimed stands apart from what the token proved (``waba``, ``number``).

    The business token is sealed for ``connection:token:<code>`` until ``inspect`` moves it to the WABA.
    """

    __tablename__ = "connection"
    __table_args__ = (
        Index("ix_connection_working", "next_try_at", postgresql_where=text("state = 'working'")),
        Index("ix_connection_business_id", "business_id"),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("business.id"))
    started_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    # The browser that began must be the one that ends it: no forced linking.
    login_id: Mapped[int | None] = mapped_column(ForeignKey("login.id"))
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"), comment="the bot waiting for it")
    variant: Mapped[Variant] = mapped_column(choice(Variant))
    state: Mapped[ConnectionState] = mapped_column(choice(ConnectionState), default=ConnectionState.STARTED)
    state_digest: Mapped[str | None] = mapped_column(String(64), comment="sha256 of the OAuth state, single use")
    is_coexistence: Mapped[bool] = mapped_column(default=False)
    claimed_waba_id: Mapped[str | None] = mapped_column(String(64))
    claimed_phone_number_id: Mapped[str | None] = mapped_column(String(64))
    token: Mapped[str | None] = mapped_column(String(2048), comment="sealed")
    pin: Mapped[str | None] = mapped_column(String(256), comment="sealed; a PIN the owner typed after a mismatch")
    waba_fk: Mapped[int | None] = mapped_column(ForeignKey("waba.id"))
    number_id: Mapped[int | None] = mapped_column(ForeignKey("number.id"))
    error: Mapped[str | None] = mapped_column(String(80), comment="a key of the catalogues")
    error_params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    expires_at: Mapped[datetime] = mapped_column(comment="when a started one is given up")
    # Real time: leases and retries are deadlines.
    next_try_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    business: Mapped[Business] = relationship()
    started_by: Mapped[User] = relationship()
    listing: Mapped[Listing | None] = relationship()
    waba: Mapped[Waba | None] = relationship()
    number: Mapped[Number | None] = relationship()
    steps: Mapped[list["ConnectionStep"]] = relationship(order_by="ConnectionStep.id", back_populates="connection")

    @property
    def token_row(self) -> str:
        """What the token is bound to."""
        return f"connection:token:{self.code}"

    @property
    def pin_row(self) -> str:
        """What a typed PIN is bound to."""
        return f"connection:pin:{self.code}"


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

    connection: Mapped[Connection] = relationship(back_populates="steps")
