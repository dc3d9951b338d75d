"""Personal tokens: made, shown once, revoked."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from catalog.errors import NotFound
from catalog.models import PersonalToken, User
from catalog.web.access import access, signed_in
from catalog.web.checks import Required, length
from catalog.web.db import db
from catalog.web.forms import BaseForm
from catalog.web.language import lazy, t
from catalog.web.limits import limiter
from catalog.web.signin import current_person
from marketplace import throttle
from marketplace.validation import said

bp = Blueprint("tokens", __name__)
MOST = 20


class NewToken(BaseForm):
    """What the token is for, in the person's words."""

    name = StringField(lazy("tokens.field.name"), [Required(), length(most=60)])


def me() -> User:
    """The signed-in person; the route's rule has made sure there is one."""
    person = current_person()
    assert person is not None
    return person


def page(form: NewToken, shown: str | None = None) -> str:
    """The living tokens, and one that is shown for the only time."""
    rows = PersonalToken.of(db.session(), me())
    return render_template("tokens/index.html", form=form, tokens=rows, shown=shown, is_full=len(rows) >= MOST)


@bp.get("/account/tokens")
@access(signed_in)
def index() -> str:
    """The person's tokens."""
    return page(NewToken())


@bp.post("/account/tokens")
@access(signed_in)
@limiter.limit(throttle.TOKENS_PER_PERSON, key_func=lambda: str(me().code), deduct_when=throttle.was_taken)
def create() -> tuple[str, int]:
    """Make a token. It stands in this answer and nowhere else, so there is no redirect to a page that shows it."""
    form = NewToken(request.form)
    if form.validate() and len(PersonalToken.of(db.session(), me())) >= MOST:
        form.name.errors = [t("tokens.error.full", n=MOST)]
    if form.errors:
        return page(form), 422
    _, secret = PersonalToken.issue(db.session(), me(), said(form.name))
    return page(NewToken(), secret), 201


@bp.post("/account/tokens/<uuid:code>/revocation")
@access(signed_in)
def revoke(code: UUID) -> Response:
    """Revoke a token: it is dead from now on."""
    found = next((one for one in PersonalToken.of(db.session(), me()) if one.code == code), None)
    if found is None:
        raise NotFound
    found.revoke(db.session())
    flash(t("tokens.did.revoked", name=found.name), "good")
    return redirect(url_for("tokens.index"), 303)
