"""What a worker holds while it works: claimed conversations, their events, and what their turns came to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from botruntime.models import EventKind, EventState
from botruntime.sdk.contract import Reply, SetTimer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event of a conversation that waits for its turn."""

    id: int
    kind: EventKind
    raw: bytes
    sent_at: datetime | None
    received_at: datetime
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Bound:
    """The installation that holds a number, with the version it pins."""

    id: int
    code: UUID
    state: str
    generation: int
    settings: Json
    language: str
    permissions: frozenset[str]
    bot: str
    version: str
    hosting: str
    partner_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came in: number, business, and the installation if there is one."""

    number_id: int
    number_state: str
    display_phone_number: str
    business_id: int
    business_code: UUID
    business_name: str
    zone: str
    language: str
    bound: Bound | None


@dataclass(slots=True)
class Person:
    """The contact of a conversation."""

    id: int
    code: UUID
    name: str
    username: str | None
    wa_id: str | None
    language: str | None
    is_machine: bool = False
    """The phone is one of our own numbers: bot talks to bot."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """The timer behind an event of kind ``timer``."""

    id: int
    code: UUID
    installation_id: int
    name: str
    key: str
    due_at: datetime
    data: Json
    state: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A message a turn wants sent. ``reply.to`` (a contact's code) is resolved when it is written."""

    reply: Reply
    cause_id: int
    author: Literal["bot", "system"] = "bot"
    policy: Literal["reply", "notice"] = "reply"
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one event."""

    event_id: int
    received_at: datetime
    state: EventState = EventState.DONE
    reason: str | None = None
    handled: str | None = None


@dataclass(slots=True)
class Told:
    """A notice for people: kind, params, and whether the developer is told too."""

    kind: str
    params: Json
    to_developer: bool = False


@dataclass(slots=True)
class Effects:
    """Everything a claimed conversation's turns wish for; written in one transaction or not at all."""

    ended: list[Ended] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    # By (name, key): the last wish wins. None cancels.
    timers: dict[tuple[str, str], SetTimer | None] = field(default_factory=dict)
    fired: list[int] = field(default_factory=list)
    called_off: list[int] = field(default_factory=list)
    postponed: list[int] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    journal: list[tuple[str, Json]] = field(default_factory=list)
    opted: Literal["in", "out"] | None = None
    is_silenced: bool = False
    is_erased: bool = False


@dataclass(slots=True)
class Claimed:
    """A conversation this worker holds under ``token``, as it is and as its turns change it."""

    id: int
    token: int
    contact: Person
    place: Place
    events: list[Waiting]
    due: dict[int, DueTimer]
    loaded_mode: str
    mode: str
    human_until: datetime | None
    handover_at: datetime | None
    handover: Json | None
    installation_id: int | None
    state: Json
    asking: Json | None
    last_inbound_at: datetime | None
    last_unknown_at: datetime | None
    paused_told_at: datetime | None
    fallback_told_at: datetime | None
    burst_began_at: datetime | None
    burst_turns: int
    silenced_until: datetime | None
    effects: Effects = field(default_factory=Effects)
    # The event its bot thinks about right now, for the watch on deadlines.
    position: int = 0

    @property
    def language(self) -> str:
        """In which language the house itself speaks to the contact."""
        bound = self.place.bound
        return self.contact.language or (bound.language if bound else self.place.language)
