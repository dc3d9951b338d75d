"""The people of a business."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from catalog.models import Business, Invitation, Membership, Role
from catalog.web.access import access, find, member, signed_in
from catalog.web.db import db
from catalog.web.language import t
from catalog.web.places import place
from marketplace.blueprints.team import bp, shell
from marketplace.blueprints.team.businesses import me
from marketplace.blueprints.team.forms import NewMember, NewRole, roles
from marketplace.validation import said


@bp.get("/team")
@access(signed_in)
def index() -> Response:
    """The team of the business seen last, else of the first; without a business, the way to one."""
    mine = {str(one.code): one for one in Business.of(db.session(), me())}
    if not mine:
        return redirect(url_for("team.new_business"), 303)
    code = session.get(shell.LAST_SEEN)
    return redirect(url_for("team.show", code=code if code in mine else next(iter(mine))), 303)


@bp.get("/businesses/<uuid:code>/team")
@access(member(Role.VIEWER))
def show(code: UUID) -> str:
    """Everybody on the team, and for owners who is invited."""
    return team_page(find(Business, code), NewMember())


def team_page(business: Business, form: NewMember) -> str:
    """The page of a team."""
    role = business.role_of(db.session(), me())
    may_manage = role is not None and role.covers(Role.OWNER)
    team = business.team(db.session())
    return render_template(
        "team/team.html",
        business=business,
        team=team,
        owners=sum(one.role is Role.OWNER for one in team),
        invitations=Invitation.open_of(db.session(), business) if may_manage else [],
        may_manage=may_manage,
        form=form,
        roles=roles(),
    )


@bp.post("/memberships/<uuid:code>/role")
@access(member(Role.OWNER))
def change_role(code: UUID) -> Response:
    """Give a member another role."""
    found = find(Membership, code)
    form = NewRole(request.form)
    if not form.validate() or found.business is None or found.ended_at is not None:
        abort(422 if found.ended_at is None else 409)
    found.business.change_role(db.session(), found, Role(said(form.role)), me())
    flash(t("team.did.role", name=found.user.name), "good")
    return redirect(url_for("team.show", code=found.business.code), 303)


@bp.post("/memberships/<uuid:code>/removal")
@access(member(Role.OWNER))
def remove(code: UUID) -> Response:
    """End a membership; what the person opens from now on is refused."""
    found = find(Membership, code)
    business = found.business or abort(404)
    if found.ended_at is None:
        business.remove(db.session(), found, me())
    flash(t("team.did.removed", name=found.user.name), "good")
    return redirect(url_for("team.show", code=business.code) if found.user_id != me().id else place("home"), 303)


@bp.post("/businesses/<uuid:code>/departure")
@access(member(Role.VIEWER))
def leave(code: UUID) -> Response:
    """Leave a team. Refused for its last owner."""
    business = find(Business, code)
    mine = next(one for one in business.team(db.session()) if one.user_id == me().id)
    business.remove(db.session(), mine, me())
    flash(t("team.did.left", name=business.name), "good")
    return redirect(place("home"), 303)
