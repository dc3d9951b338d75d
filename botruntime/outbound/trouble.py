"""When the platform refuses a number rather than a message: the number is disconnected, its owners are told, once.

The rules are the models' own verbs, so this part works with sessions; it runs in a thread, beside the sender.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from catalog import clock
from catalog.models import Membership, Number, NumberState, Role, User, Waba
from catalog.models.notice import post
from catalog.texts import text

TOKEN = "numbers.lost.token"  # noqa: S105 - a key of the catalogues
NOTICE = "number_trouble"
TELL_AGAIN = timedelta(hours=24)
OWNERS_WORK = frozenset(
    f"sending.meta.{name}" for name in ("permission", "payment", "display_name", "not_registered", "spam", "terms")
)
"""Errors of single messages that go on until the owner does something."""


def lose_token(sessions: sessionmaker[Session], number_id: int, sealed: str | None) -> bool:
    """Meta no longer takes the token of the number's account (error 190): disconnect all its numbers, tell the owners.

    `sealed` is the token that was used; one that replaced it meanwhile is left alone. Returns whether anything changed.
    """
    with sessions.begin() as session:
        number = session.get_one(Number, number_id)
        waba = session.get(Waba, number.waba_fk, with_for_update=True) if number.waba_fk else None
        if waba is None:
            return _disconnect(session, number, TOKEN)
        session.refresh(number)
        if waba.business_token != sealed or number.state is not NumberState.LIVE:
            return False
        waba.lose(session, TOKEN)
        _tell(session, number, TOKEN)
        return True


def stop(sessions: sessionmaker[Session], number_id: int, key: str) -> bool:
    """Nothing can be sent from this number any more, for the reason `key`. Returns whether anything changed."""
    with sessions.begin() as session:
        return _disconnect(session, _locked(session, number_id), key)


def mention(sessions: sessionmaker[Session], number_id: int, key: str, code: int | None) -> bool:
    """Something the owner must put right makes messages fail. Told when it is new, then once a day."""
    with sessions.begin() as session:
        number = _locked(session, number_id)
        now, known = clock.now(session), number.health.get("trouble") or {}
        if known.get("key") == key and now < datetime.fromisoformat(known["at"]) + TELL_AGAIN:
            return False
        number.health = {**number.health, "trouble": {"key": key, "code": code, "at": now.isoformat()}}
        _tell(session, number, key)
        return True


def _locked(session: Session, number_id: int) -> Number:
    # Only the number: its account is joined on the outer side, where PostgreSQL cannot lock.
    return session.get_one(Number, number_id, with_for_update={"of": Number})


def _disconnect(session: Session, number: Number, key: str) -> bool:
    if number.state is not NumberState.LIVE:
        return False
    number.disconnect(session, key)
    _tell(session, number, key)
    return True


def _tell(session: Session, number: Number, key: str) -> None:
    owners = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == number.business_id,
            Membership.role == Role.OWNER,
            Membership.ended_at.is_(None),
            User.closed_at.is_(None),
        )
    )
    for owner in session.scalars(owners):
        post(
            session,
            NOTICE,
            email=owner.email,
            language=owner.language,
            business_id=number.business_id,
            business=number.business.name,
            number=number.display_phone_number,
            reason=text(owner.language, key),
        )
