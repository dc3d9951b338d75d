"""A run through Embedded Signup: how a number comes to us, step by step, resumable at the step that failed."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped, choice
from catalog.errors import Refused
from catalog.models import event
from catalog.models.business import Business
from catalog.models.connection_step import ConnectionStep, StepName, StepState
from catalog.models.listing import Listing
from catalog.models.login import Login
from catalog.models.number import Number, NumberState, Waba
from catalog.models.user import User
from catalog.sealing import Sealer

# Business time: how long the browser may take.
LIFETIME = timedelta(hours=1)
# Meta: Embedded Signup: a number must be registered within 14 days of the signup.
RESUMABLE = timedelta(days=14)


class Variant(StrEnum):
    """The way the browser went: Meta's popup or the redirect that needs no JavaScript."""

    POPUP = "popup"
    REDIRECT = "redirect"


class ConnectionState(StrEnum):
    """``started`` waits for the browser, ``working`` is the jobs' turn, ``asking`` waits for the owner's answer,
    ``failed`` may be retried while a token is left; the rest are ends.
    """

    STARTED = "started"
    WORKING = "working"
    ASKING = "asking"
    FAILED = "failed"
    LIVE = "live"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# States in which something may still come of an attempt.
OPEN = (ConnectionState.STARTED, ConnectionState.WORKING, ConnectionState.ASKING, ConnectionState.FAILED)


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

    @property
    def step(self) -> "ConnectionStep | None":
        """The step whose turn it is; None when all are through."""
        return next((s for s in self.steps if s.state not in (StepState.DONE, StepState.SKIPPED)), None)

    @property
    def has_token(self) -> bool:
        """Whether the jobs can go on without a new signup."""
        return bool(self.token or (self.waba and self.waba.business_token))

    @property
    def is_retryable(self) -> bool:
        """Whether ``retry`` helps; otherwise the owner starts anew."""
        return self.state is ConnectionState.FAILED and self.has_token

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in OPEN

    # The browser's half

    @classmethod
    def start(
        cls,
        session: Session,
        *,
        business: Business,
        by: User,
        login: Login,
        variant: Variant,
        listing: Listing | None = None,
        is_coexistence: bool = False,
    ) -> "Connection":
        """Begin an attempt; only the browser with ``login`` can go on with it."""
        connection = cls(
            business=business,
            started_by=by,
            login_id=login.id,
            listing=listing,
            variant=variant,
            is_coexistence=is_coexistence,
            expires_at=clock.now(session) + LIFETIME,
            steps=[ConnectionStep(name=name) for name in StepName],
        )
        session.add(connection)
        session.flush()
        connection._note(session, "started", by, variant=variant.value)
        return connection

    @classmethod
    def by_code(cls, session: Session, code: str) -> "Connection | None":
        """The connection a public code names."""
        try:
            known = UUID(code)
        except ValueError:
            return None
        return session.scalar(select(cls).where(cls.code == known))

    def begin_exchange(self, session: Session) -> bool:
        """Take the browser's code in hand. False where that was done before: a second post changes nothing."""
        self.lock(session)
        step = self.steps[0]
        if self.state is not ConnectionState.STARTED or step.state is not StepState.WAITING:
            return False
        step.begin()
        return True

    def accept(
        self,
        session: Session,
        sealer: Sealer,
        token: str,
        *,
        waba_id: str | None = None,
        phone_number_id: str | None = None,
    ) -> None:
        """The code is now a token. What the browser claims is kept as a claim until ``inspect`` has proven it."""
        self.lock(session)
        if self.state is not ConnectionState.STARTED:
            raise Refused("numbers.errors.too_late")
        self.token = sealer.seal(token, row=self.token_row)
        self.claimed_waba_id, self.claimed_phone_number_id = waba_id, phone_number_id
        self.state, self.expires_at = ConnectionState.WORKING, clock.now(session) + RESUMABLE
        self.finish_step(session)

    def cancel(self, session: Session, key: str, /, **params: Any) -> None:
        """The owner left Meta's window. Idempotent; too late once the code is in hand."""
        self.lock(session)
        if self.state is ConnectionState.STARTED and self.steps[0].state is StepState.WAITING:
            self._end(session, ConnectionState.CANCELLED, key, **params)

    # The jobs' half

    def confirm(
        self,
        session: Session,
        sealer: Sealer,
        *,
        waba_id: str,
        phone_number_id: str,
        expires_at: datetime | None,
        **known: Any,
    ) -> None:
        """The token has proven WABA and number: the number becomes the business's, the token moves to the WABA.

        Raises ``Refused`` where another business owns the number; then nothing is kept.
        """
        if self.token is None:
            raise Refused("numbers.errors.token_gone")
        token = sealer.open(self.token, row=self.token_row)
        with session.begin_nested():
            waba = self._waba(session, waba_id)
            number = Number.claim(
                session, self.business, waba, phone_number_id, is_coexistence=self.is_coexistence, **known
            )
        waba.keep_token(sealer, token, expires_at)
        self.waba, self.number, self.token = waba, number, None

    def finish_step(self, session: Session, *, skipped: bool = False) -> None:
        """The step is through; the next one is due at once. After the last the connection is live."""
        step = self.step
        if step is None:
            return
        step.end(StepState.SKIPPED if skipped else StepState.DONE)
        self.error, self.error_params, self.leased_until = None, {}, None
        self.next_try_at = session.scalar(select(func.clock_timestamp()))
        if self.step is None:
            self.state, self.pin = ConnectionState.LIVE, None
            self.finished_at = clock.now(session)
            self._note(session, "finished")

    def postpone(self, session: Session, seconds: float, key: str, /, **params: Any) -> None:
        """Try the step again by itself after ``seconds``; until then the timeline says why it waits."""
        self._stop_at(StepState.WAITING, key, params)
        self.next_try_at = session.scalar(select(func.clock_timestamp() + timedelta(seconds=seconds)))

    def ask(self, session: Session, key: str, /, **params: Any) -> None:
        """The owner must answer before the step can go on."""
        self._stop_at(StepState.FAILED, key, params)
        self.state = ConnectionState.ASKING
        self._note(session, "asking", reason=key)

    def fail(self, session: Session, key: str, /, *, final: bool = False, **params: Any) -> None:
        """The step failed. ``final``: the token is no good for this, it is forgotten and the owner starts anew."""
        self._stop_at(StepState.FAILED, key, params)
        self.state = ConnectionState.FAILED
        if final:
            self._let_go(session)
        self._note(session, "failed", reason=key)

    # The owner's answers

    def retry(self, session: Session, by: User) -> None:
        """Go on from where it failed. Idempotent while it works."""
        self.lock(session)
        if self.state is ConnectionState.WORKING:
            return
        if not self.is_retryable:
            raise Refused("numbers.errors.not_retryable")
        self._resume(session, by)

    def enter_pin(self, session: Session, sealer: Sealer, pin: str, by: User) -> None:
        """The two-step PIN the number already has."""
        self.lock(session)
        self._must_ask(StepName.REGISTER)
        self.pin = sealer.seal(pin, row=self.pin_row)
        self._resume(session, by)

    def choose(self, session: Session, phone_number_id: str, by: User) -> None:
        """One of the numbers that ``ask`` offered."""
        self.lock(session)
        self._must_ask(StepName.INSPECT)
        if phone_number_id not in {c["phone_number_id"] for c in self.choices}:
            raise Refused("numbers.errors.not_offered")
        self.claimed_phone_number_id = phone_number_id
        self._resume(session, by)

    @property
    def choices(self) -> list[dict[str, str]]:
        """The numbers the owner may choose from: phone_number_id, display_phone_number, verified_name."""
        found: list[dict[str, str]] = self.error_params.get("choices", [])
        return found

    def abandon(self, session: Session, by: User) -> None:
        """Give the attempt up; a number that was never live goes back. Idempotent."""
        self.lock(session)
        if self.state in (ConnectionState.ASKING, ConnectionState.FAILED, ConnectionState.STARTED):
            self._let_go(session)
            self._end(session, ConnectionState.CANCELLED, "numbers.errors.abandoned", by=by)

    def expire(self, session: Session) -> None:
        """Nobody will finish it: the browser never came back, the code was lost in hand, a failure was left lying."""
        began = self.state is ConnectionState.STARTED
        if began and self.steps[0].state is StepState.RUNNING:
            self.fail(session, "numbers.errors.exchange_lost", final=True)
            return
        self._let_go(session)
        self._end(session, ConnectionState.EXPIRED, "numbers.errors.closed" if began else "numbers.errors.too_old")

    # Inside

    def lock(self, session: Session) -> None:
        """Wait for whoever changes it now, and see what came of that."""
        session.flush()
        session.refresh(self, with_for_update={"of": Connection})
        steps = select(ConnectionStep).where(ConnectionStep.connection_id == self.id)
        session.scalars(steps.execution_options(populate_existing=True)).all()

    def _must_ask(self, name: StepName) -> None:
        step = self.step
        if self.state is not ConnectionState.ASKING or step is None or step.name is not name:
            raise Refused("numbers.errors.not_asked")

    def _resume(self, session: Session, by: User) -> None:
        if self.step is not None:
            self.step.state, self.step.tries = StepState.WAITING, 0
            self.step.error, self.step.error_params = None, {}
        self.state, self.error, self.error_params = ConnectionState.WORKING, None, {}
        self.leased_until, self.next_try_at = None, session.scalar(select(func.clock_timestamp()))
        self._note(session, "retried", by)

    def _stop_at(self, state: StepState, key: str, params: dict[str, Any]) -> None:
        self.error, self.error_params, self.leased_until = key, params, None
        if self.step is not None:
            self.step.state, self.step.error, self.step.error_params = state, key, params

    def _end(self, session: Session, state: ConnectionState, key: str, by: User | None = None, **params: Any) -> None:
        self.state, self.error, self.error_params = state, key, params
        self.state_digest, self.finished_at = None, clock.now(session)
        self._note(session, state.value, by, reason=key)

    def _let_go(self, session: Session) -> None:
        """Forget the secrets; release a number that was never live, unless another attempt is at it."""
        self.token = self.pin = None
        number = self.number
        if number is None or number.state is not NumberState.CONNECTING:
            return
        others = select(Connection.id).where(
            Connection.number_id == number.id, Connection.id != self.id, Connection.state.in_(OPEN)
        )
        if session.scalar(others.limit(1)) is None:
            number.drop(session)

    def _waba(self, session: Session, waba_id: str) -> Waba:
        known = select(Waba).where(Waba.business_id == self.business_id, Waba.waba_id == waba_id)
        present = session.scalar(known)
        if present is not None:
            return present
        try:
            with session.begin_nested():
                # The code must be known before anything is sealed for the row.
                waba = Waba(code=uuid4(), business_id=self.business_id, waba_id=waba_id)
                session.add(waba)
            return waba
        except IntegrityError:
            # Another attempt of the same business was faster.
            return session.scalars(known).one()

    def _note(self, session: Session, act: str, by: User | None = None, **data: Any) -> None:
        event.record(
            session,
            f"connection.{act}",
            subject=self,
            actor_id=by.id if by else None,
            business_id=self.business_id,
            **data,
        )
