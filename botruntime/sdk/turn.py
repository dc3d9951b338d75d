"""What goes into a turn: who writes, to which installation, what happened, and what was kept from the last time.

All datetimes are aware and in UTC. Every class can be written with `to_dict` and read with `from_dict` (plain JSON).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from botruntime.sdk import codec

Mode = Literal["bot", "queued", "human"]
"""Who speaks: the bot; nobody yet, a person was asked for; a person."""

MessageKind = Literal[
    "text", "button", "list", "image", "audio", "video", "document", "sticker", "location", "contacts", "order",
    "reaction", "form", "template_button", "edit", "revoke", "system", "unsupported",
]  # fmt: skip
"""Kinds of inbound message. `button` and `list` are presses on our own cards, `template_button` on a message template,
`form` a submitted WhatsApp Flow, `unsupported` everything the platform or we cannot name.
(Meta: Webhooks, messages; the wire's `interactive` is split into button, list and form.)"""

InputKind = Literal["text", "name", "number", "money", "phone", "email", "date", "time", "yesno", "choice"]
"""What an `ask` accepts; the step receives str, str, int, int (rupiah), str (+62...), str, date, time, bool, str."""

LifecycleKind = Literal["install", "settings", "pause", "resume", "uninstall", "erase"]


@dataclass(frozen=True, slots=True)
class Contact:
    """The person writing. `code` is the only key; a phone (`+628...`) may be missing or withheld by permission."""

    code: str
    name: str = ""
    username: str | None = None
    phone: str | None = None
    language: str | None = None
    """Chosen by the contact ("id" or "en"); None until chosen."""


@dataclass(frozen=True, slots=True)
class Business:
    """The owner's business: shown name, IANA zone (Asia/Jakarta, Asia/Makassar, Asia/Jayapura), default language."""

    name: str
    zone: str = "Asia/Jakarta"
    language: str = "id"


@dataclass(frozen=True, slots=True)
class Installation:
    """One bot on one number: pinned version and the settings the owner filled in (already validated)."""

    code: str
    version: str
    business: Business
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Media:
    """A file that came in. `id` is the platform's media id; `sha256` as the platform gave it (base64)."""

    id: str
    mime: str = ""
    caption: str = ""
    filename: str = ""
    sha256: str = ""
    is_voice: bool = False


@dataclass(frozen=True, slots=True)
class Location:
    """A place: degrees as float, name and address when given."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the contact. Only the fields of its kind are filled."""

    type: Literal["message"] = "message"
    id: str = ""
    """The wamid."""
    kind: MessageKind = "text"
    at: datetime | None = None
    """The platform's timestamp; None only in hand-made tests."""
    text: str = ""
    """Body of a text, caption of media, emoji of a reaction (empty = taken back), text of an order."""
    payload: str = ""
    """Id of the pressed button or row (kinds button, list, template_button)."""
    title: str = ""
    """Title of the pressed button or row, as shown."""
    media: Media | None = None
    location: Location | None = None
    contacts: tuple[dict[str, Any], ...] = ()
    """Shared contact cards as {name, phones: [..]}."""
    order: dict[str, Any] | None = None
    """{catalog, items: [{sku, quantity, price_idr}]}."""
    form: dict[str, Any] | None = None
    """Answers of a submitted form."""
    referral: dict[str, str] | None = None
    """Where the contact came from: {source: "ad"|"post"|..., id, url, headline, click_id}."""
    quoted: str | None = None
    """wamid of the message this one replies to, reacts to, edits or revokes."""
    raw: dict[str, Any] = field(default_factory=dict)
    """What arrived, for bots that were granted it; may be empty."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON of this message."""
        data: dict[str, Any] = codec.dump(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Message:
        """Read what `to_dict` wrote."""
        return codec.load(cls, data)


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that came due; `at` is the moment it was set for. It may fire late, never early; at least once."""

    type: Literal["timer"] = "timer"
    id: str = ""
    """Unique per firing; the same on a repeated firing."""
    name: str = ""
    key: str = ""
    at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Something happened to the installation (no contact), or a contact is being erased (with the contact)."""

    type: Literal["lifecycle"] = "lifecycle"
    id: str = ""
    kind: LifecycleKind = "install"
    old: dict[str, Any] = field(default_factory=dict)
    """Settings before, for `settings`; the new ones stand in the installation."""


@dataclass(frozen=True, slots=True)
class Asking:
    """An open question: the named step that gets the answer, and how to read and repeat it."""

    step: str
    input: InputKind = "text"
    key: str = ""
    """Catalogue key of the question, to ask again."""
    fill: dict[str, Any] = field(default_factory=dict)
    """Placeholders of the question."""
    params: dict[str, Any] = field(default_factory=dict)
    """JSON values handed to the step besides the answer."""
    choices: tuple[tuple[str, str], ...] = ()
    """(id, title) pairs accepted by `choice`, and by any other input as a press."""
    tries: int = 0
    retries: int = 2
    expires_at: datetime | None = None
    on_timeout: str | None = None
    """Step called without a value when nobody answers in time; None = the question is dropped silently."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON of this question."""
        data: dict[str, Any] = codec.dump(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Asking:
        """Read what `to_dict` wrote."""
        asking = codec.load(cls, data)
        pairs = tuple((str(pair[0]), str(pair[1])) for pair in asking.choices)
        return cls(**{**{name: getattr(asking, name) for name in cls.__slots__}, "choices": pairs})


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a bot may know in one turn; the same input gives the same outcome."""

    installation: Installation
    event: Message | TimerFired | Lifecycle
    now: datetime
    """Business time (catalog.clock), aware, UTC."""
    contact: Contact | None = None
    """None only for lifecycle events of the installation and timers without a contact."""
    state: dict[str, Any] = field(default_factory=dict)
    """This contact's state from the last outcome; JSON. The key `_sdk` belongs to the SDK."""
    asking: Asking | None = None
    mode: Mode = "bot"
    first: bool = False
    """The contact's first message to this installation."""
    last_unknown_at: datetime | None = None
    """When "I did not understand" was last said to this contact."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON of the whole turn (recordings, replay, other processes)."""
        data: dict[str, Any] = codec.dump(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Turn:
        """Read what `to_dict` wrote."""
        turn = codec.load(cls, data)
        if turn.asking is None:
            return turn
        values = {name: getattr(turn, name) for name in cls.__slots__}
        return cls(**{**values, "asking": Asking.from_dict(data["asking"])})
