"""The way in and out."""

from flask import Response as FlaskResponse
from flask import make_response, redirect, render_template, request, session, url_for
from flask_limiter import RequestLimit
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from catalog.models import Ticket, User
from catalog.models.notice import post
from catalog.models.ticket import Purpose
from catalog.models.user import spend_password_time
from catalog.web import signin
from catalog.web.access import access, public
from catalog.web.db import db
from catalog.web.language import language
from catalog.web.limits import limiter
from catalog.web.places import place, safe_next
from catalog.web.signin import current_person
from marketplace import throttle
from marketplace.blueprints.accounts import bp, marks
from marketplace.blueprints.accounts.forms import SignIn, SignUp
from marketplace.validation import said


@bp.get("/sign-up")
@access(public)
def sign_up() -> Response | str:
    """The form for a new account."""
    if current_person():
        return redirect(marks.onward(request.args.get("next")), 303)
    return render_template("accounts/sign_up.html", form=SignUp(request.args))


@bp.post("/sign-up")
@access(public)
@limiter.limit(throttle.SIGN_UPS_PER_NETWORK, key_func=throttle.network, deduct_when=throttle.was_taken)
@limiter.limit(throttle.MAILS_PER_ADDRESS, key_func=throttle.address, deduct_when=throttle.was_taken)
def register() -> Response | tuple[str, int]:
    """Take a new account; whoever has one already gets a mail that says so, and the same answer."""
    form = SignUp(request.form)
    if not form.validate():
        return render_template("accounts/sign_up.html", form=form), 422
    with throttle.evenly():
        try:
            mark = enrol(form, safe_next(form.next.data, ""))
            db.session.commit()
        except IntegrityError:
            # Race: the same address signed up between our look and our insert; that one has the mail.
            db.session.rollback()
            mark = marks.meaningless()
    marks.leave(mark, sent_to=said(form.email))
    return redirect(url_for("accounts.sent"), 303)


def enrol(form: SignUp, onward: str) -> str:
    """Make the account, or tell its owner by mail. Returns the mark of this browser, which looks alike either way."""
    user = User.by_email(db.session(), said(form.email))
    if user is not None and user.email_verified_at is not None:
        spend_password_time(said(form.password))
        post(db.session(), "already_registered", email=user.email, language=user.language, name=user.name)
        return marks.meaningless()
    tongue = language()
    user = user or User(email=said(form.email))
    # Nobody has proven that an unproven account is theirs: the latest to sign up decides its password.
    user.name, user.language = said(form.name), tongue
    user.set_password(said(form.password))
    db.session.add(user)
    send_verification(user, onward)
    return marks.of(user)


def send_verification(user: User, onward: str = "") -> None:
    """Mail a link that proves the address."""
    db.session.flush()
    token = Ticket.issue(db.session(), user, Purpose.VERIFY_EMAIL)
    post(
        db.session(),
        "verify_email",
        email=user.email,
        language=user.language,
        name=user.name,
        token=token,
        next=onward,
    )


@bp.get("/sign-up/sent")
@access(public)
def sent() -> str:
    """Look into your mailbox."""
    return render_template("accounts/sent.html", email=session.get(marks.SENT_TO))


@bp.get("/sign-in")
@access(public)
def sign_in() -> Response | str:
    """The form to sign in."""
    if current_person():
        return redirect(marks.onward(request.args.get("next")), 303)
    return render_template("accounts/sign_in.html", form=SignIn(request.args))


def too_often(limit: RequestLimit) -> FlaskResponse:
    """The form once more, with the wait; nothing typed is lost but the password."""
    form = SignIn(request.form)
    wait = marks.seconds_until(limit.reset_at)
    answer = make_response(render_template("accounts/sign_in.html", form=form, wait=wait), 429)
    answer.headers["Retry-After"] = str(wait)
    return answer


@bp.post("/sign-in")
@access(public)
@limiter.limit(
    throttle.GUESSES_PER_ACCOUNT, key_func=throttle.guesser, deduct_when=throttle.was_wrong, on_breach=too_often
)
@limiter.limit(
    throttle.GUESSES_PER_NETWORK,
    key_func=throttle.guessing_network,
    deduct_when=throttle.was_wrong,
    on_breach=too_often,
)
def enter() -> Response | tuple[str, int]:
    """Sign in. A wrong password, an unknown address and an unproven one sound alike and take equally long."""
    form = SignIn(request.form)
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    user = User.by_email(db.session(), said(form.email))
    if user is None:
        spend_password_time(said(form.password))
    elif user.has_password(said(form.password)) and user.email_verified_at is not None:
        return welcome(user, form.next.data)
    return render_template("accounts/sign_in.html", form=form, refused=True), 422


def welcome(user: User, onward: str | None) -> Response:
    """Begin a login and go where the person wanted to go."""
    target = marks.onward(onward)
    signin.sign_out()
    signin.sign_in(user)
    answer = redirect(target, 303)
    throttle.remember_browser(answer, user.email)
    return answer


@bp.post("/sign-out")
@access(public)
def sign_out() -> Response:
    """End this browser's login; a copy of its cookie is worth nothing from now on."""
    signin.sign_out()
    return redirect(safe_next(request.form.get("next"), place("front")), 303)
