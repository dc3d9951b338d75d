"""What the platform says about an account, carried over to the shared record: rare, so done in comfort, row by row."""

import re

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from botruntime.inbound.updates import AccountUpdate, Identity
from botruntime.models import Contact
from catalog import clock
from catalog.models import Membership, Number, NumberState, Role, User, Waba, event
from catalog.models.notice import post
from catalog.texts import text

NOTICE = "number_trouble"


def settle(session: Session, update: AccountUpdate) -> str | None:
    """Apply ``update`` in the caller's transaction. Returns why nothing could be done, if so."""
    if update.preferences and update.phone_number_id:
        return _prefer(session, update)
    accounts = list(session.scalars(select(Waba).where(Waba.waba_id == update.waba_id).with_for_update(of=Waba)))
    if not accounts:
        return "unknown_account"
    for account in accounts:
        event.record(
            session,
            f"meta.{update.topic}"[:64],
            subject=account,
            business_id=account.business_id,
            event=update.event,
            detail=update.detail,
        )
        if update.lost is not None:
            _lose(session, account, f"numbers.lost.{update.lost}")
        _note(session, account, update)
    return None


def _lose(session: Session, account: Waba, key: str) -> None:
    """Forget the token, disconnect the numbers, tell the owners of those that were live (fault F57)."""
    live = [number for number in _numbers(session, account) if number.state is NumberState.LIVE]
    account.lose(session, key)
    for number in live:
        for owner in session.scalars(_owners(number.business_id)):
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


def _note(session: Session, account: Waba, update: AccountUpdate) -> None:
    """What the health panel shows of one number, or of all numbers of the account."""
    for number in _numbers(session, account):
        if update.display_phone_number and _digits(number.display_phone_number) != _digits(update.display_phone_number):
            continue
        number.quality = update.quality or number.quality
        number.verified_name = update.verified_name or number.verified_name
        said = {"event": update.event, "detail": update.detail, "at": clock.now(session).isoformat()}
        number.health = {**number.health, update.topic: said}


def _prefer(session: Session, update: AccountUpdate) -> str | None:
    number = Number.owned(session, str(update.phone_number_id))
    if number is None:
        return "unknown_number"
    for preference in update.preferences:
        for contact in session.scalars(_contacts(number, preference.who)):
            contact.marketing_stopped_at = clock.now(session) if preference.is_stop else None
    return None


def _contacts(number: Number, who: Identity) -> Select[Contact]:
    match = Contact.bsuid == who.bsuid if who.bsuid else Contact.wa_id == who.wa_id
    return select(Contact).where(Contact.business_id == number.business_id, match)


def _numbers(session: Session, account: Waba) -> list[Number]:
    return list(session.scalars(select(Number).where(Number.waba_fk == account.id)))


def _owners(business_id: int) -> Select[User]:
    return (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == business_id,
            Membership.role == Role.OWNER,
            Membership.ended_at.is_(None),
            User.closed_at.is_(None),
        )
    )


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
