"""Pages for people: the index, the phone, and the mailbox."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from botruntime.emulator import mails
from botruntime.emulator.control import is_foreign
from botruntime.emulator.platform import Platform

pages = Blueprint("pages", __name__)


def platform() -> Platform:
    """The platform of this process."""
    found: Platform = current_app.extensions["platform"]
    return found


@pages.get("/")
def index() -> str:
    """Where everything is."""
    return render_template("emulator/mail_index.html", settings=platform().settings)


@pages.get("/healthz")
@pages.get("/readyz")
def health() -> Response:
    """Up."""
    return Response("ok\n", content_type="text/plain")


@pages.get("/phone")
def phone() -> str:
    """Phones in the browser."""
    return render_template("emulator/phone.html")


@pages.before_request
def guard() -> None:
    """Mails hold sign-in links: no page of another site may read or write them."""
    if is_foreign(request.headers.get("Origin"), request.host):
        abort(403)


@pages.get("/mail")
def mail_list() -> str:
    """The mailbox, newest first."""
    with platform().world.unit():
        found = list(platform().world.mails)[::-1]
    return render_template("emulator/mail.html", mails=found)


@pages.post("/mail")
def mail_create() -> Answer:
    """One raw RFC 5322 message from the product."""
    with platform().world.unit():
        try:
            kept = mails.keep(platform().world, request.get_data(cache=False))
        except ValueError as problem:
            return Response(f"{problem}\n", 400, content_type="text/plain")
    answer = redirect(url_for("pages.mail_show", mail_id=kept.id), code=303)
    answer.status_code = 201
    return answer


@pages.get("/mail/<mail_id>")
def mail_show(mail_id: str) -> str:
    """One mail; its links can be followed."""
    with platform().world.unit():
        found = platform().world.mails.get(mail_id)
    if found is None:
        abort(404)
    text, html = mails.part(found, "plain"), mails.part(found, "html")
    return render_template(
        "emulator/mail_show.html",
        mail=found,
        text=text or mails.strip(html),
        has_html=bool(html),
        pieces=mails.pieces(text or mails.strip(html)),
    )


@pages.get("/mail/<mail_id>/html")
def mail_html(mail_id: str) -> Response:
    """The html part, for a sandboxed frame: no script, nothing loaded, links open outside."""
    with platform().world.unit():
        found = platform().world.mails.get(mail_id)
    if found is None:
        abort(404)
    response = Response(mails.part(found, "html"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    return response
