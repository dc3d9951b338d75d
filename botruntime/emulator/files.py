"""Media: bytes in the data folder, ids that end, download addresses of five minutes (Meta: Media)."""

import base64
import hashlib
import secrets
from pathlib import Path

from botruntime.emulator.records import Media, Number
from botruntime.emulator.world import World

INBOUND_SECONDS = 7 * 86400.0
UPLOAD_SECONDS = 30 * 86400.0
URL_SECONDS = 300.0


def folder(world: World) -> Path:
    """Where the bytes lie."""
    path = world.settings.data / "media"
    path.mkdir(exist_ok=True)
    return path


def keep(
    world: World, number: Number, raw: bytes, mime_type: str, lifetime: float, filename: str | None = None
) -> Media:
    """Store a file of a number."""
    digest = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    now = world.now()
    media = Media(world.new_id("media"), number.id, mime_type, digest, len(raw), now, now + lifetime, filename)
    (folder(world) / media.id).write_bytes(raw)
    return world.media.put(media)


def read(world: World, media: Media) -> bytes | None:
    """The bytes, while the id lives."""
    path = folder(world) / media.id
    return path.read_bytes() if path.exists() else None


def attachment_url(world: World, media: Media) -> str:
    """A download address that works for five minutes and needs the bearer token."""
    now = world.now()
    signature = secrets.token_urlsafe(24)
    media.urls = {known: until for known, until in media.urls.items() if until > now}
    media.urls[signature] = now + URL_SECONDS
    world.media.put(media)
    return f"{world.settings.origin}/media-download/{media.id}.{signature}"


def by_signature(world: World, name: str) -> Media | None:
    """The file behind a download address that still works."""
    media_id, _, signature = name.partition(".")
    media = world.media.get(media_id)
    alive = media is not None and media.urls.get(signature, 0.0) > world.now() and media.until > world.now()
    return media if alive else None


def remove(world: World, media: Media) -> None:
    """Delete a file."""
    (folder(world) / media.id).unlink(missing_ok=True)
    world.media.remove(media.id)
