"""What the outbox holds for somebody: the mails a request left to be sent."""

from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Notice


def kinds(session: Session, email: str) -> list[str]:
    """The kinds of mails to ``email``, oldest first."""
    return list(session.scalars(select(Notice.kind).where(Notice.email == email).order_by(Notice.id)))


def last(session: Session, email: str) -> Notice:
    """The latest mail to ``email``."""
    found = session.scalars(select(Notice).where(Notice.email == email).order_by(Notice.id.desc())).first()
    assert found is not None, f"no mail to {email}"
    return found


def path(session: Session, email: str) -> str:
    """Where the link in the latest mail leads."""
    notice = last(session, email)
    token = notice.params["token"]
    roads = {"verify_email": "/verify/", "reset_password": "/password/reset/", "invitation": "/join/"}
    after = notice.params.get("next")
    return f"{roads[notice.kind]}{token}" + (f"?next={quote(after)}" if after else "")
