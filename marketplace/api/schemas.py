"""Shapes of the API, in and out. Codes are uuids, times ISO 8601 in UTC, money whole rupiah."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from catalog.manifest import people
from catalog.web.forms import tidy

Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
# As in forms: one line, without signs that turn or hide text.
Name = Annotated[str, AfterValidator(tidy), StringConstraints(min_length=2, max_length=60)]


def _address(text: str) -> str:
    found = people.email(text)
    if found is None:
        raise PydanticCustomError("email", "must be an address such as name@example.com")
    return found.lower()


Address = Annotated[str, AfterValidator(_address)]


class Body(BaseModel):
    """What a program sends. A key that is not known is refused: a misspelt one must not be ignored."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What a program gets."""

    model_config = ConfigDict(from_attributes=True)


class ProblemShown(Shown):
    """A refusal: a stable code, a sentence in the caller's language, the request's id, and the fields it is about."""

    code: str
    message: str
    id: str
    fields: dict[str, str] = {}


class Problem(Shown):
    """Every answer of 400 and above."""

    error: ProblemShown


class PlanShown(Shown):
    """One price."""

    code: UUID
    interval: str
    price_idr: int


class CategoryShown(Shown):
    """One shelf; texts by language."""

    slug: str
    name: dict[str, str]
    summary: dict[str, str]


class ListingShown(Shown):
    """A bot's public page; texts by language."""

    slug: str
    name: dict[str, str]
    tagline: dict[str, str]
    category: str
    tags: list[str]
    version: str
    plans: list[PlanShown]


class ListingDetail(ListingShown):
    """Everything an owner decides by. ``settings`` are the manifest's fields, ``defaults`` their values."""

    body: dict[str, str]
    permissions: list[str]
    hosts: list[str]
    retention_days: int
    settings: list[dict[str, Any]]
    defaults: dict[str, Any]


class Listings(Shown):
    """Search results, best first."""

    listings: list[ListingShown]


class Categories(Shown):
    """All shelves in the store's order."""

    categories: list[CategoryShown]


class SearchQuery(BaseModel):
    """What to look for."""

    q: str = Field("", max_length=100)
    category: str | None = Field(None, max_length=40)
    price: Literal["free", "paid"] | None = None


class Me(Shown):
    """Whose token this is."""

    code: UUID
    email: str
    name: str
    language: str


class BusinessBody(Body):
    """A new business."""

    name: Name
    zone: Zone = "Asia/Jakarta"


class BusinessShown(Shown):
    """A business and the caller's role in it."""

    code: UUID
    name: str
    zone: str
    language: str
    role: str


class Businesses(Shown):
    """The caller's businesses."""

    businesses: list[BusinessShown]


class InvitationBody(Body):
    """Somebody to ask into the team."""

    email: Address
    role: Literal["viewer", "agent", "manager", "owner"]


class InvitationShown(Shown):
    """An invitation that was mailed."""

    code: UUID
    email: str
    role: str
    expires_at: datetime


class NumberShown(Shown):
    """A number: ``connecting``, ``live``, ``disconnected`` (with its reason) or ``released``."""

    code: UUID
    business: UUID
    display_phone_number: str
    verified_name: str
    transport: str
    state: str
    reason: str | None
    connected_at: datetime | None
    installation: UUID | None


class Numbers(Shown):
    """Numbers of the caller's businesses."""

    numbers: list[NumberShown]


class InstallationBody(Body):
    """Install ``listing`` on ``number``. ``agreed`` says the owner consents to ``ListingDetail.permissions``,
    its hosts and its price. Settings left out take their defaults. ``replacing`` names the installation that gives way.
    """

    listing: str = Field(max_length=40)
    number: UUID
    agreed: Literal[True]
    settings: dict[str, Any] = {}
    replacing: UUID | None = None


class SettingsBody(Body):
    """New settings; what is left out stays as it is."""

    settings: dict[str, Any]


class InstallationShown(Shown):
    """One bot on one number."""

    code: UUID
    business: UUID
    number: UUID
    listing: str
    version: str
    state: str
    language: str
    settings: dict[str, Any]
    installed_at: datetime
    paused_at: datetime | None
    ended_at: datetime | None


class Installations(Shown):
    """Installations of the caller's businesses, newest first."""

    installations: list[InstallationShown]


class StepShown(Shown):
    """One step of a connection's timeline."""

    name: str
    state: str
    error: str | None
    message: str | None


class ConnectionShown(Shown):
    """A run through Embedded Signup."""

    code: UUID
    business: UUID
    state: str
    error: str | None
    message: str | None
    number: UUID | None
    steps: list[StepShown]


class Connections(Shown):
    """Runs of a business, newest first. A new one begins in the owner's browser, at ``signup_url``."""

    connections: list[ConnectionShown]
    signup_url: str


class PinBody(Body):
    """The two-step PIN a number already has."""

    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
