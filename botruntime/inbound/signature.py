"""Whether a webhook really comes from the platform."""

import hashlib
import hmac

PREFIX = b"sha256="


def sign(secret: bytes, body: bytes) -> bytes:
    """The value of ``X-Hub-Signature-256`` for ``body`` (Meta: Webhooks, validating payloads)."""
    return PREFIX + hmac.digest(secret, body, hashlib.sha256).hex().encode()


def is_genuine(secret: bytes, body: bytes, header: bytes | None) -> bool:
    """Whether ``header`` signs exactly these raw bytes. Takes as long for a near miss as for nonsense."""
    return header is not None and hmac.compare_digest(sign(secret, body), header)
