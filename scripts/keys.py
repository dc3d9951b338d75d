"""The secrets of one data folder, made once: ``DATA/secrets.json``, readable by its owner alone."""

import base64
import json
import os
import secrets
from pathlib import Path

from scripts.children import ServiceError

FILE = "secrets.json"


def fresh() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SEALING_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "META_APP_SECRET": secrets.token_hex(16),
        "META_VERIFY_TOKEN": secrets.token_urlsafe(24),
    }


def of(data: Path) -> dict[str, str]:
    """The secrets of ``data``; what is missing is made and kept. Losing the file makes sealed tokens unreadable."""
    file = data / FILE
    try:
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    except ValueError:
        raise ServiceError(f"{file} is damaged: restore it from a backup, or remove the whole data folder") from None
    whole = fresh() | kept
    if whole != kept:
        write_private(file, json.dumps(whole, indent=1))
    return whole


def write_private(file: Path, text: str) -> None:
    """Write a file only its owner may read, whole or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
