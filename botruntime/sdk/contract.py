"""The bot contract: `engine.run(bot, turn, tables) -> Outcome`, the same in simulator and runtime.

This module is what the runtime imports: the shapes of `turn.py` and `outcome.py`, the bot's own data (`Tables`) and the
errors. A run is pure: it reads the turn and `tables`, and writes to `tables` only after the bot's code succeeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from botruntime.sdk.outcome import (
    NOTICE_KINDS,
    Button,
    CancelTimer,
    File,
    Handover,
    Notice,
    Outcome,
    Reply,
    ReplyKind,
    Row,
    Section,
    SetTimer,
    TemplateUse,
)
from botruntime.sdk.turn import (
    Asking,
    Business,
    Contact,
    InputKind,
    Installation,
    Lifecycle,
    LifecycleKind,
    Location,
    Media,
    Message,
    MessageKind,
    Mode,
    TimerFired,
    Turn,
)

__all__ = [
    "NOTICE_KINDS", "Asking", "BotError", "Business", "Button", "CancelTimer", "Conflict", "Contact", "File",
    "Handover", "InputKind", "Installation", "Lifecycle", "LifecycleKind", "Location", "Media", "Message",
    "MessageKind", "Mode", "Notice", "Outcome", "Record", "Reject", "Reply", "ReplyKind", "Row", "Section",
    "SetTimer", "Tables", "TemplateUse", "TimerFired", "Turn",
]  # fmt: skip


class BotError(Exception):
    """The bot's code failed, or broke a limit. Nothing of the turn applies; `__cause__` holds the bot's exception."""


class Conflict(Exception):
    """Raised by `Tables` when a key is taken or a record changed meanwhile: undo the turn and run it again."""


class Reject(Exception):
    """Raised by a bot to undo everything of its turn and answer only with the text of a catalogue key.

    `Reject("sold_out", item="A12")`; the open question stays as it was.
    """

    def __init__(self, key: str, **fill: Any) -> None:
        super().__init__(key)
        self.key = key
        self.fill = fill


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a bot's collection, owned by one installation. `data` is JSON, at most 16 KiB."""

    code: str
    """uuid, made by the SDK."""
    collection: str
    data: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    key: str | None = None
    """Unique within the collection when given."""
    contact: str | None = None
    """Code of the contact the record belongs to; exported and erased with the contact."""
    revision: int = 1


class Tables(Protocol):
    """The bot's data of one installation. Simulator: in memory; runtime: table `entry`, inside the turn's transaction.

    `where` compares top-level keys of `data` for equality. Results are ordered by creation, oldest first unless
    `newest_first`. Collections whose name begins with `_` belong to the SDK.
    """

    def find(
        self,
        collection: str,
        *,
        contact: str | None = None,
        key: str | None = None,
        where: Mapping[str, Any] | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> list[Record]:
        """Records that match all given filters."""
        ...

    def get(self, collection: str, code: str) -> Record | None:
        """One record by its code, or None."""
        ...

    def count(self, collection: str, *, contact: str | None = None, where: Mapping[str, Any] | None = None) -> int:
        """How many records match."""
        ...

    def insert(self, record: Record) -> None:
        """Add a record. Raises Conflict when its key is taken in the collection."""
        ...

    def update(self, record: Record) -> None:
        """Replace data and key of the record with this code; `revision` is the new one. Raises Conflict unless the
        stored revision is exactly one less."""
        ...

    def delete(self, collection: str, code: str) -> None:
        """Remove a record; removing what is not there is no error."""
        ...
