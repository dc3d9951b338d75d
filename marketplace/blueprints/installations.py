"""Installing a bot on a number, and everything an owner does with it afterwards."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from catalog.errors import NotFound
from catalog.manifest import Manifest
from catalog.models import Event, Installation, InstallationState, Listing, Membership, Role, User, Version
from catalog.web.access import access, find, member, signed_in
from catalog.web.db import db
from catalog.web.language import language, t
from catalog.web.signin import current_person
from marketplace import config
from marketplace.blueprints.store import card_of
from marketplace.installing import agreement, choice, settings_form
from marketplace.installing.offer import offer

bp = Blueprint("installations", __name__)
LIVING = (InstallationState.ACTIVE, InstallationState.PAUSED, InstallationState.SUSPENDED, InstallationState.DRAINING)
EVENTS_SHOWN = 20


def _me() -> User:
    person = current_person()
    if person is None:
        raise NotFound
    return person


@bp.get("/installations")
@access(signed_in)
def index() -> str:
    """The bots of every business the reader belongs to."""
    mine = select(Membership.business_id).where(Membership.user_id == _me().id, Membership.ended_at.is_(None))
    rows = db.session.scalars(
        select(Installation).where(Installation.business_id.in_(mine)).order_by(Installation.id.desc())
    ).all()
    return render_template(
        "installations/index.html",
        living=[row for row in rows if row.state in LIVING],
        ended=[row for row in rows if row.state not in LIVING],
        names=_names(rows),
    )


@bp.get("/listings/<slug>/install")
@access(signed_in)
def new(slug: str) -> str:
    """What the bot may do, on which number: the page of consent."""
    return _consent_page(slug, {}, request.args.get("number"))


@bp.post("/listings/<slug>/install")
@access(signed_in)
def agree(slug: str) -> Response | tuple[str, int]:
    """Take the consent along to the settings."""
    listing, version, _manifest = offer(db.session(), slug)
    chosen = request.form.get("number", "")
    options = {str(one.number.code): one for one in choice.options(db.session(), _me(), listing.bot)}
    option = options.get(chosen)
    errors: dict[str, str] = {}
    if option is None or option.is_same:
        errors["number"] = t("installations.new.number_same" if option else "installations.new.choose_number")
    elif option.holder is not None and "replace" not in request.form:
        name = _bot_name(option.holder.version)
        errors["replace"] = t("installations.new.replace_needed", bot=name)
    if "agree" not in request.form:
        errors["agree"] = t("installations.new.agree_needed")
    if errors or option is None:
        return _consent_page(slug, errors, chosen), 422
    replacing = option.holder.code if option.holder else None
    given = agreement.Agreement(_me().code, version.code, option.number.code, replacing)
    note = agreement.seal(config.current().secret_key, given)
    return redirect(url_for("installations.prepare", slug=slug, note=note), 303)


@bp.get("/listings/<slug>/install/settings")
@access(signed_in)
def prepare(slug: str) -> Response | str:
    """The settings form, filled with what works."""
    listing, version, manifest = offer(db.session(), slug)
    if _given(version) is None:
        return _ask_again(slug)
    values = manifest.defaults(language())
    return _settings_page(listing, manifest, values, note=request.args["note"])


@bp.post("/listings/<slug>/install/settings")
@access(signed_in)
def create(slug: str) -> Response | tuple[str, int] | str:
    """Install: from now on the bot answers."""
    listing, version, manifest = offer(db.session(), slug)
    given = _given(version)
    if given is None:
        return _ask_again(slug)
    values = settings_form.read(manifest, request.form)
    if act := request.form.get("_rows"):
        settings_form.change_rows(values, act)
        return _settings_page(listing, manifest, values, note=request.values["note"])
    clean, problems = manifest.validate_settings(values, language())
    if problems:
        return _settings_page(listing, manifest, values, problems, note=request.values["note"]), 422
    options = {one.number.code: one for one in choice.options(db.session(), _me(), listing.bot)}
    option = options.get(given.number)
    if option is None:
        raise NotFound
    holder = option.holder
    replacing = holder if holder is not None and holder.code == given.replacing else None
    installation = Installation.install(
        db.session(),
        number=option.number,
        version=version,
        plan=listing.free_plan,
        settings=clean,
        consent=agreement.record(version, manifest, listing.free_plan, language()),
        by=_me(),
        replacing=replacing,
    )
    db.session.commit()
    flash(t("installations.did.installed", bot=listing.name[language()]), "good")
    return redirect(url_for("installations.show", code=installation.code), 303)


@bp.get("/installations/<uuid:code>")
@access(member(Role.VIEWER))
def show(code: Any) -> str:
    """One installed bot: how it is, what happened, what can be done."""
    installation = find(Installation, code, role=Role.VIEWER)
    events = db.session.scalars(
        select(Event)
        .where(Event.subject_kind == "installation", Event.subject_code == installation.code)
        .order_by(Event.id.desc())
        .limit(EVENTS_SHOWN)
    ).all()
    actors = {one.id: one.name for one in db.session.scalars(select(User).where(User.id.in_(_actors(events))))}
    role = installation.business.role_of(db.session(), _me())
    return render_template(
        "installations/show.html",
        installation=installation,
        bot=_bot_name(installation.version),
        chat=config.current().chat(installation.number.display_phone_number),
        events=events,
        actors=actors,
        may_manage=role is not None and role.covers(Role.MANAGER),
    )


@bp.get("/installations/<uuid:code>/settings")
@access(member(Role.MANAGER))
def edit(code: Any) -> str:
    """The settings as they are."""
    installation = find(Installation, code, role=Role.MANAGER)
    manifest = Manifest.model_validate(installation.version.manifest)
    return _settings_page(_listing_of(installation), manifest, installation.settings, installation=installation)


@bp.post("/installations/<uuid:code>/settings")
@access(member(Role.MANAGER))
def update(code: Any) -> Response | tuple[str, int] | str:
    """Take new settings."""
    installation = find(Installation, code, role=Role.MANAGER)
    listing, manifest = _listing_of(installation), Manifest.model_validate(installation.version.manifest)
    values = settings_form.read(manifest, request.form)
    if act := request.form.get("_rows"):
        settings_form.change_rows(values, act)
        return _settings_page(listing, manifest, values, installation=installation)
    clean, problems = manifest.validate_settings(values, language())
    if problems:
        return _settings_page(listing, manifest, values, problems, installation=installation), 422
    installation.configure(db.session(), clean, _me())
    db.session.commit()
    flash(t("installations.settings.saved"), "good")
    return redirect(url_for("installations.show", code=code), 303)


@bp.post("/installations/<uuid:code>/pauses")
@access(member(Role.MANAGER))
def pause(code: Any) -> Response:
    """Stop answering, keep everything."""
    installation = find(Installation, code, role=Role.MANAGER)
    installation.pause(db.session(), _me())
    return _done(installation, "paused")


@bp.post("/installations/<uuid:code>/resumptions")
@access(member(Role.MANAGER))
def resume(code: Any) -> Response:
    """Answer again."""
    installation = find(Installation, code, role=Role.MANAGER)
    installation.resume(db.session(), _me())
    return _done(installation, "resumed")


@bp.post("/installations/<uuid:code>/uninstallation")
@access(member(Role.MANAGER))
def destroy(code: Any) -> Response:
    """Take the bot off the number."""
    installation = find(Installation, code, role=Role.MANAGER)
    installation.uninstall(db.session(), _me())
    return _done(installation, "uninstalled")


def _done(installation: Installation, what: str) -> Response:
    db.session.commit()
    flash(t(f"installations.did.{what}", bot=_bot_name(installation.version)), "good")
    return redirect(url_for("installations.show", code=installation.code), 303)


def _given(version: Version) -> agreement.Agreement | None:
    return agreement.opened(
        config.current().secret_key, request.values.get("note", ""), user=_me().code, version=version.code
    )


def _ask_again(slug: str) -> Response:
    flash(t("installations.settings.expired"), "warn")
    return redirect(url_for("installations.new", slug=slug), 303)


def _consent_page(slug: str, errors: dict[str, str], chosen: str | None) -> str:
    listing, version, manifest = offer(db.session(), slug)
    options = choice.options(db.session(), _me(), listing.bot)
    usable = [one for one in options if not one.is_same]
    if chosen not in {str(one.number.code) for one in usable}:
        chosen = str(usable[0].number.code) if usable else None
    return render_template(
        "installations/new.html",
        listing=listing,
        version=version,
        manifest=manifest,
        item=card_of(listing),
        options=options,
        usable=usable,
        holders={one.number.code: _bot_name(one.holder.version) for one in options if one.holder},
        businesses=choice.businesses(db.session(), _me()),
        chosen=chosen,
        errors=errors,
    )


def _settings_page(
    listing: Listing,
    manifest: Manifest,
    values: dict[str, Any],
    problems: dict[str, Any] | None = None,
    *,
    note: str | None = None,
    installation: Installation | None = None,
) -> str:
    return render_template(
        "installations/settings.html",
        listing=listing,
        bot=manifest.name.text(language()),
        sections=settings_form.sections(manifest, values, language(), problems),
        summary=settings_form.summary(manifest, problems or {}, language()),
        note=note,
        installation=installation,
    )


def _listing_of(installation: Installation) -> Listing:
    return db.session.scalars(select(Listing).where(Listing.bot_id == installation.bot_id)).one()


def _bot_name(version: Version) -> str:
    name: str = version.manifest["name"][language()]
    return name


def _names(rows: Any) -> dict[int, str]:
    return {row.id: _bot_name(row.version) for row in rows}


def _actors(events: Any) -> list[int]:
    return [event.actor_id for event in events if event.actor_id is not None]
