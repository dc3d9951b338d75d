"""The contract of every transport: a message goes out and its id comes back, or an error that says what to do.

A transport is a folder with a class that keeps this contract; `registry.py` names it. Transports know the wire and
nothing else: no database, no pacing, no retries. Those belong to `botruntime/outbound`, which acts on `Action`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from botruntime.inbound.arrival import Arrival
from botruntime.sdk.contract import Reply


class Action(StrEnum):
    """What the sender does about an error."""

    RETRY = "retry"
    """Passing trouble: again later, with growing pauses."""
    PACE_NUMBER = "pace_number"
    """The number sends too fast: hold the number's queue, then again."""
    PACE_PAIR = "pace_pair"
    """Too fast for this contact: hold this conversation, then again."""
    PARK = "park"
    """The number has lost our access: keep its queue, send nothing until it is connected again."""
    STOP = "stop"
    """This message is lost and so would be every other: end it and park the number."""
    FINAL = "final"
    """This message can never be sent."""
    UNSURE = "unsure"
    """The request was written but no answer that can be read came back: it may have been sent."""


PERMANENT = frozenset({Action.FINAL, Action.STOP})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way. At least one of `wa_id` (digits) and `bsuid` names the contact; the phone wins."""

    code: str
    """The outbound row's code; it comes back in every status of the message."""
    phone_number_id: str
    token: str
    """The credential of the number's account, open. It is never logged."""
    reply: Reply
    wa_id: str | None = None
    bsuid: str | None = None

    def __repr__(self) -> str:
        return f"Outgoing({self.code}, {self.reply.kind})"


class TransportError(Exception):
    """A message was not (or perhaps not) sent.

    `kind` says what to do, `key` names the sentence for people in the text catalogues, `detail` is the platform's own
    explanation, `retry_after` the seconds the platform asked for, `tries` the most attempts this error is worth.
    """

    def __init__(
        self,
        kind: Action,
        key: str,
        *,
        code: int | None = None,
        detail: str = "",
        retry_after: float | None = None,
        tries: int = 8,
        trace: str = "",
    ) -> None:
        super().__init__(key, code, detail)
        self.kind = kind
        self.key = key
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.tries = tries
        self.trace = trace

    @property
    def permanent(self) -> bool:
        """Whether trying again is useless for this message."""
        return self.kind in PERMANENT


class Transport(Protocol):
    """One wire."""

    async def send(self, message: Outgoing) -> str:
        """Send and return the platform's id of the message. Raises `TransportError`, and nothing else."""
        ...

    async def mark_read(self, phone_number_id: str, token: str, wamid: str, *, typing: bool = False) -> None:
        """Mark a contact's message (and the earlier ones) read, and show that an answer is being written.

        Raises `TransportError`; the caller may ignore it, nothing depends on it.
        """
        ...

    def parse(self, body: bytes) -> Sequence[Arrival]:
        """The events in a webhook body, ready to be kept; never raises. What they mean is read where it is used."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
