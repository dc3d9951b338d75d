"""``/vXX.0/dialog/oauth`` and the pages of the walk: plain forms, a popup or a redirect (Meta: Embedded Signup)."""

import json
import secrets

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from botruntime.emulator import registration
from botruntime.emulator.control import is_foreign
from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Json, Signup
from botruntime.emulator.settings import Settings, origin_of
from botruntime.emulator.signup import cancelled
from botruntime.emulator.walk import BACK, CURRENT_STEP, PLACE, Walk
from catalog import texts

dialog = Blueprint("dialog", __name__)
ASKED = (
    "client_id",
    "config_id",
    "redirect_uri",
    "response_type",
    "state",
    "display",
    "cb",
    "channel_origin",
    "locale",
)


def platform() -> Platform:
    """The platform of this process."""
    found: Platform = current_app.extensions["platform"]
    return found


@dialog.get('/<regex("[a-z]{2}_[A-Z]{2}"):locale>/sdk.js')
def sdk(locale: str) -> Response:
    """The JavaScript SDK; any site may load it, only the store's may use it."""
    del locale  # the script reads it from its own address
    response = send_from_directory(str(current_app.static_folder), "emulator/sdk.js")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Content-Type"] = "application/javascript; charset=utf-8"
    return response


@dialog.route('/<regex("v\\d+\\.\\d+"):version>/dialog/oauth', methods=["GET", "POST"])
def begin(version: str) -> Answer | tuple[str, int]:
    """Open the dialog; what is wrong with the request is said on a page, never sent back to an unknown address."""
    del version
    ask: Json = {key: request.values[key] for key in ASKED if key in request.values}
    try:
        ask["extras"] = json.loads(request.values.get("extras") or "{}")
    except (ValueError, RecursionError):
        ask["extras"] = None
    problem = fault_in(ask, platform().settings)
    if problem:
        return render_template("emulator/dialog_error.html", problem=problem, ask=ask), 400
    world = platform().world
    with world.unit():
        record = Signup(secrets.token_urlsafe(18), world.now(), ask)
        world.signups.put(record)
    return redirect(url_for("dialog.show", signup_id=record.id), code=303)


def fault_in(ask: Json, settings: Settings) -> str | None:
    """The key under ``emulator.fault`` of what is wrong with the parameters, or None."""
    if ask.get("client_id") != settings.app_id:
        return "app"
    if ask.get("config_id") != settings.config_id:
        return "config"
    if ask.get("response_type") != "code" or not isinstance(ask["extras"], dict):
        return "parameters"
    if ask.get("display") == "popup":
        return None if origin_of(ask.get("channel_origin", "")) in settings.store_origins else "domain"
    return None if origin_of(ask.get("redirect_uri", "")) in settings.store_origins else "redirect"


def walk_of(signup_id: str) -> Walk:
    """The walk under way, in the language it speaks; 404 for a stranger's id."""
    record = platform().world.signups.get(signup_id)
    if record is None:
        abort(404)
    if not request.values.get("locale"):
        wished = str(record.ask.get("locale", ""))[:2].lower()
        g.language = wished if wished in texts.LANGUAGES else g.language
    else:
        record.ask["locale"] = request.values["locale"]
        platform().world.signups.put(record)
    return Walk(platform(), record)


@dialog.get("/dialog/<signup_id>")
def show(signup_id: str) -> Answer | str:
    """The page of the current step."""
    with platform().world.unit():
        walk = walk_of(signup_id)
        step = walk.record.step
        if step == "done" and not walk.is_popup:
            return redirect(walk.redirect_target(), code=303)
        return render_template(
            f"emulator/dialog_{step}.html",
            walk=walk,
            step=step,
            place=PLACE.get(step, 7),
            places=PLACE["finish"],
            draft=walk.record.draft,
            mistake=walk.record.draft.get("mistake"),
            can_leave=step in CURRENT_STEP,
            can_go_back=step in BACK,
            show_number=registration.display,
            handover=handover(walk),
            settings=walk.platform.settings,
        )


@dialog.post("/dialog/<signup_id>")
def submit(signup_id: str) -> Answer:
    """Take a form and show what follows."""
    if is_foreign(request.headers.get("Origin"), request.host):
        abort(403)
    with platform().world.unit():
        walk = walk_of(signup_id)
        walk.submit(request.form)
    return redirect(url_for("dialog.show", signup_id=signup_id), code=303)


@dialog.post("/dialog/<signup_id>/release")
def release(signup_id: str) -> tuple[str, int]:
    """The final page was closed: success, the code counts from now."""
    if is_foreign(request.headers.get("Origin"), request.host):
        abort(403)
    with platform().world.unit():
        walk_of(signup_id).release()
    return "", 204


@dialog.get("/dialog/forger")
def forger() -> str:
    """The page of another origin that forges the message (fault switch ``forged_origin``)."""
    return render_template("emulator/dialog_forger.html")


def handover(walk: Walk) -> Json | None:
    """What the page tells its opener, and when: at once (``now``), or when its window is closed."""
    if not walk.is_popup:
        return None
    ask, step = walk.record.ask, walk.record.step
    told: Json = {
        "origin": origin_of(ask["channel_origin"]),
        "cb": ask.get("cb", ""),
        "code": "",
        "event": "",
        "release": "",
    }
    if step in CURRENT_STEP:
        return told | {"when": "closed", "event": json.dumps(cancelled(CURRENT_STEP[step]))}
    outcome = walk.closing() if step == "finish" else walk.record.outcome
    plan = outcome.get("plan", {})
    told |= {"when": "now" if step == "done" else "closed", "code": outcome.get("code", "")}
    told["order"] = "event-code" if plan.get("event_first") else "code-event"
    if outcome.get("event") and not plan.get("event_missing"):
        told["event"] = json.dumps(outcome["event"])
    if step == "finish":
        told["release"] = url_for("dialog.release", signup_id=walk.record.id)
    if plan.get("forged_origin"):
        told["forger"] = other_origin(walk.platform.settings) + url_for("dialog.forger")
    return told


def other_origin(settings: Settings) -> str:
    """This process under the name the page was not opened with: another origin to a browser."""
    host = "localhost" if request.host.startswith("127.") else "127.0.0.1"
    return f"http://{host}:{settings.port}"
