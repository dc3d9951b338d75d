"""A business: founded, described."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog.models import Business, Role, User
from catalog.web.access import access, find, member, signed_in
from catalog.web.db import db
from catalog.web.language import t
from catalog.web.places import place, safe_next
from catalog.web.signin import current_person
from marketplace.blueprints.team import bp
from marketplace.blueprints.team.forms import Description, NewBusiness
from marketplace.validation import said


def me() -> User:
    """The signed-in person; the route's rule has made sure there is one."""
    person = current_person()
    assert person is not None
    return person


@bp.get("/businesses/new")
@access(signed_in)
def new_business() -> str:
    """The form for another business."""
    return render_template("team/new_business.html", form=NewBusiness(), next=request.args.get("next"))


@bp.post("/businesses")
@access(signed_in)
def found() -> Response | tuple[str, int]:
    """Open a business and go on: home, or back to what needed one."""
    form = NewBusiness(request.form)
    if not form.validate():
        return render_template("team/new_business.html", form=form, next=request.form.get("next")), 422
    business = Business.found(db.session(), me(), name=said(form.name), zone=said(form.zone))
    flash(t("team.did.founded", name=business.name), "good")
    return redirect(safe_next(request.form.get("next"), place("home")), 303)


@bp.get("/businesses/<uuid:code>")
@access(member(Role.MANAGER))
def edit_business(code: UUID) -> str:
    """What the business says of itself."""
    business = find(Business, code)
    return description_page(business, Description(obj=business))


def description_page(business: Business, form: Description) -> str:
    """The form."""
    return render_template("team/business.html", business=business, form=form)


@bp.post("/businesses/<uuid:code>")
@access(member(Role.MANAGER))
def describe(code: UUID) -> Response | tuple[str, int]:
    """Take another description."""
    business = find(Business, code)
    form = Description(request.form)
    if not form.validate():
        return description_page(business, form), 422
    facts: dict[str, Any] = {field.name: said(field) for field in form}
    business.describe(db.session(), me(), **facts)
    flash(t("team.did.described"), "good")
    return redirect(url_for("team.edit_business", code=code), 303)
