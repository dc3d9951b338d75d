"""The owner's home: what waits, how far the way to the first answered message has been walked, numbers and bots."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from sqlalchemy import func, select

from catalog import clock
from catalog.models import (
    HOLDING,
    Business,
    Connection,
    Event,
    Installation,
    Invitation,
    Number,
    NumberState,
    Role,
    User,
)
from catalog.models.connection import OPEN
from catalog.web.access import access, signed_in
from catalog.web.db import db
from catalog.web.signin import current_person
from marketplace.blueprints.team.forms import NewBusiness

bp = Blueprint("home", __name__)

# Written by the message process when WhatsApp took an installation's first reply.
ANSWERED = "installation.answered"


@dataclass(frozen=True)
class Step:
    """One step to first value; ``href`` is where it is done, empty once it is."""

    name: str
    is_done: bool
    href: str = ""


@dataclass(frozen=True)
class Desk:
    """One business as its people see it at home."""

    business: Business
    numbers: list[Number]
    bots: dict[int, Installation]
    pending: list[Connection]
    has_answered: bool
    may_manage: bool

    @property
    def lost(self) -> list[Number]:
        """Numbers whose connection broke."""
        return [one for one in self.numbers if one.state is NumberState.DISCONNECTED]

    @property
    def idle(self) -> list[Number]:
        """Live numbers that no bot answers."""
        return [one for one in self.numbers if one.state is NumberState.LIVE and one.id not in self.bots]

    def steps(self) -> list[Step]:
        """The way to the first answered message, read from rows alone."""
        code = self.business.code
        is_connected = any(one.state is NumberState.LIVE for one in self.numbers)
        return [
            Step("email", is_done=True),
            Step("number", is_connected, url_for("numbers.new", code=code)),
            Step("bot", bool(self.bots), url_for("store.results")),
            Step("answer", self.has_answered, self._chat()),
        ]

    def _chat(self) -> str:
        bot = next(iter(self.bots.values()), None)
        return url_for("installations.show", code=bot.code) if bot else ""


@bp.get("/home")
@access(signed_in)
def show() -> str:
    """Home."""
    person = current_person()
    assert person is not None
    desks = [desk_of(business, person) for business in Business.of(db.session(), person)]
    return render_template(
        "home/show.html", desks=desks, invitations=invitations_to(person), form=NewBusiness() if not desks else None
    )


def invitations_to(person: User) -> list[Invitation]:
    """Offers to join a team that wait for this person."""
    is_open = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    waiting = (*is_open, Invitation.expires_at > clock.sql_now())
    to_me = func.lower(Invitation.email) == person.email.lower()
    return list(db.session.scalars(select(Invitation).where(to_me, *waiting).order_by(Invitation.id)))


def desk_of(business: Business, person: User) -> Desk:
    """What home shows of one business."""
    session = db.session()
    role = business.role_of(session, person)
    owned = (Number.business_id == business.id, Number.state != NumberState.RELEASED)
    holding = (Installation.business_id == business.id, Installation.state.in_(HOLDING))
    return Desk(
        business=business,
        numbers=list(session.scalars(select(Number).where(*owned).order_by(Number.id))),
        bots={one.number_id: one for one in session.scalars(select(Installation).where(*holding))},
        pending=pending(business),
        has_answered=session.scalar(
            select(Event.id).where(Event.business_id == business.id, Event.kind == ANSWERED).limit(1)
        )
        is not None,
        may_manage=role is not None and role.covers(Role.MANAGER),
    )


def pending(business: Business) -> list[Connection]:
    """Connections under way or stopped."""
    mine = (Connection.business_id == business.id, Connection.state.in_(OPEN))
    return list(db.session.scalars(select(Connection).where(*mine).order_by(Connection.id.desc()).limit(5)))
