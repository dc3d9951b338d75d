"""What the owner agreed to, carried from the consent page to the settings page by a signed, short-lived note."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

from catalog.manifest import Manifest
from catalog.models import Plan, Version

# Seconds between agreeing and installing; a changed version or price asks again sooner.
LIFETIME = 3600
# Raised when the consent page says something else than before.
WORDING = 1


@dataclass(frozen=True)
class Agreement:
    """One consent: who agreed to let which version work on which number, and whether another bot gives way."""

    user: UUID
    version: UUID
    number: UUID
    replacing: UUID | None


def seal(secret_key: str, agreement: Agreement) -> str:
    """The note for the next page."""
    replacing = agreement.replacing.hex if agreement.replacing else None
    return _signer(secret_key).dumps([agreement.user.hex, agreement.version.hex, agreement.number.hex, replacing])


def opened(secret_key: str, note: str, *, user: UUID, version: UUID) -> Agreement | None:
    """The agreement in ``note`` if it is fresh and was given by ``user`` for ``version``."""
    try:
        by, of, number, replacing = _signer(secret_key).loads(note, max_age=LIFETIME)
    except (BadSignature, ValueError):
        return None
    if by != user.hex or of != version.hex:
        return None
    return Agreement(user, version, UUID(number), UUID(replacing) if replacing else None)


def record(version: Version, manifest: Manifest, plan: Plan | None, language: str) -> dict[str, Any]:
    """What is kept with the installation: the terms as they were shown."""
    return {
        "wording": WORDING,
        "language": language,
        "version": version.name,
        "digest": version.digest,
        "permissions": list(manifest.permissions),
        "hosts": list(manifest.hosts),
        "retention_days": manifest.data.retention_days,
        "price_idr": plan.price_idr if plan else 0,
    }


def _signer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="installation.agreement")
