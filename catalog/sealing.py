"""Tokens, PINs and secrets at rest: AES-256-GCM, bound to the row they belong to, with key rotation."""

import base64
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class SealBroken(Exception):
    """The text was sealed for another row, with a key we no longer have, or was changed."""


@dataclass(frozen=True)
class Sealer:
    """Seals with the first key and opens with any.

    ``keys`` maps a key's name to 32 bytes, in order; rotate by putting a new one in front.
    A sealed text reads ``name:base64(nonce + ciphertext)``.
    """

    keys: dict[str, bytes]

    @classmethod
    def parse(cls, setting: str) -> "Sealer":
        """Read ``name:base64,name:base64``. Raises ``ValueError`` naming what is wrong, never the key."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (p.strip() for p in setting.split(","))):
            name, _, encoded = part.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except ValueError:
                raise ValueError(f"sealing key {name!r} is not base64") from None
            if len(key) != 32:
                raise ValueError(f"sealing key {name!r} has {len(key)} bytes, 32 are needed")
            keys[name] = key
        if not keys:
            raise ValueError("no sealing key given")
        return cls(keys)

    def seal(self, plain: str, *, row: str) -> str:
        """Seal ``plain`` for ``row`` (``table:column:code``); it opens for that row only."""
        name, key = next(iter(self.keys.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        box = AESGCM(key).encrypt(nonce, plain.encode(), row.encode())
        return f"{name}:{base64.b64encode(nonce + box).decode()}"

    def open(self, sealed: str, *, row: str) -> str:
        """The text sealed for ``row``. Raises ``SealBroken``; there is no plaintext fallback."""
        name, _, encoded = sealed.partition(":")
        key = self.keys.get(name)
        if key is None:
            raise SealBroken(f"no key named {name!r}")
        data = base64.b64decode(encoded)
        try:
            return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], row.encode()).decode()
        except InvalidTag:
            raise SealBroken(f"sealed text does not belong to {row}") from None

    def is_current(self, sealed: str) -> bool:
        """Whether ``sealed`` already uses the key that seals now; if not, rotation opens and seals it again."""
        return sealed.partition(":")[0] == next(iter(self.keys))


def new_key() -> str:
    """A fresh key in the form of the setting's right-hand side."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
