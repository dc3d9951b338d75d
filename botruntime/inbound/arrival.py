"""One update on its way into the inbox."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from botruntime.models import EventKind, EventState


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row of ``inbound_event`` before it is written."""

    dedupe_key: UUID
    kind: EventKind
    raw: bytes
    phone_number_id: str | None = None
    sent_at: datetime | None = None
    state: EventState = EventState.PENDING
    reason: str | None = None


def key_of(*parts: str | bytes) -> UUID:
    """128 bits that stand for ``parts``. Their lengths count, so that parts cannot run into each other."""
    digest = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    return UUID(bytes=digest.digest())


def parked(raw: bytes, reason: str) -> Arrival:
    """Something that is kept for a person to look at."""
    return Arrival(
        dedupe_key=key_of("raw", raw), kind=EventKind.UNKNOWN, raw=raw, state=EventState.PARKED, reason=reason
    )
