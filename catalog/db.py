"""The declarative base every table of the product stands on, and sessions for processes without Flask."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, Engine, Enum, MetaData, Uuid, create_engine, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

# Explicit names, so that a migration can name the constraint it changes.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables. ``datetime`` columns are UTC with time zone, ``dict`` columns are ``jsonb``."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy at class creation
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        list[Any]: JSONB,
    }


class Numbered:
    """A surrogate key that never leaves the house."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class Coded(Numbered):
    """A row people can point at: ``code`` is the public uuid used in URLs, jobs and events."""

    code: Mapped[UUID] = mapped_column(Uuid, default=uuid4, unique=True)


class Stamped:
    """When the row came to be, by the database's clock (audit time, not business time)."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


def choice(kind: type[StrEnum]) -> Enum:
    """A text column that holds the values of ``kind``; the set is widened without a migration."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=32, values_callable=lambda e: [m.value for m in e]
    )


def engine_for(url: str, **options: Any) -> Engine:
    """An engine on ``url`` (``postgresql+psycopg://…``) that checks a pooled connection before lending it."""
    settings: Mapping[str, Any] = {"pool_pre_ping": True, **options}
    return create_engine(url, **settings)


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions for workers and jobs. Objects stay readable after commit, so a job may log what it did."""
    return sessionmaker(engine, expire_on_commit=False)
