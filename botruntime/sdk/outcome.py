"""What comes out of a turn: wishes. Nothing here has happened yet; the runtime applies all of it or none.

All datetimes are aware and in UTC. Limits: Meta, "Interactive messages" and "Text messages" (see `limits.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from botruntime.sdk import codec
from botruntime.sdk.turn import Asking, Location, Mode

ReplyKind = Literal[
    "text", "buttons", "list", "link", "image", "video", "audio", "document", "sticker", "location", "contacts",
    "reaction", "ask_location", "ask_phone", "template",
]  # fmt: skip
"""Kinds of outbound message. `link` is one button that opens `url`; `ask_location` and `ask_phone` are the platform's
own request buttons; `template` sends only the message template named in `template`."""


@dataclass(frozen=True, slots=True)
class Button:
    """A reply button: id at most 256 characters, title 1 to 20."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A list row: id at most 200 characters, title 1 to 24, description at most 72."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of list rows; the title (at most 24) is required when there are several. At most 10 rows in all."""

    rows: tuple[Row, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file to send: exactly one of `id` (uploaded media) and `link` (public https address)."""

    id: str = ""
    link: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A message template with its numbered parameters in order, and payloads for its quick-reply buttons."""

    name: str
    language: str
    params: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to send. `body` is the text, or the caption of a file."""

    kind: ReplyKind = "text"
    body: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    """For `buttons`: 1 to 3."""
    label: str = ""
    """For `list`: the button that opens it; for `link`: the button's text; at most 20 characters."""
    sections: tuple[Section, ...] = ()
    url: str = ""
    file: File | None = None
    location: Location | None = None
    contacts: tuple[dict[str, Any], ...] = ()
    """For `contacts`: cards as {name, phones: [..]}."""
    emoji: str = ""
    quoted: str | None = None
    """wamid to reply or react to."""
    template: TemplateUse | None = None
    """Sent instead when the customer service window is closed; without it the message is not sent then."""
    to: str | None = None
    """Contact code; None = the contact of the turn."""
    key: str = ""
    """Catalogue key it came from, for records and tests."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON of this reply."""
        data: dict[str, Any] = codec.dump(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reply:
        """Read what `to_dict` wrote."""
        return codec.load(cls, data)


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake the bot for this contact at `at`. The same (name, key) of a contact replaces the earlier one."""

    name: str
    at: datetime
    key: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    type: Literal["set"] = "set"


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Forget the timer (name, key) of this contact; forgetting what is not there is no error."""

    name: str
    key: str = ""
    type: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class Handover:
    """The wish for a person: team by name ("" = any), a note with the reason or the contact's words."""

    team: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the owner should be told by mail. Kinds written by the SDK: see `NOTICE_KINDS`."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)


NOTICE_KINDS = ("handover_wished", "handover_waiting", "message_left", "lead_received")
"""Mails the store knows how to write; the runtime turns each notice into one Notice row.

handover_wished {contact, username, phone, team, note, in_hours: bool} (written by `ctx.handover`);
handover_waiting {contact, minutes: int}; message_left {contact, phone, message};
lead_received {contact, username, phone, fields: {label: answer}, source: "chat"|"ad"|...}."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All wishes of one turn. The runtime applies them in one transaction and then sends the replies in order."""

    replies: tuple[Reply, ...] = ()
    held: tuple[Reply, ...] = ()
    """Replies made by a timer while a person has the chat (mode human): keep and show them to staff, do not send."""
    state: dict[str, Any] = field(default_factory=dict)
    """The contact's whole new state (not a patch)."""
    asking: Asking | None = None
    """The open question after this turn; None = none."""
    timers: tuple[SetTimer | CancelTimer, ...] = ()
    """To apply in order."""
    handover: Handover | None = None
    """A person is wanted; the notice for it is already in `notices`, `mode` says whether the bot falls silent."""
    mode: Mode | None = None
    """New mode; None = unchanged."""
    opt_out: bool = False
    opt_in: bool = False
    language: str | None = None
    """Language the contact chose just now."""
    notices: tuple[Notice, ...] = ()
    export: bool = False
    """The contact asked for a copy of the data; the copy is among the replies. Record it."""
    erase: bool = False
    """The contact confirmed erasing. The bot's records are already deleted through `Tables`, the answer is among the
    replies; the runtime removes name, language, media and message texts of the contact."""
    seen_unknown_at: datetime | None = None
    """Set when "I did not understand" was said in this turn."""
    handled: str = ""
    """Which rule answered ("reserved:menu", "button:f:{i}", "step:lead_name", "fallback", "silent"...), for the log."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON of the whole outcome."""
        data: dict[str, Any] = codec.dump(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Outcome:
        """Read what `to_dict` wrote."""
        outcome = codec.load(cls, data)
        if outcome.asking is None:
            return outcome
        values = {name: getattr(outcome, name) for name in cls.__slots__}
        return cls(**{**values, "asking": Asking.from_dict(data["asking"])})
