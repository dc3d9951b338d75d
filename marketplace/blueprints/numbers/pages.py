"""The list of numbers and the page of one."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import render_template
from sqlalchemy import select

from catalog import clock
from catalog.models import Connection, ConnectionState, Event, Installation, Number, NumberState, Role, User
from catalog.models.connection import OPEN
from catalog.web.access import access, find, member, signed_in
from catalog.web.db import db
from catalog.web.language import language
from marketplace.blueprints.numbers import bp, seat

EVENTS_SHOWN = 20
PENDING_SHOWN = 10
SOON = timedelta(days=7)


@bp.get("/numbers")
@access(signed_in)
def index() -> str:
    """The numbers of every business the reader belongs to."""
    places = seat.businesses()
    ids = [business.id for business, _ in places]
    numbers = db.session.scalars(select(Number).where(Number.business_id.in_(ids)).order_by(Number.id.desc())).all()
    pending = db.session.scalars(
        select(Connection)
        .where(Connection.business_id.in_(ids), Connection.state.in_(OPEN))
        .order_by(Connection.id.desc())
        .limit(PENDING_SHOWN)
    ).all()
    # A number that is being connected is shown by its connection.
    shown = [number for number in numbers if number.state in (NumberState.LIVE, NumberState.DISCONNECTED)]
    return render_template(
        "numbers/index.html",
        places=places,
        managed={business.id for business, role in places if role.covers(Role.MANAGER)},
        numbers=shown,
        released=[number for number in numbers if number.state is NumberState.RELEASED and number.connected_at],
        pending=[one for one in pending if one.has_token or one.state is ConnectionState.STARTED],
        bots={number.id: bot_on(number) for number in shown},
        health=health,
    )


@bp.get("/numbers/<uuid:code>")
@access(member(Role.VIEWER))
def show(code: UUID) -> str:
    """How one number is, what happened to it, what can be done."""
    return page(find(Number, code))


def page(number: Number, pin: str | None = None) -> str:
    """The page of ``number``; with ``pin`` where its owner asked for it just now."""
    events = db.session.scalars(
        select(Event)
        .where(Event.subject_kind == "number", Event.subject_code == number.code)
        .order_by(Event.id.desc())
        .limit(EVENTS_SHOWN)
    ).all()
    actors = {one.id: one.name for one in db.session.scalars(select(User).where(User.id.in_(actor_ids(events))))}
    return render_template(
        "numbers/show.html",
        number=number,
        bot=bot_on(number),
        pin=pin,
        events=events,
        actors=actors,
        health=health(number),
        checked_at=checked_at(number),
        ends_soon=ends_soon(number),
        attempt=latest_attempt(number),
        may_manage=seat.may(number.business, Role.MANAGER),
        is_owner=seat.may(number.business, Role.OWNER),
    )


def bot_on(number: Number) -> tuple[Installation, str] | None:
    """What holds the number, and its name in the reader's language."""
    installation = Installation.on(db.session(), number)
    if installation is None:
        return None
    return installation, str(installation.version.manifest["name"][language()])


def latest_attempt(number: Number) -> Connection | None:
    """The last run that had to do with the number."""
    return db.session.scalar(
        select(Connection).where(Connection.number_id == number.id).order_by(Connection.id.desc()).limit(1)
    )


def health(number: Number) -> tuple[str, str]:
    """Name in the catalogue and tone of how Meta sees the number."""
    if number.health.get("is_payment_missing"):
        return "payment", "warn"
    known = {"AVAILABLE": ("good", "good"), "LIMITED": ("limited", "warn"), "BLOCKED": ("blocked", "bad")}
    return known.get(number.health.get("sending", ""), ("unknown", "plain"))


def checked_at(number: Number) -> datetime | None:
    """When Meta was asked last."""
    kept = number.health.get("checked_at")
    return datetime.fromisoformat(kept) if kept else None


def ends_soon(number: Number) -> bool:
    """Whether Meta's permission runs out within a week. Tokens of Meta's own template live 60 days."""
    ends = number.waba.token_expires_at if number.waba else None
    return ends is not None and ends - clock.now(db.session()) < SOON


def actor_ids(events: object) -> list[int]:
    """Who acted."""
    return [event.actor_id for event in events if event.actor_id is not None]  # type: ignore[attr-defined]
