"""Connecting a number: the page, the popup's report, and the way by redirect."""

from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog.errors import Refused
from catalog.models import Business, Connection, Listing, Role, Variant, oauth_state
from catalog.web import headers
from catalog.web.access import access, find, member, signed_in
from catalog.web.db import db
from catalog.web.language import language, t
from catalog.web.limits import limiter
from catalog.web.reply import wants_json
from marketplace import config
from marketplace.blueprints.numbers import bp, seat
from marketplace.embedded_signup import exchange, messages, options
from marketplace.embedded_signup import redirect as redirecting
from marketplace.embedded_signup.messages import Finished, Left
from marketplace.graph import Graph

# What the page says while it waits, by the name its script asks for.
WORDS = ("blocked", "no_sdk", "waiting", "sending", "offline")


@bp.get("/businesses/<uuid:code>/numbers/new")
@access(member(Role.MANAGER))
def new(code: UUID) -> str:
    """What Meta will ask, and the two ways to begin."""
    business = find(Business, code)
    settings = config.current()
    headers.allow(**options.content_sources(settings))
    return render_template(
        "numbers/new.html",
        business=business,
        listing=_listing(request.args.get("listing")),
        popup=options.popup(settings, business, seat.me(), language()),
        words={name: t(f"numbers.popup.{name}") for name in WORDS},
    )


@bp.post("/businesses/<uuid:code>/connections")
@access(member(Role.MANAGER))
@limiter.limit("60/hour")
def start(code: UUID) -> Response:
    """Begin an attempt: JSON from the popup's script gets its addresses, a form is sent on to Meta."""
    business = find(Business, code)
    is_popup = wants_json()
    given = (request.get_json(silent=True) or {}) if is_popup else request.form
    connection = Connection.start(
        db.session(),
        business=business,
        by=seat.me(),
        login=seat.login(),
        variant=Variant.POPUP if is_popup else Variant.REDIRECT,
        listing=_listing(given.get("listing")),
        is_coexistence=given.get("how") == "app",
    )
    if is_popup:
        return jsonify(
            report=url_for("numbers.report", code=connection.code),
            page=url_for("numbers.timeline", code=connection.code),
        )
    return redirect(redirecting.dialog_url(db.session(), connection, config.current(), language()), 303)


@bp.post("/connections/<uuid:code>/report")
@access(member(Role.MANAGER))
def report(code: UUID) -> Response:
    """What came of the popup. Answers where to go on; a second report changes nothing."""
    connection = find(Connection, code)
    if connection.login_id != seat.login().id:
        raise Refused("numbers.errors.login_foreign")
    _take(connection, messages.read(request.get_json(silent=True)))
    return jsonify(page=url_for("numbers.timeline", code=code))


@bp.get(redirecting.CALLBACK)
@access(signed_in)
def callback() -> Response:
    """Back from Meta's page, with a code or with an error. Only the state says whose it is."""
    connection = oauth_state.redeem(db.session(), request.args.get("state", ""), seat.login())
    # The person may have lost the role meanwhile.
    find(Connection, connection.code, role=Role.MANAGER)
    code = request.args.get("code", "")
    if code:
        _take(connection, Finished(code[:2048]), redirecting.callback_url(config.current()))
    else:
        asked = (request.args.get(name, "") for name in ("error", "error_reason", "error_description"))
        _take(connection, redirecting.left(*asked))
    return redirect(url_for("numbers.timeline", code=connection.code), 303)


def _take(connection: Connection, outcome: Finished | Left, redirect_uri: str | None = None) -> None:
    if isinstance(outcome, Left):
        connection.cancel(db.session(), outcome.key, **outcome.params)
        return
    settings = config.current()
    exchange.complete(db.session(), connection, outcome, Graph.of(settings), settings.sealer, redirect_uri)


def _listing(slug: object) -> Listing | None:
    return Listing.public(db.session(), slug) if isinstance(slug, str) and slug else None
