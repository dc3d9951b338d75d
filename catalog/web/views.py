"""The few routes both faces have: language, theme, and the page that shows the components."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from catalog import texts
from catalog.web.access import access, public
from catalog.web.language import THEMES, remember
from catalog.web.places import safe_next
from catalog.web.signin import current_person

bp = Blueprint("web", __name__)


@bp.post("/language", endpoint="language")
@access(public)
def change_language() -> Response:
    """Switch this browser, and the person's mails with it."""
    answer = redirect(safe_next(request.form.get("next")), 303)
    wanted = request.form.get("language")
    if wanted in texts.LANGUAGES:
        remember(answer, "language", wanted)  # type: ignore[arg-type]
        person = current_person()
        if person is not None:
            person.language = wanted
    return answer


@bp.post("/theme", endpoint="theme")
@access(public)
def change_theme() -> Response:
    """Switch between light, dark and as the device."""
    answer = redirect(safe_next(request.form.get("next")), 303)
    wanted = request.form.get("theme")
    if wanted in THEMES:
        remember(answer, "theme", wanted)  # type: ignore[arg-type]
    return answer


@bp.get("/design")
@access(public)
def design() -> str:
    """Every component in every state."""
    return render_template("components/gallery.html")
