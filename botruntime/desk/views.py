"""The desk's pages."""

from flask import Blueprint, render_template

from botruntime.desk.today import numbers_today, waiting
from catalog.models import Business
from catalog.web.access import access, signed_in
from catalog.web.db import db
from catalog.web.signin import current_person

bp = Blueprint("desk", __name__, url_prefix="/desk")


@bp.get("/")
@access(signed_in)
def index() -> str:
    """Every business the asker belongs to: its numbers today, and who waits for a person."""
    session = db.session()
    shown = [(business, numbers_today(session, business), waiting(session, business)) for business in _mine()]
    return render_template("desk/index.html", businesses=shown)


def _mine() -> list[Business]:
    person = current_person()
    assert person is not None
    living = [one for one in person.memberships if one.ended_at is None and one.business is not None]
    return [one.business for one in living if one.business is not None]
