"""The message process's settings. With ``marketplace/config.py`` the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from catalog import settings
from catalog.settings import Reader, SettingError, Shared

__all__ = ["Config", "SettingError", "load", "read"]


@dataclass(frozen=True)
class Config(Shared):
    """What the message process needs beside the shared settings."""

    turn_lease_seconds: int
    """How long a claimed conversation stays claimed when its worker falls silent."""
    turn_batch: int
    """Conversations worked off in one transaction."""
    bot_deadline_seconds: int
    """How long a built-in bot may think about one turn."""
    loop_turns_per_minute: int
    """Automatic turns one contact may cause in a minute before the bot falls silent."""
    human_minutes: int
    """How long the bot stays silent after the owner wrote from the phone."""
    sends_under_way: int
    """Requests to the platform that may wait for their answer at one time."""

    worker_metrics_port: int
    """Where the worker shows its metrics, on this machine only; 0 = nowhere."""

    @property
    def database_dsn(self) -> str:
        """The database's address as psycopg itself wants it."""
        return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def read(values: Mapping[str, str]) -> Config:
    """The settings in ``values``. Raises ``SettingError`` naming the first that is missing or wrong."""
    reader = Reader(values)
    common = settings.shared(reader)
    return Config(
        **{field.name: getattr(common, field.name) for field in fields(common)},
        turn_lease_seconds=reader.number("TURN_LEASE_SECONDS", 10),
        turn_batch=reader.number("TURN_BATCH", 64),
        bot_deadline_seconds=reader.number("BOT_DEADLINE_SECONDS", 2),
        loop_turns_per_minute=reader.number("LOOP_TURNS_PER_MINUTE", 60),
        worker_metrics_port=reader.number("WORKER_METRICS_PORT", 0),
        human_minutes=reader.number("HUMAN_MINUTES", 60),
        sends_under_way=reader.number("SENDS_UNDER_WAY", 256),
    )


def load() -> Config:
    """The settings of this process."""
    return read(os.environ)
