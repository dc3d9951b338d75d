"""The timeline of a connection: where it is, and the owner's answers."""

import re
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog.models import Connection, ConnectionState, ConnectionStep, Role, StepName, StepState
from catalog.web import filters
from catalog.web.access import access, find, member
from catalog.web.db import db
from catalog.web.language import language, t
from marketplace import config
from marketplace.blueprints.numbers import bp, seat
from marketplace.embedded_signup import machine

PIN = re.compile(r"[0-9]{6}", re.ASCII)
ENDED = (ConnectionState.CANCELLED, ConnectionState.EXPIRED)


@bp.get("/connections/<uuid:code>", endpoint="timeline")
@access(member(Role.VIEWER))
def show(code: UUID) -> str:
    """Every step with its state, and the way on."""
    return _page(find(Connection, code))


@bp.get("/connections/<uuid:code>/progress")
@access(member(Role.VIEWER))
def progress(code: UUID) -> Response:
    """For the page's script: a mark that changes with what the page shows, and whether to go on asking."""
    connection = find(Connection, code)
    return jsonify(mark=_mark(connection), is_settled=_is_settled(connection))


@bp.post("/connections/<uuid:code>/retries")
@access(member(Role.MANAGER))
def retry(code: UUID) -> Response:
    """Go on from where it failed."""
    connection = find(Connection, code)
    connection.retry(db.session(), seat.me())
    return _go_on(connection)


@bp.post("/connections/<uuid:code>/pin")
@access(member(Role.MANAGER))
def enter_pin(code: UUID) -> Response | tuple[str, int]:
    """Take the PIN that the number already has."""
    connection = find(Connection, code)
    pin = re.sub(r"[\s-]", "", request.form.get("pin", ""))
    if not PIN.fullmatch(pin):
        return _page(connection, wrong=t("numbers.timeline.pin_invalid")), 422
    connection.enter_pin(db.session(), config.current().sealer, pin, seat.me())
    return _go_on(connection)


@bp.post("/connections/<uuid:code>/number")
@access(member(Role.MANAGER))
def choose(code: UUID) -> Response | tuple[str, int]:
    """Take the number the owner means."""
    connection = find(Connection, code)
    chosen = request.form.get("number", "")
    if not chosen:
        return _page(connection, wrong=t("numbers.timeline.choose_needed")), 422
    connection.choose(db.session(), chosen, seat.me())
    return _go_on(connection)


@bp.post("/connections/<uuid:code>/abandonment")
@access(member(Role.MANAGER))
def abandon(code: UUID) -> Response:
    """Give the attempt up."""
    connection = find(Connection, code)
    connection.abandon(db.session(), seat.me())
    db.session.commit()
    flash(t("numbers.did.abandoned"), "info")
    return redirect(url_for("numbers.timeline", code=code), 303)


def _go_on(connection: Connection) -> Response:
    db.session.commit()
    machine.ring(connection)
    return redirect(url_for("numbers.timeline", code=connection.code), 303)


def _page(connection: Connection, wrong: str | None = None) -> str:
    filters.use_zone(connection.business.zone)
    step = connection.step
    listing = connection.listing
    return render_template(
        "numbers/timeline.html",
        connection=connection,
        state=connection.state.value,
        asked=step.name.value if step and connection.state is ConnectionState.ASKING else None,
        error=t(connection.error, **connection.error_params) if connection.error else None,
        steps=[_shown(one, connection) for one in connection.steps] if _has_begun(connection) else [],
        bot=listing.name[language()] if listing and listing.is_public else None,
        mark=_mark(connection),
        is_settled=_is_settled(connection),
        may_manage=seat.may(connection.business, Role.MANAGER),
        wrong=wrong,
    )


def _shown(step: ConnectionStep, connection: Connection) -> dict[str, str | None]:
    """A step as ``ui.timeline`` wants it."""
    name, state = step.name.value, step.state
    detail = t(f"numbers.step.{name}_about")
    if state is StepState.SKIPPED and step.name is StepName.REGISTER:
        detail = t("numbers.step.register_skipped")
    # What only the owner can answer is asked above the timeline; here the step just waits.
    is_asked = step is connection.step and connection.state is ConnectionState.ASKING
    error = t(step.error, **step.error_params) if step.error and not is_asked else None
    is_next = step is connection.step and connection.state is ConnectionState.WORKING and not error
    if error and state is StepState.WAITING and connection.next_try_at is not None:
        again = t("numbers.timeline.next_try", at=filters.clock_time(connection.next_try_at))
        detail, error = f"{error} {again}", None
    return {
        "title": t(f"numbers.step.{name}"),
        # Between two steps nobody runs for a moment; to the owner the next one has begun.
        "state": StepState.RUNNING.value if is_next else StepState.WAITING.value if is_asked else state.value,
        "at": filters.clock_time(step.finished_at) if step.finished_at else None,
        "detail": detail,
        "error": error,
        "retry": None,
    }


def _has_begun(connection: Connection) -> bool:
    return connection.steps[0].state is not StepState.WAITING or connection.state is ConnectionState.STARTED


def _is_settled(connection: Connection) -> bool:
    return connection.state not in (ConnectionState.STARTED, ConnectionState.WORKING)


def _mark(connection: Connection) -> str:
    steps = ".".join(f"{step.state.value}{step.tries}" for step in connection.steps)
    return f"{connection.state.value}.{steps}.{connection.error or ''}"
