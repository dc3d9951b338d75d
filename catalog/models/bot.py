"""The product of a partner, and the immutable versions of it that installations pin."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from catalog import clock
from catalog.db import Base, Coded, Stamped, choice
from catalog.models.partner import Partner


class Hosting(StrEnum):
    """Where a version runs."""

    BUILTIN = "builtin"
    SCRIPT = "script"
    ENDPOINT = "endpoint"


class VersionState(StrEnum):
    """The part of a version's life the store knows so far; review adds its own states."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    REMOVED = "removed"


class Bot(Coded, Stamped, Base):
    """A bot, whatever its version."""

    __tablename__ = "bot"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)

    partner: Mapped[Partner] = relationship()
    versions: Mapped[list["Version"]] = relationship(back_populates="bot", order_by="Version.id")

    @classmethod
    def by_slug(cls, session: Session, slug: str) -> "Bot | None":
        """The bot of that slug."""
        return session.scalar(select(cls).where(cls.slug == slug))

    def published(self, session: Session) -> "Version | None":
        """The version new installations get."""
        return session.scalar(select(Version).where(Version.bot_id == self.id, Version.state == VersionState.PUBLISHED))

    def publish(
        self, session: Session, *, name: str, manifest: dict[str, Any], digest: str, hosting: Hosting
    ) -> "Version":
        """Make ``manifest`` the published version. The same name with the same digest is a no-op.

        Raises ``ValueError`` when a published name comes back with other content: versions are immutable.
        """
        known = session.scalar(select(Version).where(Version.bot_id == self.id, Version.name == name))
        if known is not None and known.digest != digest:
            raise ValueError(f"{self.slug} {name} is published already with other content; raise its version")
        current = self.published(session)
        version = known or Version(bot=self, name=name, manifest=manifest, digest=digest, hosting=hosting)
        session.add(version)
        if current is not None and current is not version:
            current.state = VersionState.SUPERSEDED
            session.flush()
        version.state = VersionState.PUBLISHED
        version.published_at = version.published_at or clock.now(session)
        session.flush()
        return version


class Version(Coded, Stamped, Base):
    """What a reviewer saw and an installation pins: a manifest that never changes."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("bot_id", "name"),
        Index("uq_version_published", "bot_id", unique=True, postgresql_where=text("state = 'published'")),
    )

    bot_id: Mapped[int] = mapped_column(ForeignKey("bot.id"))
    name: Mapped[str] = mapped_column(String(20), comment="semantic version")
    state: Mapped[VersionState] = mapped_column(choice(VersionState), default=VersionState.DRAFT)
    hosting: Mapped[Hosting] = mapped_column(choice(Hosting))
    manifest: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64), comment="sha256 of the manifest's canonical form")
    published_at: Mapped[datetime | None]

    bot: Mapped[Bot] = relationship(back_populates="versions")
