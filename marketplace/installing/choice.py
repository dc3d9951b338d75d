"""The numbers a person may install a bot on."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Bot, Business, Installation, Membership, Number, NumberState, Role, User

INSTALLERS = [role for role in Role if role.covers(Role.MANAGER)]


@dataclass(frozen=True)
class Option:
    """A live number and what answers it now. ``is_same``: the bot is on it already."""

    number: Number
    business: Business
    holder: Installation | None
    is_same: bool


def businesses(session: Session, user: User) -> list[Business]:
    """Where ``user`` may install, oldest first."""
    return list(
        session.scalars(
            select(Business)
            .join(Membership, Membership.business_id == Business.id)
            .where(Membership.user_id == user.id, Membership.ended_at.is_(None), Membership.role.in_(INSTALLERS))
            .order_by(Business.id)
        )
    )


def options(session: Session, user: User, bot: Bot) -> list[Option]:
    """Live numbers of those businesses."""
    places = {business.id: business for business in businesses(session, user)}
    numbers = session.scalars(
        select(Number)
        .where(Number.business_id.in_(places), Number.state == NumberState.LIVE)
        .order_by(Number.business_id, Number.id)
    )
    found = []
    for number in numbers:
        holder = Installation.on(session, number)
        is_same = holder is not None and holder.bot_id == bot.id
        found.append(Option(number, places[number.business_id], holder, is_same))
    return found
