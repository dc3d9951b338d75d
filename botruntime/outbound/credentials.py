"""Business tokens, opened when needed and kept in memory for a few minutes. They are never logged."""

from __future__ import annotations

import time

from catalog.sealing import Sealer

KEPT_SECONDS = 300.0
KEPT_MOST = 20_000


class Credentials:
    """Opens sealed business tokens. The sealed text itself is the key, so a replaced token is never used again."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._open: dict[str, tuple[float, str]] = {}

    def __repr__(self) -> str:
        return f"Credentials({len(self._open)} open)"

    def token(self, waba_code: str, sealed: str) -> str:
        """The token sealed for that WhatsApp Business Account. Raises `SealBroken`."""
        now = time.monotonic()
        known = self._open.get(sealed)
        if known is not None and known[0] > now:
            return known[1]
        if len(self._open) >= KEPT_MOST:
            self._open = {key: value for key, value in self._open.items() if value[0] > now}
        plain = self._sealer.open(sealed, row=f"waba:business_token:{waba_code}")
        self._open[sealed] = (now + KEPT_SECONDS, plain)
        return plain
