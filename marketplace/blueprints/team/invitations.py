"""Invitations: mailed, withdrawn, taken up."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from catalog.errors import NotFound
from catalog.models import Business, Invitation, Role, User
from catalog.models.notice import post
from catalog.web.access import access, find, member, public, signed_in
from catalog.web.db import db
from catalog.web.language import t
from catalog.web.limits import limiter
from catalog.web.places import place
from catalog.web.signin import current_person
from marketplace import throttle
from marketplace.blueprints.accounts.proofs import keep_to_ourselves
from marketplace.blueprints.team import bp
from marketplace.blueprints.team.businesses import me
from marketplace.blueprints.team.forms import NewMember
from marketplace.blueprints.team.members import team_page
from marketplace.validation import said


@bp.post("/businesses/<uuid:code>/invitations")
@access(member(Role.OWNER))
@limiter.limit(throttle.INVITATIONS_PER_PERSON, key_func=lambda: str(me().code), deduct_when=throttle.was_taken)
def invite(code: UUID) -> Response | tuple[str, int]:
    """Mail an invitation; an earlier one to that address stops working."""
    business = find(Business, code)
    form = NewMember(request.form)
    if form.validate():
        address = said(form.email).lower()
        if any(one.user.email.lower() == address for one in business.team(db.session())):
            form.email.errors = [t("team.error.already_member")]
    if form.errors:
        return team_page(business, form), 422
    send(business, said(form.email), Role(said(form.role)))
    flash(t("team.did.invited", email=said(form.email)), "good")
    return redirect(url_for("team.show", code=code), 303)


def send(business: Business, email: str, role: Role) -> Invitation:
    """The invitation and its mail, in the language the address reads."""
    invitation, token = Invitation.send(db.session(), business, email, role, me())
    known = User.by_email(db.session(), email)
    language = known.language if known else business.language
    post(
        db.session(),
        "invitation",
        email=email,
        language=language,
        business_id=business.id,
        business=business.name,
        inviter=me().name,
        role=role.value,
        token=token,
    )
    return invitation


@bp.post("/invitations/<uuid:code>/revocation")
@access(member(Role.OWNER))
def revoke(code: UUID) -> Response:
    """Withdraw an invitation."""
    invitation = find(Invitation, code)
    if invitation.accepted_at is None and invitation.revoked_at is None:
        invitation.revoke(db.session(), me())
    flash(t("team.did.revoked", email=invitation.email), "good")
    return redirect(url_for("team.show", code=invitation.business.code), 303)


@bp.get("/join/<token>")
@access(public)
def invitation(token: str) -> str | tuple[str, int]:
    """Who invites whom to what, and the way in for everybody who may follow the link."""
    keep_to_ourselves()
    found = Invitation.by_token(db.session(), token)
    if found is None:
        return render_template("team/dead_invitation.html"), 404
    person = current_person()
    is_theirs = person is not None and person.email.lower() == found.email.lower()
    return render_template("team/invitation.html", invitation=found, is_theirs=is_theirs)


@bp.post("/join/<token>")
@access(signed_in)
def accept(token: str) -> Response | tuple[str, int]:
    """Join the team."""
    keep_to_ourselves()
    found = Invitation.by_token(db.session(), token)
    if found is None:
        return render_template("team/dead_invitation.html"), 404
    found.accept(db.session(), me())
    flash(t("team.did.joined", name=found.business.name), "good")
    return redirect(place("home"), 303)


@bp.post("/invitations/<uuid:code>/acceptance")
@access(signed_in)
def take_up(code: UUID) -> Response:
    """Join without the mailed link: who is signed in has proven the address it went to."""
    found = db.session.scalar(select(Invitation).where(Invitation.code == code))
    if found is None or found.email.lower() != me().email.lower() or not found.is_good(db.session()):
        raise NotFound
    found.accept(db.session(), me())
    flash(t("team.did.joined", name=found.business.name), "good")
    return redirect(place("home"), 303)
