"""Makers of things to ask for: each call makes a fresh one, so that one question does not spoil the next."""

from dataclasses import dataclass
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import (
    Business,
    Connection,
    Installation,
    Invitation,
    Listing,
    Login,
    Membership,
    Number,
    NumberState,
    PersonalToken,
    Role,
    User,
    Variant,
)
from tests import factories
from tests.cast import Cast

_serial = count(1)


@dataclass
class World:
    """The cast, and a session to make things with; every maker commits."""

    session: Session
    people: Cast

    def owner_of(self, business: Business) -> User:
        """Its owner in the cast."""
        return self.people.owner_a if business.id == self.people.business_a.id else self.people.owner_b

    def member(self, business: Business, role: Role = Role.AGENT) -> Membership:
        """One more person on the team."""
        person = factories.member(self.session, business, role)
        self.session.commit()
        return self.session.scalars(select(Membership).where(Membership.user_id == person.id)).one()

    def invitation(self, business: Business, email: str = "") -> tuple[Invitation, str]:
        """An open invitation and its token."""
        email = email or f"guest{next(_serial)}@example.com"
        made = Invitation.send(self.session, business, email, Role.AGENT, self.owner_of(business))
        self.session.commit()
        return made

    def number(self, business: Business, state: NumberState = NumberState.LIVE) -> Number:
        """A number."""
        made = factories.number(self.session, business, state=state)
        self.session.commit()
        return made

    def listing(self) -> Listing:
        """A bot on the shelf."""
        made = factories.listing(self.session)
        self.session.commit()
        return made

    def installation(self, business: Business) -> Installation:
        """A bot on a number."""
        number = factories.number(self.session, business)
        listing = factories.listing(self.session)
        made = factories.installation(self.session, number, listing, self.owner_of(business))
        self.session.commit()
        return made

    def connection(self, business: Business) -> Connection:
        """A run through Embedded Signup that has just begun."""
        owner = self.owner_of(business)
        made = Connection.start(
            self.session, business=business, by=owner, login=self.login(owner), variant=Variant.POPUP
        )
        self.session.commit()
        return made

    def login(self, user: User) -> Login:
        """Another browser of somebody."""
        made, _ = Login.start(self.session, user)
        self.session.commit()
        return made

    def token(self, user: User) -> PersonalToken:
        """A personal token of somebody."""
        made, _ = PersonalToken.issue(self.session, user, "matrix")
        self.session.commit()
        return made

    @staticmethod
    def fresh_email() -> str:
        """An address nobody has."""
        return f"fresh{next(_serial)}@example.com"
