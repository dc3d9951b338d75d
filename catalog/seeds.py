"""What an empty database gets: the shelves always, demo accounts only in a demo."""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import clock
from catalog.models import Bsp, Business, Category, Membership, Partner, Role, User

SHELVES = Path(__file__).parent / "texts" / "categories.toml"
# The store's own partner account: built-in bots are published under it.
HOUSE = "pasarbot"


def categories(session: Session) -> None:
    """The sixteen shelves in both languages. Idempotent; texts follow the file."""
    known = {c.slug: c for c in session.scalars(select(Category))}
    for position, (slug, shelf) in enumerate(tomllib.loads(SHELVES.read_text(encoding="utf-8")).items()):
        row = known.get(slug) or Category(slug=slug)
        row.position, row.icon, row.name, row.summary = position, shelf["icon"], shelf["name"], shelf["summary"]
        session.add(row)
    session.flush()


def house_partner(session: Session) -> Partner:
    """The partner that publishes the built-in bots."""
    partner = session.scalar(select(Partner).where(Partner.slug == HOUSE))
    if partner is None:
        partner = Partner(slug=HOUSE, name="Pasarbot")
        session.add(partner)
        session.flush()
    return partner


def is_empty(session: Session) -> bool:
    """Whether nobody has an account yet."""
    return session.scalar(select(User.id).limit(1)) is None


def demo(session: Session, password: str) -> None:
    """The four demo accounts, each with its place. Only for an empty database; business time may be moved after."""
    clock.make_movable(session)
    people = {role: _person(session, role, password) for role in ("owner", "developer", "bsp", "staff")}
    Business.found(session, people["owner"], name="Klinik Sehat Bersama", zone="Asia/Jakarta")
    bsp = Bsp(slug="demo-bsp", name="Demo BSP")
    partner = Partner(slug="demo-developer", name="Demo Developer", bsp=bsp, support_email="developer@demo.test")
    session.add_all([bsp, partner])
    session.flush()
    places: dict[str, dict[str, Any]] = {
        "developer": {"partner_id": partner.id},
        "bsp": {"bsp_id": bsp.id},
        "staff": {"is_staff": True},
    }
    for role, place in places.items():
        session.add(Membership(user=people[role], role=Role.OWNER, **place))
    session.flush()


def _person(session: Session, role: str, password: str) -> User:
    user = User(email=f"{role}@demo.test", name=f"Demo {role.title()}", language="id")
    user.set_password(password)
    user.verify_email(session)
    session.add(user)
    session.flush()
    return user
