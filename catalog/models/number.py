"""A WhatsApp business number attached to us, and the WhatsApp Business Account that holds it."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped, choice
from catalog.errors import Refused
from catalog.models import event
from catalog.models.business import Business
from catalog.models.user import User
from catalog.sealing import Sealer

DIGITS = r"regexp_replace(display_phone_number, '\D', '', 'g')"


class Transport(StrEnum):
    """How a number is reached."""

    CLOUD_API = "cloud_api"
    BSP_API = "bsp_api"
    GATEWAY = "gateway"
    PREVIEW = "preview"


class NumberState(StrEnum):
    """Only a live number is routed and sent from."""

    CONNECTING = "connecting"
    LIVE = "live"
    DISCONNECTED = "disconnected"
    RELEASED = "released"


class Waba(Coded, Stamped, Base):
    """A WhatsApp Business Account of a business, with the sealed business token that reaches it.

    The token is sealed for ``waba:business_token:<code>``.
    """

    __tablename__ = "waba"
    __table_args__ = (UniqueConstraint("business_id", "waba_id"),)

    business_id: Mapped[int] = mapped_column(ForeignKey("business.id"))
    waba_id: Mapped[str] = mapped_column(String(64), index=True)
    portfolio_id: Mapped[str | None] = mapped_column(String(64))
    business_token: Mapped[str | None] = mapped_column(String(2048), comment="sealed; null once revoked")
    token_expires_at: Mapped[datetime | None] = mapped_column(comment="null: never")
    subscribed_at: Mapped[datetime | None]

    business: Mapped[Business] = relationship()

    @property
    def token_row(self) -> str:
        """What the business token is bound to."""
        return f"waba:business_token:{self.code}"

    def keep_token(self, sealer: Sealer, token: str, expires_at: datetime | None) -> None:
        """Seal the token a signup brought; an older one is replaced."""
        self.business_token, self.token_expires_at = sealer.seal(token, row=self.token_row), expires_at

    def open_token(self, sealer: Sealer) -> str | None:
        """The business token; None once it is forgotten."""
        return sealer.open(self.business_token, row=self.token_row) if self.business_token else None

    def lose(self, session: Session, reason: str) -> None:
        """Meta or the owner took our access away: the token is forgotten, every number here is disconnected.

        ``reason`` is a key of the catalogues, such as ``numbers.lost.partner_removed``. Idempotent.
        """
        self.business_token, self.token_expires_at, self.subscribed_at = None, None, None
        for number in session.scalars(select(Number).where(Number.waba_fk == self.id)):
            number.disconnect(session, reason)


class Number(Coded, Stamped, Base):
    """One number. While it is not released it has exactly one owner; the index is the last word on that.

    The two-step PIN is sealed for ``number:pin:<code>``; the owner needs it when leaving.
    """

    __tablename__ = "number"
    __table_args__ = (
        Index("uq_number_owned", "phone_number_id", unique=True, postgresql_where=text("state <> 'released'")),
        Index("ix_number_business_id", "business_id"),
        # A contact whose phone is a number of ours is a bot too.
        Index("ix_number_digits", text(DIGITS)),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("business.id"))
    waba_fk: Mapped[int | None] = mapped_column(ForeignKey("waba.id"), index=True)
    transport: Mapped[Transport] = mapped_column(choice(Transport))
    phone_number_id: Mapped[str] = mapped_column(String(64))
    display_phone_number: Mapped[str] = mapped_column(String(32))
    verified_name: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[NumberState] = mapped_column(choice(NumberState), default=NumberState.CONNECTING)
    # Why a number is disconnected: a key of the catalogues, such as ``numbers.lost.partner_removed``.
    reason: Mapped[str | None] = mapped_column(String(80))
    pin: Mapped[str | None] = mapped_column(String(256), comment="sealed")
    is_coexistence: Mapped[bool] = mapped_column(default=False)
    quality: Mapped[str | None] = mapped_column(String(16))
    health: Mapped[dict[str, Any]] = mapped_column(default=dict)
    connected_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    business: Mapped[Business] = relationship()
    waba: Mapped[Waba | None] = relationship(lazy="joined")

    @property
    def pin_row(self) -> str:
        """What the PIN is bound to."""
        return f"number:pin:{self.code}"

    @classmethod
    def owned(cls, session: Session, phone_number_id: str) -> "Number | None":
        """The number somebody owns now."""
        return session.scalar(
            select(cls).where(cls.phone_number_id == phone_number_id, cls.state != NumberState.RELEASED)
        )

    @classmethod
    def claim(cls, session: Session, business: Business, waba: Waba, phone_number_id: str, **known: Any) -> "Number":
        """Attach a number to ``business``. Idempotent for its owner; refused where another business has it."""
        present = cls.owned(session, phone_number_id)
        if present is None:
            try:
                with session.begin_nested():
                    number = cls(
                        business=business,
                        waba=waba,
                        transport=Transport.CLOUD_API,
                        phone_number_id=phone_number_id,
                        **known,
                    )
                    session.add(number)
                return number
            except IntegrityError:
                # Somebody was faster between our look and our insert.
                present = cls.owned(session, phone_number_id)
        if present is None or present.business_id != business.id:
            raise Refused("errors.number_taken")
        present.waba = waba
        for name, value in known.items():
            setattr(present, name, value)
        return present

    def lock(self, session: Session) -> None:
        """Hold the row until the commit, and read it anew: whoever decides by its state decides alone."""
        session.refresh(self, with_for_update={"of": Number})

    def go_live(self, session: Session) -> None:
        """The number answers from now on. Idempotent; refused where its owner gave it up meanwhile."""
        session.flush()
        self.lock(session)
        if self.state is NumberState.LIVE:
            return
        if self.state is NumberState.RELEASED:
            raise Refused("errors.number_not_live")
        self.state, self.reason = NumberState.LIVE, None
        self.connected_at = clock.now(session)
        event.record(session, "number.connected", subject=self, business_id=self.business_id)

    def disconnect(self, session: Session, reason: str, by: User | None = None) -> None:
        """Answer no more: Meta took our access away, or the owner (``by``) wishes it. Idempotent."""
        self.lock(session)
        if self.state in (NumberState.DISCONNECTED, NumberState.RELEASED):
            return
        self.state, self.reason = NumberState.DISCONNECTED, reason
        actor_id = by.id if by else None
        event.record(
            session, "number.disconnected", subject=self, actor_id=actor_id, business_id=self.business_id, reason=reason
        )

    def drop(self, session: Session) -> None:
        """Give back a number whose connecting was given up. A number that was ever live stays its owner's."""
        if self.state is NumberState.CONNECTING:
            self.state, self.released_at = NumberState.RELEASED, clock.now(session)
            event.record(session, "number.dropped", subject=self, business_id=self.business_id)

    def ensure_pin(self, sealer: Sealer) -> str:
        """The two-step PIN, six digits; made on first use. Commit before Meta hears it, or nobody knows it after."""
        if self.pin is None:
            self.keep_pin(sealer, f"{secrets.randbelow(10**6):06}")
        return sealer.open(str(self.pin), row=self.pin_row)

    def keep_pin(self, sealer: Sealer, pin: str) -> None:
        """Seal the PIN that Meta accepted."""
        self.pin = sealer.seal(pin, row=self.pin_row)

    def show_pin(self, session: Session, sealer: Sealer, by: User) -> str | None:
        """The PIN for its owner; every look is an event."""
        if self.pin is None:
            return None
        event.record(session, "number.pin_shown", subject=self, actor_id=by.id, business_id=self.business_id)
        return sealer.open(self.pin, row=self.pin_row)

    def release(self, session: Session, by: User) -> None:
        """Give the number up, so that any business may connect it. Its bot must be uninstalled first."""
        from catalog.models.installation import Installation

        self.lock(session)
        if Installation.on(session, self) is not None:
            raise Refused("errors.number_has_bot")
        self.state, self.released_at = NumberState.RELEASED, clock.now(session)
        event.record(session, "number.released", subject=self, actor_id=by.id, business_id=self.business_id)
