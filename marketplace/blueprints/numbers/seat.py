"""Who is asking, for the pages of this area."""

from sqlalchemy import select
from werkzeug.exceptions import Unauthorized

from catalog.models import Business, Login, Membership, Role, User
from catalog.web.db import db
from catalog.web.signin import current_login


def login() -> Login:
    """The login of this browser; behind every route here there is one."""
    found = current_login()
    if found is None:
        raise Unauthorized
    return found


def me() -> User:
    """The person."""
    return login().user


def may(business: Business, role: Role) -> bool:
    """Whether the person holds at least ``role`` in ``business``."""
    held = business.role_of(db.session(), me())
    return held is not None and held.covers(role)


def businesses() -> list[tuple[Business, Role]]:
    """Where the person belongs, oldest first."""
    rows = db.session.execute(
        select(Business, Membership.role)
        .join(Membership, Membership.business_id == Business.id)
        .where(Membership.user_id == me().id, Membership.ended_at.is_(None))
        .order_by(Business.id)
    )
    return [(business, role) for business, role in rows]
