"""What the emulator is told at start, all of it on the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """The one Meta app the emulator knows, and where everything lives."""

    port: int
    data: Path
    app_id: str
    app_secret: str
    config_id: str
    verify_token: str
    callback: str
    store_origins: tuple[str, ...]
    host: str = "127.0.0.1"
    app_name: str = "Pasarbot"
    provider_portfolio_id: str = "700000000000001"

    @property
    def origin(self) -> str:
        """The emulator's own origin as a browser on this machine sees it."""
        return f"http://localhost:{self.port}"


def origin_of(url: str) -> str:
    """``scheme://host[:port]`` of a URL, lower case; empty when it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme and parts.netloc else ""


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """Read the command line; argparse itself ends the process on a mistake."""
    parser = argparse.ArgumentParser(prog="python -m botruntime.emulator", description="WhatsApp on localhost")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the emulator's state")
    parser.add_argument("--app-id", required=True)
    parser.add_argument("--app-secret", required=True)
    parser.add_argument("--app-name", default="Pasarbot")
    parser.add_argument("--config-id", required=True)
    parser.add_argument("--verify-token", required=True)
    parser.add_argument("--callback", required=True, help="the app's webhook address")
    parser.add_argument("--store-origin", required=True, help="origins that may open the dialog, by comma")
    given = parser.parse_args(arguments)
    origins = tuple(origin for part in given.store_origin.split(",") if (origin := origin_of(part.strip())))
    if not origins:
        parser.error("--store-origin needs at least one origin such as http://localhost:8000")
    return Settings(
        port=given.port,
        host=given.host,
        data=given.data,
        app_id=given.app_id,
        app_secret=given.app_secret,
        app_name=given.app_name,
        config_id=given.config_id,
        verify_token=given.verify_token,
        callback=given.callback,
        store_origins=origins,
    )
