"""The named cast: everybody whose rights a route must tell apart."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.models import Bsp, Business, Membership, Partner, Role, User
from tests import factories

# Who asks, in the matrix and elsewhere. ``owner_b`` is the stranger: an owner, but of another business.
ANONYMOUS = "anonymous"
ROLES = (ANONYMOUS, "owner_b", "viewer", "agent", "manager", "owner_a", "developer", "bsp", "staff")


@dataclass(frozen=True)
class Cast:
    """Business A with a whole team, business B with its owner, and the people of the other doors."""

    owner_a: User
    manager: User
    agent: User
    viewer: User
    owner_b: User
    developer: User
    bsp: User
    staff: User
    business_a: Business
    business_b: Business
    partner: Partner
    provider: Bsp

    def user(self, role: str) -> User | None:
        """The person of a role in ``ROLES``; None for the anonymous."""
        return None if role == ANONYMOUS else getattr(self, role)


def assemble(session: Session) -> Cast:
    """The cast in the database; the caller commits."""
    owner_a = factories.user(session, "owner.a@example.com", name="Ani")
    owner_b = factories.user(session, "owner.b@example.com", name="Budi")
    business_a = factories.business(session, owner_a, name="Klinik Melati")
    business_b = factories.business(session, owner_b, name="Toko Beringin", zone="Asia/Makassar")
    team = {
        role.value: factories.member(
            session, business_a, role, factories.user(session, f"{role.value}@example.com", name=role.value.title())
        )
        for role in (Role.MANAGER, Role.AGENT, Role.VIEWER)
    }
    developer = factories.user(session, "developer@example.com", name="Dewi")
    provider_person = factories.user(session, "bsp@example.com", name="Bayu")
    provider = Bsp(slug="penyedia", name="Penyedia")
    partner = Partner(slug="pengembang", name="Pengembang", support_email="help@example.com", bsp=provider)
    session.add_all([provider, partner])
    session.flush()
    session.add(Membership(user=developer, role=Role.OWNER, partner_id=partner.id))
    session.add(Membership(user=provider_person, role=Role.OWNER, bsp_id=provider.id))
    staff = factories.staff(session, "staff@example.com")
    session.flush()
    return Cast(
        owner_a=owner_a,
        owner_b=owner_b,
        developer=developer,
        bsp=provider_person,
        staff=staff,
        business_a=business_a,
        business_b=business_b,
        partner=partner,
        provider=provider,
        manager=team["manager"],
        agent=team["agent"],
        viewer=team["viewer"],
    )
