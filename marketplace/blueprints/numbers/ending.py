"""Looking after a number and letting it go."""

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from catalog.models import Number, Role
from catalog.web import filters
from catalog.web.access import access, find, member
from catalog.web.db import db
from catalog.web.language import t
from catalog.web.limits import limiter
from marketplace import config, jobs
from marketplace.blueprints.numbers import bp, pages, seat
from marketplace.embedded_signup import health, leaving
from marketplace.graph import Graph, GraphError


@bp.post("/numbers/<uuid:code>/check")
@access(member(Role.MANAGER))
@limiter.limit("100/hour")
def check(code: UUID) -> Response:
    """Ask Meta how the number is."""
    number = find(Number, code)
    settings = config.current()
    try:
        health.check(db.session(), number, Graph.of(settings), settings.sealer)
    except GraphError:
        flash(t("numbers.did.check_failed"), "warn")
    else:
        flash(t("numbers.did.checked"), "good")
    return redirect(url_for("numbers.show", code=code), 303)


@bp.post("/numbers/<uuid:code>/pin")
@access(member(Role.OWNER))
@limiter.limit("100/hour")
def show_pin(code: UUID) -> str:
    """The PIN, to an owner only; the look is recorded."""
    number = find(Number, code)
    pin = number.show_pin(db.session(), config.current().sealer, seat.me())
    db.session.flush()
    return pages.page(number, pin=pin)


@bp.post("/numbers/<uuid:code>/disconnection")
@access(member(Role.MANAGER))
def disconnect(code: UUID) -> Response:
    """Answer no more, keep everything."""
    number = find(Number, code)
    number.disconnect(db.session(), "numbers.lost.by_owner", seat.me())
    return _left(number, "disconnected", url_for("numbers.show", code=code))


@bp.post("/numbers/<uuid:code>/release")
@access(member(Role.OWNER))
def release(code: UUID) -> Response:
    """Give the number up."""
    number = find(Number, code)
    number.release(db.session(), seat.me())
    return _left(number, "released", url_for("numbers.show", code=code))


def _left(number: Number, what: str, to: str) -> Response:
    waba_code = str(number.waba.code) if number.waba else None
    shown = filters.phone(number.display_phone_number)
    db.session.commit()
    if waba_code:
        jobs.enqueue(leaving.LEAVE, waba_code, job_id=f"leave-{waba_code}")
    flash(t(f"numbers.did.{what}", number=shown), "good")
    return redirect(to, 303)
