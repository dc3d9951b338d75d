"""What a person sees and changes of their own account."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from catalog.errors import NotFound, Refused
from catalog.models import Business, Login, Role, User
from catalog.models.notice import post
from catalog.web import signin
from catalog.web.access import access, signed_in
from catalog.web.db import db
from catalog.web.language import remember, t
from catalog.web.limits import limiter
from catalog.web.places import place
from catalog.web.signin import current_login
from marketplace import throttle
from marketplace.blueprints.accounts import bp
from marketplace.blueprints.accounts.forms import ChangedPassword, Password, Profile
from marketplace.blueprints.accounts.proofs import change_password
from marketplace.validation import said


def here() -> tuple[Login, User]:
    """This browser's login and its person; the route's rule has made sure of both."""
    login = current_login()
    if login is None:
        raise NotFound
    return login, login.user


def person() -> str:
    """The signed-in person, as the key of a limit."""
    return str(here()[1].code)


@bp.get("/account")
@access(signed_in)
def show() -> str:
    """Name and language."""
    return render_template("accounts/profile.html", form=Profile(obj=here()[1]))


@bp.post("/account")
@access(signed_in)
def update() -> Response | tuple[str, int]:
    """Take a new name or language; the pages follow the language at once."""
    form = Profile(request.form)
    if not form.validate():
        return render_template("accounts/profile.html", form=form), 422
    user = here()[1]
    user.name, user.language = said(form.name), said(form.language)
    answer = make_response(redirect(url_for("accounts.show"), 303))
    remember(answer, "language", user.language)
    flash(t("accounts.did.saved"), "good")
    return answer


@bp.get("/account/password")
@access(signed_in)
def password() -> str:
    """The form for another password."""
    return render_template("accounts/password.html", form=ChangedPassword(user=here()[1]))


@bp.post("/account/password")
@access(signed_in)
@limiter.limit(throttle.GUESSES_PER_ACCOUNT, key_func=person, deduct_when=throttle.was_wrong)
def update_password() -> Response | tuple[str, int]:
    """Change the password; every other browser is signed out."""
    login, user = here()
    form = ChangedPassword(request.form, user=user)
    is_well = form.validate()
    if not form.current.errors and not user.has_password(said(form.current)):
        form.current.errors = [t("accounts.error.wrong_password")]
        is_well = False
    if not is_well:
        return render_template("accounts/password.html", form=form), 422
    change_password(user, said(form.password), but=login)
    flash(t("accounts.did.password"), "good")
    return redirect(url_for("accounts.logins"), 303)


@bp.get("/account/logins")
@access(signed_in)
def logins() -> str:
    """Where the person is signed in."""
    login, user = here()
    return render_template("accounts/logins.html", logins=Login.of(db.session(), user), this=login)


@bp.post("/account/logins/<uuid:code>/ending")
@access(signed_in)
def end_login(code: UUID) -> Response:
    """Sign out another browser, or this one."""
    login, user = here()
    found = next((one for one in Login.of(db.session(), user) if one.code == code), None)
    if found is None:
        raise NotFound
    if found.id == login.id:
        signin.sign_out()
        return redirect(place("front"), 303)
    found.end(db.session())
    flash(t("accounts.did.signed_out"), "good")
    return redirect(url_for("accounts.logins"), 303)


@bp.post("/account/logins/endings")
@access(signed_in)
def end_logins() -> Response:
    """Sign out everywhere but here."""
    login, user = here()
    Login.end_all(db.session(), user, but=login)
    flash(t("accounts.did.signed_out_everywhere"), "good")
    return redirect(url_for("accounts.logins"), 303)


@bp.get("/account/closing")
@access(signed_in)
def closing() -> str:
    """What closing the account destroys, and whether it may be closed."""
    return closing_page(Password())


def closing_page(form: Password) -> str:
    """The page with the businesses that have no other owner."""
    user = here()[1]
    alone = [place for place in Business.of(db.session(), user) if is_alone(place, user)]
    return render_template("accounts/closing.html", form=form, alone=alone)


def is_alone(business: Business, user: User) -> bool:
    """Whether ``user`` is the only owner of ``business``."""
    return [one.user_id for one in business.team(db.session()) if one.role is Role.OWNER] == [user.id]


@bp.post("/account/closing")
@access(signed_in)
@limiter.limit(throttle.GUESSES_PER_ACCOUNT, key_func=person, deduct_when=throttle.was_wrong)
def close() -> Response | tuple[str, int]:
    """Close the account for good."""
    user = here()[1]
    form = Password(request.form)
    if not form.is_right(user):
        return closing_page(form), 422
    email, language = user.email, user.language
    try:
        user.close(db.session())
    except Refused:
        db.session.rollback()
        return closing_page(Password()), 409
    post(db.session(), "account_closed", email=email, language=language)
    signin.sign_out()
    flash(t("accounts.did.closed"), "good")
    return redirect(place("front"), 303)
