"""One bot on one number."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped, choice
from catalog.errors import Refused
from catalog.models import event
from catalog.models.bot import Bot, Version
from catalog.models.business import Business
from catalog.models.number import Number, NumberState
from catalog.models.plan import Interval, Plan
from catalog.models.user import User


class InstallationState(StrEnum):
    """``draining``: replaced, keeps only its open conversations. ``suspended``: by staff or for money."""

    AWAITING_PAYMENT = "awaiting_payment"
    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    DRAINING = "draining"
    UNINSTALLED = "uninstalled"


# States in which an installation holds its number; at most one per number.
HOLDING = (InstallationState.ACTIVE, InstallationState.PAUSED, InstallationState.SUSPENDED)


class Installation(Coded, Stamped, Base):
    """Pins a version. ``generation`` grows with every change that must stop what is under way: a reply made
    under an older generation is not sent.
    """

    __tablename__ = "installation"
    __table_args__ = (
        Index(
            "uq_installation_holding",
            "number_id",
            unique=True,
            postgresql_where=text("state IN ('active', 'paused', 'suspended')"),
        ),
        Index("ix_installation_business_id", "business_id"),
        Index("ix_installation_version_id", "version_id"),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("business.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"), index=True)
    bot_id: Mapped[int] = mapped_column(ForeignKey("bot.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    state: Mapped[InstallationState] = mapped_column(choice(InstallationState))
    generation: Mapped[int] = mapped_column(default=1)
    settings: Mapped[dict[str, Any]]
    language: Mapped[str] = mapped_column(String(2))
    # What the owner agreed to: text version, permissions, hosts, price, language, time.
    consent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    installed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    installed_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    business: Mapped[Business] = relationship()
    number: Mapped[Number] = relationship()
    bot: Mapped[Bot] = relationship()
    version: Mapped[Version] = relationship()

    @classmethod
    def on(cls, session: Session, number: Number) -> "Installation | None":
        """The installation that holds a number."""
        return session.scalar(select(cls).where(cls.number_id == number.id, cls.state.in_(HOLDING)))

    @classmethod
    def install(
        cls,
        session: Session,
        *,
        number: Number,
        version: Version,
        plan: Plan | None,
        settings: dict[str, Any],
        consent: dict[str, Any],
        by: User,
        replacing: "Installation | None" = None,
    ) -> "Installation":
        """Put ``version`` on ``number``; the next message is answered by it.

        Asking twice for the same bot gives the same installation, however many clicks race. ``replacing`` names
        the installation that gives way; without it another bot on the number refuses.
        Raises ``Refused`` when the number is not live, another bot holds it, or the plan must be paid first.
        """
        # One install at a time per number: the others wait here and then find the winner's row.
        number.lock(session)
        if number.state is not NumberState.LIVE:
            raise Refused("errors.number_not_live")
        if plan is not None and plan.interval is not Interval.FREE:
            raise Refused("errors.plan_needs_payment")
        present = cls.on(session, number)
        if present is not None and present._lock(session) not in HOLDING:
            present = None
        if present is not None and present.bot_id == version.bot_id:
            return present
        if present is not None:
            if replacing is None or replacing.id != present.id:
                raise Refused("errors.number_has_other_bot", bot=present.bot.slug)
            present._give_way(session, by)
        installation = cls(
            business_id=number.business_id,
            number=number,
            bot_id=version.bot_id,
            version=version,
            plan_id=plan.id if plan else None,
            state=InstallationState.ACTIVE,
            settings=settings,
            language=number.business.language,
            consent=consent,
            installed_by_id=by.id,
            installed_at=clock.now(session),
        )
        try:
            with session.begin_nested():
                session.add(installation)
        except IntegrityError:
            raise Refused("errors.number_has_other_bot", bot="") from None
        installation._note(session, "installed", by, version=version.name)
        return installation

    def configure(self, session: Session, settings: dict[str, Any], by: User) -> None:
        """Take new settings; they count from the next message on. The caller has validated them."""
        self._lock(session)
        if settings == self.settings:
            return
        self.settings = settings
        self._note(session, "configured", by)

    def pause(self, session: Session, by: User) -> None:
        """Keep everything, answer nothing. Idempotent."""
        self._lock(session)
        if self.state is InstallationState.PAUSED:
            return
        self._must_be(InstallationState.ACTIVE)
        self.state, self.paused_at = InstallationState.PAUSED, clock.now(session)
        self.generation += 1
        self._note(session, "paused", by)

    def resume(self, session: Session, by: User) -> None:
        """Answer again. Idempotent."""
        self._lock(session)
        if self.state is InstallationState.ACTIVE:
            return
        self._must_be(InstallationState.PAUSED)
        self.state, self.paused_at = InstallationState.ACTIVE, None
        self.generation += 1
        self._note(session, "resumed", by)

    def uninstall(self, session: Session, by: User) -> None:
        """End it. Nothing made before is sent after. Idempotent."""
        self._lock(session)
        if self.state is InstallationState.UNINSTALLED:
            return
        self.state, self.ended_at = InstallationState.UNINSTALLED, clock.now(session)
        self.generation += 1
        self._note(session, "uninstalled", by)

    def _lock(self, session: Session) -> InstallationState:
        """Hold the row and read it anew: a verb that goes by an older state could undo an uninstall (fault F53)."""
        session.refresh(self, with_for_update={"of": Installation})
        return self.state

    def _give_way(self, session: Session, by: User) -> None:
        self.state, self.ended_at = InstallationState.UNINSTALLED, clock.now(session)
        self.generation += 1
        self._note(session, "replaced", by)
        # The index frees the number only when this row is written.
        session.flush()

    def _must_be(self, state: InstallationState) -> None:
        if self.state is not state:
            raise Refused("errors.installation_state", state=self.state.value)

    def _note(self, session: Session, act: str, by: User, **data: Any) -> None:
        session.flush()
        event.record(session, f"installation.{act}", subject=self, actor_id=by.id, business_id=self.business_id, **data)
