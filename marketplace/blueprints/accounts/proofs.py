"""Links from mails: proving an address, and a new password for one who forgot it."""

from flask import Response as FlaskResponse
from flask import after_this_request, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from catalog.models import Login, Ticket, User
from catalog.models.notice import post
from catalog.models.ticket import Purpose
from catalog.web.access import access, public
from catalog.web.db import db
from catalog.web.language import language
from catalog.web.limits import limiter
from marketplace import throttle
from marketplace.blueprints.accounts import bp, marks
from marketplace.blueprints.accounts.entry import send_verification, welcome
from marketplace.blueprints.accounts.forms import Address, NewPassword, Password
from marketplace.validation import said


def keep_to_ourselves() -> None:
    """The address of this page is a secret: no cache keeps it and no other site hears of it."""

    @after_this_request
    def _(response: FlaskResponse) -> FlaskResponse:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response


def dead_link(again: str) -> tuple[str, int]:
    """The link does not work any more; ``again`` is the page where a fresh one is to be had."""
    return render_template("accounts/dead_link.html", again=again), 404


@bp.get("/verify/<token>")
@access(public)
def verification(token: str) -> str | tuple[str, int]:
    """Ask for the one press that proves the address: programs that open links in mails press nothing."""
    keep_to_ourselves()
    ticket = Ticket.find(db.session(), token, Purpose.VERIFY_EMAIL)
    if ticket is None:
        return dead_link(url_for("accounts.verification_wish"))
    return verify_page(ticket, Password(), 200)[0]


def verify_page(ticket: Ticket, form: Password, status: int) -> tuple[str, int]:
    """The page of a good link. Only the browser that signed up is spared the password."""
    onward = request.values.get("next")
    page = render_template(
        "accounts/verify.html", user=ticket.user, form=form, is_known=marks.fits(ticket.user), next=onward
    )
    return page, status


@bp.post("/verify/<token>")
@access(public)
@limiter.limit(
    throttle.GUESSES_PER_ACCOUNT, key_func=lambda: throttle.digest(request.path), deduct_when=throttle.was_wrong
)
def verify(token: str) -> Response | tuple[str, int]:
    """Prove the address and sign in.

    Whoever reads the mail but does not know the password may be the victim of a stranger's sign-up: proving the
    address must not open the account with the stranger's password.
    """
    keep_to_ourselves()
    ticket = Ticket.find(db.session(), token, Purpose.VERIFY_EMAIL)
    if ticket is None:
        return dead_link(url_for("accounts.verification_wish"))
    form = Password(request.form)
    if not marks.fits(ticket.user) and not form.is_right(ticket.user):
        return verify_page(ticket, form, 422)
    if not ticket.use(db.session()):
        return dead_link(url_for("accounts.verification_wish"))
    ticket.user.verify_email(db.session())
    return welcome(ticket.user, request.form.get("next"))


@bp.get("/verification")
@access(public)
def verification_wish() -> str:
    """The form for one more link."""
    return render_template("accounts/verification.html", form=Address(request.args))


@bp.post("/verification")
@access(public)
@limiter.limit(throttle.MAILS_PER_NETWORK, key_func=throttle.network, deduct_when=throttle.was_taken)
@limiter.limit(throttle.MAILS_PER_ADDRESS, key_func=throttle.address, deduct_when=throttle.was_taken)
def send_again() -> Response | tuple[str, int]:
    """Mail the link again where it is still wanted; the answer is the same for every address."""
    form = Address(request.form)
    if not form.validate():
        return render_template("accounts/verification.html", form=form), 422
    with throttle.evenly():
        user = User.by_email(db.session(), said(form.email))
        if user is not None and user.email_verified_at is None:
            send_verification(user)
        elif user is not None:
            post(db.session(), "already_registered", email=user.email, language=user.language, name=user.name)
        db.session.commit()
    session[marks.SENT_TO] = form.email.data
    return redirect(url_for("accounts.sent"), 303)


@bp.get("/password/reset")
@access(public)
def reset_wish() -> str:
    """The form of one who forgot the password."""
    return render_template("accounts/reset.html", form=Address(request.args), sent=False)


@bp.post("/password/reset")
@access(public)
@limiter.limit(throttle.MAILS_PER_NETWORK, key_func=throttle.network, deduct_when=throttle.was_taken)
@limiter.limit(throttle.MAILS_PER_ADDRESS, key_func=throttle.address, deduct_when=throttle.was_taken)
def send_reset() -> Response | tuple[str, int]:
    """Mail a link to a new password; an address without an account is told so, by mail alone."""
    form = Address(request.form)
    if not form.validate():
        return render_template("accounts/reset.html", form=form), 422
    with throttle.evenly():
        user = User.by_email(db.session(), said(form.email))
        if user is None:
            post(db.session(), "reset_unknown", email=said(form.email), language=language())
        else:
            token = Ticket.issue(db.session(), user, Purpose.RESET_PASSWORD)
            post(db.session(), "reset_password", email=user.email, language=user.language, name=user.name, token=token)
        db.session.commit()
    session[marks.SENT_TO] = form.email.data
    return redirect(url_for("accounts.reset_sent"), 303)


@bp.get("/password/reset/sent")
@access(public)
def reset_sent() -> str:
    """Look into your mailbox."""
    return render_template("accounts/reset_sent.html", email=session.get(marks.SENT_TO))


@bp.get("/password/reset/<token>")
@access(public)
def new_password(token: str) -> str | tuple[str, int]:
    """The form for the new password."""
    keep_to_ourselves()
    ticket = Ticket.find(db.session(), token, Purpose.RESET_PASSWORD)
    if ticket is None:
        return dead_link(url_for("accounts.reset_wish"))
    return render_template("accounts/new_password.html", form=NewPassword(user=ticket.user), user=ticket.user)


@bp.post("/password/reset/<token>")
@access(public)
def reset(token: str) -> Response | tuple[str, int]:
    """Take the new password: the link is used up, every login ends, and the mailbox has proven the address."""
    keep_to_ourselves()
    ticket = Ticket.find(db.session(), token, Purpose.RESET_PASSWORD)
    if ticket is None:
        return dead_link(url_for("accounts.reset_wish"))
    form = NewPassword(request.form, user=ticket.user)
    if not form.validate():
        return render_template("accounts/new_password.html", form=form, user=ticket.user), 422
    if not ticket.use(db.session()):
        return dead_link(url_for("accounts.reset_wish"))
    change_password(ticket.user, said(form.password), but=None)
    ticket.user.verify_email(db.session())
    return welcome(ticket.user, None)


def change_password(user: User, password: str, but: Login | None) -> None:
    """Set the password, end every other login, and tell the owner of the mailbox."""
    user.set_password(password)
    Login.end_all(db.session(), user, but)
    post(db.session(), "password_changed", email=user.email, language=user.language, name=user.name)
