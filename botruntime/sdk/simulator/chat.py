"""What the simulator remembers of one contact's conversation; JSON both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from botruntime.sdk.outcome import Reply, SetTimer
from botruntime.sdk.turn import Asking, Contact, Mode


@dataclass(slots=True)
class Line:
    """One line of a transcript: what the contact did, what came back, or why it was not sent."""

    who: Literal["contact", "bot", "not_sent", "note"]
    text: str
    at: datetime
    reply: Reply | None = None


@dataclass(slots=True)
class Chat:
    """State of one contact with one installation."""

    contact: Contact
    state: dict[str, Any] = field(default_factory=dict)
    asking: Asking | None = None
    mode: Mode = "bot"
    human_until: datetime | None = None
    last_unknown_at: datetime | None = None
    last_in_at: datetime | None = None
    is_opted_out: bool = False
    is_known: bool = False
    """Has written before."""
    timers: list[SetTimer] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """Ids of messages already answered."""
    lines: list[Line] = field(default_factory=list)
    mark: int = 0
    """Place in `lines` of the contact's last act."""
