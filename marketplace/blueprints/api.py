"""``/api/v1``: the acts of the store for programs."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from spectree import Response as Answers
from sqlalchemy import select

from catalog import search
from catalog.errors import Invalid, NotFound
from catalog.manifest import Manifest
from catalog.models import (
    Business,
    Category,
    Connection,
    Installation,
    Membership,
    Number,
    Role,
    User,
)
from catalog.web.access import access, find, public, token
from catalog.web.db import db
from catalog.web.language import language
from catalog.web.limits import limiter
from catalog.web.signin import current_person
from marketplace import config, throttle
from marketplace.api import schemas, shown
from marketplace.api.document import spec
from marketplace.blueprints.team import invitations
from marketplace.installing import agreement
from marketplace.installing.offer import offer

bp = Blueprint("api", __name__, url_prefix="/api/v1")
STORE, BUSINESS, NUMBERS, BOTS = ["store"], ["businesses"], ["numbers"], ["installations"]
Given = dict[str, Any]


def caller() -> User:
    """The person behind the token."""
    person = current_person()
    if person is None:
        raise NotFound
    return person


def _answers(model: Any, *refusals: int, created: bool = False) -> Answers:
    codes = {f"HTTP_{code}": schemas.Problem for code in (401, *refusals)}
    return Answers(**{"HTTP_201" if created else "HTTP_200": model, **codes})


def _json(model: Any, status: int = 200) -> tuple[Given, int]:
    return model.model_dump(mode="json"), status


@bp.get("/openapi.json")
@access(public)
def openapi() -> Given:
    """The description of everything below. Its readers' pages stay out: they load scripts from elsewhere."""
    found: Given = spec.spec
    return found


@bp.get("/me")
@access(token())
@spec.validate(resp=_answers(schemas.Me), tags=BUSINESS)
def me() -> tuple[Given, int]:
    """Whose token this is."""
    return _json(schemas.Me.model_validate(caller()))


@bp.get("/categories")
@access(token())
@spec.validate(resp=_answers(schemas.Categories), tags=STORE)
def categories() -> tuple[Given, int]:
    """The shelves of the store."""
    return _json(schemas.Categories.model_validate({"categories": Category.all(db.session())}))


@bp.get("/listings")
@access(token())
@spec.validate(resp=_answers(schemas.Listings, 422), tags=STORE)
def listings(query: schemas.SearchQuery) -> tuple[Given, int]:
    """Search the store."""
    shelf = db.session.scalar(select(Category).where(Category.slug == query.category)) if query.category else None
    if query.category and shelf is None:
        raise NotFound
    is_free = {"free": True, "paid": False}.get(query.price or "")
    hits = search.find(db.session(), query.q, category=shelf, is_free=is_free)
    return _json(schemas.Listings(listings=[shown.listing(db.session(), hit.listing) for hit in hits]))


@bp.get("/listings/<slug>")
@access(token())
@spec.validate(resp=_answers(schemas.ListingDetail, 404), tags=STORE)
def listing(slug: str) -> tuple[Given, int]:
    """One listing with its permissions and its settings form."""
    row, _version, manifest = offer(db.session(), slug)
    return _json(shown.listing_detail(db.session(), row, manifest, language()))


@bp.get("/businesses")
@access(token())
@spec.validate(resp=_answers(schemas.Businesses), tags=BUSINESS)
def businesses() -> tuple[Given, int]:
    """The caller's businesses."""
    return _json(schemas.Businesses(businesses=[shown.business(row, role) for row, role in places()]))


@bp.post("/businesses")
@access(token())
@spec.validate(resp=_answers(schemas.BusinessShown, 422, created=True), tags=BUSINESS)
def found_business(json: schemas.BusinessBody) -> tuple[Given, int]:
    """Found a business; the caller becomes its owner."""
    row = Business.found(db.session(), caller(), name=json.name, zone=json.zone)
    db.session.commit()
    return _json(shown.business(row, Role.OWNER), 201)


@bp.post("/businesses/<uuid:code>/invitations")
@access(token(Role.OWNER))
@limiter.limit(throttle.INVITATIONS_PER_PERSON, key_func=lambda: str(caller().code))
@spec.validate(resp=_answers(schemas.InvitationShown, 403, 404, 422, created=True), tags=BUSINESS)
def create_invitation(code: UUID, json: schemas.InvitationBody) -> tuple[Given, int]:
    """Ask somebody into the team by mail."""
    invitation = invitations.send(find(Business, code), json.email, Role(json.role))
    db.session.commit()
    return _json(schemas.InvitationShown.model_validate(invitation), 201)


@bp.get("/numbers")
@access(token())
@spec.validate(resp=_answers(schemas.Numbers), tags=NUMBERS)
def numbers() -> tuple[Given, int]:
    """Numbers of the caller's businesses."""
    rows = db.session.scalars(select(Number).where(Number.business_id.in_(_place_ids())).order_by(Number.id))
    return _json(schemas.Numbers(numbers=[shown.number(db.session(), row) for row in rows]))


@bp.get("/numbers/<uuid:code>")
@access(token(Role.VIEWER))
@spec.validate(resp=_answers(schemas.NumberShown, 404), tags=NUMBERS)
def number(code: UUID) -> tuple[Given, int]:
    """One number."""
    return _json(shown.number(db.session(), find(Number, code)))


@bp.post("/numbers/<uuid:code>/release")
@access(token(Role.OWNER))
@spec.validate(resp=_answers(schemas.NumberShown, 403, 404, 409), tags=NUMBERS)
def release(code: UUID) -> tuple[Given, int]:
    """Give a number up. Its bot must be uninstalled first."""
    row = find(Number, code)
    row.release(db.session(), caller())
    db.session.commit()
    return _json(shown.number(db.session(), row))


@bp.get("/businesses/<uuid:code>/connections")
@access(token(Role.VIEWER))
@spec.validate(resp=_answers(schemas.Connections, 404), tags=NUMBERS)
def connections(code: UUID) -> tuple[Given, int]:
    """Runs through Embedded Signup; ``signup_url`` opens a new one in the owner's browser."""
    business = find(Business, code)
    rows = db.session.scalars(
        select(Connection).where(Connection.business_id == business.id).order_by(Connection.id.desc()).limit(50)
    )
    return _json(
        schemas.Connections(
            connections=[shown.connection(row, language()) for row in rows],
            signup_url=config.current().store_url + url_for("numbers.new", code=business.code),
        )
    )


@bp.get("/connections/<uuid:code>")
@access(token(Role.VIEWER))
@spec.validate(resp=_answers(schemas.ConnectionShown, 404), tags=NUMBERS)
def connection(code: UUID) -> tuple[Given, int]:
    """The timeline of one run."""
    return _json(shown.connection(find(Connection, code), language()))


@bp.post("/connections/<uuid:code>/retries")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.ConnectionShown, 403, 404, 409), tags=NUMBERS)
def retry(code: UUID) -> tuple[Given, int]:
    """Go on from the step that failed."""
    row = find(Connection, code)
    row.retry(db.session(), caller())
    db.session.commit()
    return _json(shown.connection(row, language()))


@bp.post("/connections/<uuid:code>/pin")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.ConnectionShown, 403, 404, 409, 422), tags=NUMBERS)
def enter_pin(code: UUID, json: schemas.PinBody) -> tuple[Given, int]:
    """Give the two-step PIN that the number already has."""
    row = find(Connection, code)
    row.enter_pin(db.session(), config.current().sealer, json.pin, caller())
    db.session.commit()
    return _json(shown.connection(row, language()))


@bp.get("/installations")
@access(token())
@spec.validate(resp=_answers(schemas.Installations), tags=BOTS)
def installations() -> tuple[Given, int]:
    """Installations of the caller's businesses."""
    rows = db.session.scalars(
        select(Installation).where(Installation.business_id.in_(_place_ids())).order_by(Installation.id.desc())
    )
    return _json(schemas.Installations(installations=[shown.installation(row) for row in rows]))


@bp.post("/installations")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.InstallationShown, 403, 404, 409, 422, created=True), tags=BOTS)
def install(json: schemas.InstallationBody) -> tuple[Given, int]:
    """Install a bot on a live number, or replace the one on it."""
    row, version, manifest = offer(db.session(), json.listing)
    on = find(Number, json.number, role=Role.MANAGER)
    clean = _checked(manifest, json.settings)
    replacing = find(Installation, json.replacing, role=Role.MANAGER) if json.replacing else None
    installation = Installation.install(
        db.session(),
        number=on,
        version=version,
        plan=row.free_plan,
        settings=clean,
        consent=agreement.record(version, manifest, row.free_plan, language()),
        by=caller(),
        replacing=replacing,
    )
    db.session.commit()
    return _json(shown.installation(installation), 201)


@bp.get("/installations/<uuid:code>")
@access(token(Role.VIEWER))
@spec.validate(resp=_answers(schemas.InstallationShown, 404), tags=BOTS)
def installation(code: UUID) -> tuple[Given, int]:
    """One installation."""
    return _json(shown.installation(find(Installation, code)))


@bp.patch("/installations/<uuid:code>")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.InstallationShown, 403, 404, 422), tags=BOTS)
def configure(code: UUID, json: schemas.SettingsBody) -> tuple[Given, int]:
    """Change settings; they count from the next message on."""
    row = find(Installation, code)
    manifest = Manifest.model_validate(row.version.manifest)
    row.configure(db.session(), _checked(manifest, {**row.settings, **json.settings}), caller())
    return _changed(row)


@bp.post("/installations/<uuid:code>/pauses")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.InstallationShown, 403, 404, 409), tags=BOTS)
def pause(code: UUID) -> tuple[Given, int]:
    """Stop answering, keep everything."""
    row = find(Installation, code)
    row.pause(db.session(), caller())
    return _changed(row)


@bp.post("/installations/<uuid:code>/resumptions")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.InstallationShown, 403, 404, 409), tags=BOTS)
def resume(code: UUID) -> tuple[Given, int]:
    """Answer again."""
    row = find(Installation, code)
    row.resume(db.session(), caller())
    return _changed(row)


@bp.delete("/installations/<uuid:code>")
@access(token(Role.MANAGER))
@spec.validate(resp=_answers(schemas.InstallationShown, 403, 404), tags=BOTS)
def uninstall(code: UUID) -> tuple[Given, int]:
    """Take the bot off its number."""
    row = find(Installation, code)
    row.uninstall(db.session(), caller())
    return _changed(row)


def places() -> list[tuple[Business, Role]]:
    """The caller's businesses with the role in each."""
    rows = db.session.execute(
        select(Business, Membership.role)
        .join(Membership, Membership.business_id == Business.id)
        .where(Membership.user_id == caller().id, Membership.ended_at.is_(None))
        .order_by(Business.id)
    )
    return [(row[0], row[1]) for row in rows]


def _place_ids() -> list[int]:
    return [business.id for business, _role in places()]


def _changed(row: Installation) -> tuple[Given, int]:
    db.session.commit()
    return _json(shown.installation(row))


def _checked(manifest: Manifest, values: Given) -> Given:
    clean, problems = manifest.validate_settings(values, language())
    if problems:
        raise Invalid(
            {f"settings.{path}": (f"manifest.settings.{one.code}", dict(one.params)) for path, one in problems.items()}
        )
    return clean
