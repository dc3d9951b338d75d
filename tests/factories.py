"""Rows for tests, each complete and with telling defaults; what a test cares about is given by name."""

from itertools import count
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from catalog import clock, seeds, shelving
from catalog.manifest import load
from catalog.models import (
    Business,
    Installation,
    Listing,
    Membership,
    Number,
    NumberState,
    Partner,
    Role,
    Transport,
    User,
    Waba,
)

PASSWORD = "lorong-pasar-pagi-7"
# Hashed once: argon2 is slow on purpose, and tests make many people.
PASSWORD_HASH = PasswordHasher().hash(PASSWORD)

MANIFEST = """
id = "{slug}"
version = "1.0.0"
category = "{category}"
tags = ["contoh"]
permissions = ["phone"]
name = {{ id = "{name}", en = "{name}" }}
tagline = {{ id = "Menjawab pelanggan.", en = "Answers customers." }}
description = {{ id = "Bot untuk pengujian.", en = "A bot for tests." }}
budget = {{ unit = {{ id = "satu pertanyaan", en = "one question" }}, messages = 2 }}
support = {{ email = "bot@example.com" }}

[[settings]]
key = "greeting"
type = "string"
label = {{ id = "Sapaan", en = "Greeting" }}
required = true
default = "Halo"
max = 60
"""

_serial = count(1)


def user(session: Session, email: str = "", *, name: str = "Sari", language: str = "id", verified: bool = True) -> User:
    """A person with ``PASSWORD``."""
    row = User(
        email=email or f"person{next(_serial)}@example.com",
        name=name,
        language=language,
        password_hash=PASSWORD_HASH,
        email_verified_at=clock.now(session) if verified else None,
    )
    session.add(row)
    session.flush()
    return row


def business(session: Session, owner: User, *, name: str = "Klinik Melati", zone: str = "Asia/Jakarta") -> Business:
    """A business founded by ``owner``."""
    return Business.found(session, owner, name=name, zone=zone)


def member(session: Session, place: Business, role: Role, person: User | None = None) -> User:
    """``person`` (or somebody new) with ``role`` in the team of ``place``."""
    person = person or user(session, f"{role.value}{next(_serial)}@example.com", name=role.value.title())
    session.add(Membership(user=person, business=place, role=role))
    session.flush()
    return person


def staff(session: Session, email: str = "") -> User:
    """Somebody who keeps order in the store."""
    person = user(session, email, name="Staf")
    session.add(Membership(user=person, role=Role.OWNER, is_staff=True))
    session.flush()
    return person


def number(session: Session, place: Business, *, state: NumberState = NumberState.LIVE, **known: Any) -> Number:
    """A number of ``place`` in a WhatsApp Business Account of its own."""
    serial = next(_serial)
    waba = Waba(business=place, waba_id=f"30000000000{serial:04}")
    row = Number(
        business=place,
        waba=waba,
        transport=Transport.CLOUD_API,
        phone_number_id=f"10000000000{serial:04}",
        display_phone_number=f"+62 812-0000-{serial:04}",
        verified_name=place.name,
        state=state,
        connected_at=clock.now(session) if state is NumberState.LIVE else None,
        **known,
    )
    session.add_all([waba, row])
    session.flush()
    return row


def partner(session: Session, *, slug: str = "") -> Partner:
    """A developer account without people."""
    serial = next(_serial)
    row = Partner(slug=slug or f"partner-{serial}", name=f"Partner {serial}", support_email=f"p{serial}@example.com")
    session.add(row)
    session.flush()
    return row


def listing(session: Session, slug: str = "", *, name: str = "Bot Contoh", category: str = "jasa") -> Listing:
    """A free built-in bot on the shelf: one permission (phone), one setting (``greeting``)."""
    slug = slug or f"bot-contoh-{next(_serial)}"
    seeds.categories(session)
    shelving.publish_builtin(session, load(MANIFEST.format(slug=slug, name=name, category=category).encode()))
    found = Listing.public(session, slug)
    assert found is not None
    return found


def installation(session: Session, on: Number, shelf: Listing, by: User) -> Installation:
    """The published version of ``shelf`` on ``on``."""
    version = shelf.version(session)
    assert version is not None
    row = Installation.install(
        session,
        number=on,
        version=version,
        plan=shelf.free_plan,
        settings={"greeting": "Halo"},
        consent={"permissions": ["phone"]},
        by=by,
    )
    session.flush()
    return row
