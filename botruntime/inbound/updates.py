"""What an update of the platform says, in house form: the only shapes that leave the room of the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from botruntime.sdk.contract import Message

StatusName = Literal["sent", "delivered", "read", "played", "failed"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom an update is about. Either id may be missing, never both; the phone is as the platform gave it."""

    bsuid: str | None = None
    parent_bsuid: str | None = None
    wa_id: str | None = None
    name: str = ""
    username: str | None = None


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """What became of a sent message. Comes in any order and more than once (Meta: Webhooks, statuses)."""

    event_id: int
    phone_number_id: str
    wamid: str
    status: StatusName
    at: datetime | None
    """The platform's timestamp, whole seconds, UTC."""
    code: str | None = None
    """``OutboundMessage.code`` as the platform echoed it; text that may be no uuid of ours."""
    recipient: Identity | None = None
    error_code: int | None = None
    error_title: str = ""
    error_details: str = ""
    pricing: dict[str, Any] | None = None
    """{category, type, model, is_billable}; only with the first of sent, delivered, read."""


@dataclass(frozen=True, slots=True)
class MessageUpdate:
    """A contact wrote."""

    phone_number_id: str
    sender: Identity
    message: Message
    change: "IdentityChange | None" = None


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """The platform says that one person's ids changed (Meta: system messages, ``user_changed_*``)."""

    before: Identity
    after: Identity


@dataclass(frozen=True, slots=True)
class EchoUpdate:
    """The owner wrote to a contact from the phone (coexistence)."""

    phone_number_id: str
    recipient: Identity
    wamid: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Preference:
    """A contact switched the business's marketing messages off or on, on the platform's own switch."""

    who: Identity
    is_stop: bool


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """Something about the account rather than about a message. Only what applies is filled."""

    topic: str
    event: str = ""
    waba_id: str = ""
    phone_number_id: str | None = None
    display_phone_number: str | None = None
    lost: str | None = None
    """We may no longer act for the account: key of the reason, ``numbers.lost.<reason>``."""
    detail: str = ""
    """The platform's own words or codes, for the record."""
    quality: str | None = None
    verified_name: str | None = None
    preferences: tuple[Preference, ...] = ()


Update = StatusUpdate | MessageUpdate | EchoUpdate | AccountUpdate
