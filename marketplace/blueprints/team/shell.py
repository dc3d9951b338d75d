"""What the shell of every signed-in page shows of businesses, and which one was seen last."""

from typing import Any

from flask import Response, g, request, session, url_for

from catalog.models import Business
from catalog.web.db import db
from catalog.web.signin import current_person
from marketplace.blueprints.team import bp

LAST_SEEN = "business"


@bp.app_context_processor
def shell() -> dict[str, Any]:
    """``shell_businesses`` for the layout: name, address, whether it is the present one."""
    return {"shell_businesses": businesses()}


def businesses() -> list[tuple[str, str, bool]]:
    """The person's businesses. Asked once per request, and only where somebody is signed in."""
    if "shell_businesses" not in g:
        person = current_person()
        mine = Business.of(db.session(), person) if person is not None else []
        now = present()
        g.shell_businesses = [(one.name, url_for("team.show", code=one.code), str(one.code) == now) for one in mine]
    found: list[tuple[str, str, bool]] = g.shell_businesses
    return found


def present() -> str | None:
    """The code of the business this page is about, else of the one seen last."""
    if request.endpoint and request.endpoint.startswith("team.") and request.path.startswith("/businesses/"):
        return str((request.view_args or {}).get("code", "")) or None
    seen: str | None = session.get(LAST_SEEN)
    return seen


@bp.after_request
def remember(response: Response) -> Response:
    """Keep the business whose page was shown."""
    code = present()
    if response.status_code == 200 and code and session.get(LAST_SEEN) != code:
        session[LAST_SEEN] = code
    return response
