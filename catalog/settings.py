"""Reading settings: pure helpers that take a mapping. Only the two ``config.py`` hand them ``os.environ``."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from catalog.sealing import Sealer


class SettingError(Exception):
    """A setting is missing or wrong. The text names the setting and what would be right, never its value."""


@dataclass(frozen=True)
class Reader:
    """Reads settings by name from ``values``; ``NAME_FILE`` names a file that holds the value of ``NAME``."""

    values: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        """The setting's text. Raises ``SettingError`` where it is missing and has no default."""
        file = self.values.get(f"{name}_FILE")
        value = Path(file).read_text(encoding="utf-8").strip() if file else self.values.get(name)
        if value:
            return value
        if default is None:
            raise SettingError(f"{name} is not set")
        return default

    def optional(self, name: str) -> str | None:
        """The setting's text, or None where it is not set."""
        return self.text(name, "") or None

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.text(name, str(default))
        try:
            return int(value)
        except ValueError:
            raise SettingError(f"{name} must be a whole number") from None

    def flag(self, name: str) -> bool:
        """``1`` or ``0``; off where it is not set."""
        value = self.text(name, "0")
        if value not in ("0", "1"):
            raise SettingError(f"{name} must be 0 or 1")
        return value == "1"

    def list(self, name: str, default: str = "") -> tuple[str, ...]:
        """Comma-separated words."""
        return tuple(word for part in self.text(name, default).split(",") if (word := part.strip()))

    def networks(self, name: str, default: str = "") -> tuple[IPv4Network | IPv6Network, ...]:
        """Comma-separated networks such as ``127.0.0.0/8,::1/128``."""
        try:
            return tuple(ip_network(word) for word in self.list(name, default))
        except ValueError:
            raise SettingError(f"{name} must list networks such as 127.0.0.0/8") from None


@dataclass(frozen=True)
class Shared:
    """The settings both processes need. ``base_port`` is None in production."""

    database_url: str
    redis_url: str
    secret_key: str
    sealer: Sealer
    store_url: str
    pages_url: str
    door_url: str
    base_port: int | None
    meta_app_id: str
    meta_app_secret: str
    meta_verify_token: str
    graph_base_url: str
    graph_version: str
    is_demo: bool
    trusted_hosts: tuple[str, ...]
    metrics_allow: tuple[IPv4Network | IPv6Network, ...]


def shared(read: Reader) -> Shared:
    """Both processes' settings. Fails at start, loudly, when a secret is missing or a default was left."""
    try:
        sealer = Sealer.parse(read.text("SEALING_KEYS"))
    except ValueError as wrong:
        raise SettingError(f"SEALING_KEYS: {wrong}") from None
    secret_key = read.text("SECRET_KEY")
    if len(secret_key) < 32:
        raise SettingError("SECRET_KEY must have at least 32 characters")
    base_port = read.optional("BASE_PORT")
    return Shared(
        database_url=read.text("DATABASE_URL"),
        redis_url=read.text("REDIS_URL"),
        secret_key=secret_key,
        sealer=sealer,
        store_url=read.text("STORE_URL").rstrip("/"),
        pages_url=read.text("PAGES_URL").rstrip("/"),
        door_url=read.text("DOOR_URL").rstrip("/"),
        base_port=int(base_port) if base_port else None,
        meta_app_id=read.text("META_APP_ID"),
        meta_app_secret=read.text("META_APP_SECRET"),
        meta_verify_token=read.text("META_VERIFY_TOKEN"),
        graph_base_url=read.text("GRAPH_BASE_URL", "https://graph.facebook.com").rstrip("/"),
        graph_version=read.text("GRAPH_VERSION", "v25.0"),
        is_demo=read.flag("DEMO"),
        trusted_hosts=read.list("TRUSTED_HOSTS"),
        metrics_allow=read.networks("METRICS_ALLOW", "127.0.0.0/8,::1/128"),
    )
