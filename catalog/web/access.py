"""Who may come in: every route names its rule, and one function fetches and refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from flask import Flask, Response, abort, current_app, g, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from catalog.errors import Forbidden, NotFound
from catalog.models.membership import Role
from catalog.models.personal_token import PersonalToken
from catalog.models.user import User
from catalog.web import places
from catalog.web.db import db
from catalog.web.reply import wants_json
from catalog.web.signin import current_person

logger = structlog.get_logger(__name__)

Row = TypeVar("Row", bound=Any)
View = TypeVar("View", bound=Callable[..., Any])


class Gate(StrEnum):
    """Kinds of rules."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    MEMBER = "member"
    STAFF = "staff"
    TOKEN = "token"  # noqa: S105 - the name of a rule
    SIGNATURE = "signature"


@dataclass(frozen=True)
class Rule:
    """A route's rule, kept on its view as ``access_rule``. ``role`` is the weakest role that suffices."""

    gate: Gate
    role: Role | None = None


class Place(Protocol):
    """Where people have roles: a business, a developer partner, a BSP."""

    def role_of(self, session: Session, user: User) -> Role | None:
        """The user's role here; None for a stranger."""


public = Rule(Gate.PUBLIC)
signed_in = Rule(Gate.SIGNED_IN)
staff = Rule(Gate.STAFF)
# The caller proves itself inside the view: webhooks by signature, links in mails by their token.
signature = Rule(Gate.SIGNATURE)


def member(role: Role = Role.VIEWER) -> Rule:
    """For members with at least ``role`` where the found row belongs; the view must call ``find``."""
    return Rule(Gate.MEMBER, role)


def token(role: Role | None = None) -> Rule:
    """For API calls with a personal token; with ``role`` the view must call ``find``."""
    return Rule(Gate.TOKEN, role)


def access(rule: Rule) -> Callable[[View], View]:
    """Mark a view with its rule. A route without one is refused, and fails the authorisation matrix."""

    def mark(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def init(app: Flask) -> None:
    """Check every request against its route's rule."""
    app.before_request(enforce)
    app.after_request(insist_on_find)


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule of an endpoint."""
    rule: Rule | None = getattr(app.view_functions[endpoint], "access_rule", None)
    return rule


def enforce() -> AnyResponse | None:
    """Refuse whoever may not come in at all; what belongs to whom is ``find``'s to say."""
    if request.endpoint is None:
        return None
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        logger.error("route without access rule", endpoint=request.endpoint)
        abort(500)
    g.access_rule = rule
    if rule.gate is Gate.TOKEN:
        check_token()
        return None
    if rule.gate in (Gate.PUBLIC, Gate.SIGNATURE):
        return None
    person = current_person()
    if person is None:
        return ask_to_sign_in()
    if rule.gate is Gate.STAFF and not person.is_staff:
        # The back office does not exist for others.
        raise NotFound
    return None


def check_token() -> None:
    """Find the person behind ``Authorization: Bearer …``; 401 without one."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    row = PersonalToken.by_token(db.session(), secret.strip()) if scheme.lower() == "bearer" and secret else None
    if row is None:
        abort(401)
    g.token_user = row.user


def ask_to_sign_in() -> AnyResponse:
    """To the sign-in page and back again; programs and forms get a plain 401."""
    if request.method in ("GET", "HEAD") and not wants_json():
        return redirect(places.sign_in_url(), 303)
    raise Unauthorized


def find(model: type[Row], code: UUID | str, *, role: Role | None = None) -> Row:
    """The row with public ``code``, if the asker may see it with ``role`` (the route's role where not given).

    A missing row and a stranger's both raise ``NotFound``; a member whose role is too weak gets ``Forbidden``.
    """
    g.has_found = True
    rule: Rule | None = g.get("access_rule")
    needed = role or (rule.role if rule else None) or Role.VIEWER
    person = current_person()
    row = db.session.scalar(select(model).where(model.code == as_uuid(code)))
    place = place_of(row) if row is not None else None
    held = place.role_of(db.session(), person) if place is not None and person is not None else None
    if row is None or held is None:
        if row is not None:
            logger.warning("foreign row refused", model=model.__tablename__, actor=actor())
        raise NotFound
    if not held.covers(needed):
        raise Forbidden
    return row  # type: ignore[no-any-return]


def place_of(row: Any) -> Place | None:
    """The business, partner or BSP a row belongs to: itself, or its nearest relation of that kind."""
    if hasattr(row, "role_of"):
        return row  # type: ignore[no-any-return]
    for name in ("business", "partner", "bsp"):
        if (place := getattr(row, name, None)) is not None:
            return place  # type: ignore[no-any-return]
    for name in ("number", "installation", "bot"):
        if (owner := getattr(row, name, None)) is not None:
            return place_of(owner)
    return None


def as_uuid(code: UUID | str) -> UUID:
    """``code`` as a uuid; anything else is a thing that does not exist."""
    if isinstance(code, UUID):
        return code
    try:
        return UUID(code)
    except ValueError:
        raise NotFound from None


def actor() -> str | None:
    """The asker's code for the log."""
    person = current_person()
    return str(person.code) if person else None


def insist_on_find(response: Response) -> Response:
    """A route for members that answered without ``find`` checked nobody: refuse to send what it made."""
    rule: Rule | None = g.get("access_rule")
    checked = g.get("has_found", False)
    if rule and rule.gate is Gate.MEMBER and response.status_code < 300 and not checked:
        logger.error("route for members checked nobody", endpoint=request.endpoint)
        abort(500)
    return response
