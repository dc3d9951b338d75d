"""The nouns of the emulated world. Times are virtual unix seconds; every field is a JSON value."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Meta:
    """One named value of the emulator itself: clock offset, id counters, faults, app subscription."""

    id: str
    value: Any


@dataclass
class Login:
    """A pretend Facebook person who may sign in to the dialog. ``label`` names a text of the catalogue."""

    id: str
    label: str
    portfolio_ids: list[str] = field(default_factory=list)


@dataclass
class Portfolio:
    """A business portfolio, Meta's container of WABAs."""

    id: str
    name: str


@dataclass
class Waba:
    """A WhatsApp Business Account. ``subscribed`` maps app ids to ``{override_callback_uri?, verify_token?}``."""

    id: str
    portfolio_id: str
    name: str
    created_at: float = 0.0
    currency: str = "IDR"
    payment: bool = True
    restricted: str | None = None
    subscribed: dict[str, Json] = field(default_factory=dict)


@dataclass
class Number:
    """A business phone number. ``digits`` is the number without plus, ``id`` the phone_number_id."""

    id: str
    waba_id: str
    digits: str
    verified_name: str
    verified: bool = True
    registered: bool = False
    on_biz_app: bool = False
    pin: str | None = None
    pin_tries: int = 0
    pin_wrong_at: float = 0.0
    pin_locked_until: float = 0.0
    register_log: list[float] = field(default_factory=list)
    onboarded_at: float = 0.0
    deleted_at: float = 0.0
    otp: str | None = None
    status: str = "PENDING"
    quality: str = "GREEN"
    name_status: str = "APPROVED"
    mode: str = "LIVE"
    region: str | None = None
    mps: int = 80
    payment: bool = True
    allowed_recipients: list[str] | None = None
    override: Json = field(default_factory=dict)
    profile: Json = field(default_factory=dict)
    automation: Json = field(default_factory=dict)
    blocked: list[str] = field(default_factory=list)
    qr_codes: dict[str, Json] = field(default_factory=dict)
    username: str | None = None
    synced: list[str] = field(default_factory=list)
    shares_history: bool = True


@dataclass
class Person:
    """Someone with WhatsApp on a phone. ``known_to``: portfolio id → until when the phone is visible there."""

    id: str
    name: str
    phone: str
    phone_visible: bool = True
    username: str | None = None
    country: str = "ID"
    bsuids: dict[str, str] = field(default_factory=dict)
    known_to: dict[str, float] = field(default_factory=dict)
    sent_after: float = 0.2
    delivered_after: float = 0.5
    read_after: float | None = 2.0
    read_receipts: bool = True
    blocked: bool = False
    opted_out: bool = False
    on_whatsapp: bool = True
    offline: bool = False


@dataclass
class Chat:
    """What one number and one person have between them; the id is ``<number>:<person>``."""

    id: str
    number_id: str
    person_id: str
    last_in_at: float = 0.0
    entry_point_until: float = 0.0
    origin: Json = field(default_factory=dict)


@dataclass
class Message:
    """One message in a chat, ``id`` being the wamid. ``body`` has ``type`` and the type's object as on the wire."""

    id: str
    chat_id: str
    direction: str
    at: float
    body: Json
    status: str
    status_at: dict[str, float] = field(default_factory=dict)
    by: str = "user"
    opaque: str | None = None
    pricing: Json = field(default_factory=dict)
    sent_to: Json = field(default_factory=dict)
    errors: list[Json] = field(default_factory=list)
    reactions: dict[str, str] = field(default_factory=dict)
    edited: bool = False
    revoked: bool = False
    rendered: Json | None = None


@dataclass
class Media:
    """A file known to Graph; the bytes lie in the data folder under ``media/<id>``."""

    id: str
    number_id: str
    mime_type: str
    sha256: str
    size: int
    at: float
    until: float
    filename: str | None = None
    urls: dict[str, float] = field(default_factory=dict)


@dataclass
class Template:
    """A message template of a WABA."""

    id: str
    waba_id: str
    name: str
    language: str
    category: str
    components: list[Json]
    status: str = "PENDING"
    reason: str = "NONE"
    parameter_format: str = "POSITIONAL"
    at: float = 0.0


@dataclass
class Grant:
    """What one portfolio lets our app do; ``waba_ids`` newest first. The id is the portfolio's."""

    id: str
    user_id: str
    waba_ids: list[str] = field(default_factory=list)
    at: float = 0.0


@dataclass
class Token:
    """A business token; the id is the token itself."""

    id: str
    grant_id: str
    at: float
    until: float
    revoked: bool = False


@dataclass
class Code:
    """An authorisation code; the id is the code itself. ``released_at`` None: still only in the closing popup."""

    id: str
    app_id: str
    grant_id: str
    redirect_uri: str | None
    released_at: float | None = None
    used_at: float | None = None
    expired: bool = False


@dataclass
class Signup:
    """One walk through the dialog. ``ask`` are the parameters it was opened with."""

    id: str
    at: float
    ask: Json
    step: str = "login"
    login_id: str | None = None
    portfolio_id: str | None = None
    waba_id: str | None = None
    number_id: str | None = None
    draft: Json = field(default_factory=dict)
    outcome: Json = field(default_factory=dict)


@dataclass
class Timer:
    """Something due at a virtual time; ``kind`` names its handler."""

    id: str
    due: float
    kind: str
    data: Json = field(default_factory=dict)


@dataclass
class Delivery:
    """One webhook POST that is not acknowledged yet. ``key`` keeps deliveries of one chat in order."""

    id: str
    updates: list[Json]
    key: str
    due: float
    attempt: int = 0


@dataclass
class Mail:
    """One mail the product sent; ``raw`` is the message as latin-1 text, byte for byte."""

    id: str
    at: float
    sender: str
    to: list[str]
    subject: str
    raw: str
