"""Puts the house's own bots on the shelf of the store."""

from __future__ import annotations

from sqlalchemy.orm import Session

from botruntime import bots
from catalog.shelving import publish_builtin


def register(session: Session) -> list[tuple[str, str]]:
    """Publish every built-in bot's manifest. Idempotent. Returns (slug, version) of each.

    Raises ValueError when a published version comes back changed, ManifestError when a folder is broken.
    """
    found = []
    for name in bots.names():
        manifest = bots.load(name).manifest
        version = publish_builtin(session, manifest)
        found.append((manifest.id, version.name))
    return found
