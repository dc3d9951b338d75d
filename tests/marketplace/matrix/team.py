"""Rows of ``team``."""

from typing import Any

from catalog.models import Business, User
from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World

FACTS = {"name": "Nama Baru", "zone": "Asia/Jakarta", "language": "id", "support_contact": "tanya@example.com"}


def business(_world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code})


def described(_world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code}, form=FACTS)


def new_business(_world: World, _asker: Any) -> Ask:
    return Ask(form={"name": "Warung", "zone": "Asia/Jayapura"})


def guest(world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code}, form={"email": world.fresh_email(), "role": "agent"})


def invitation(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.invitation(owner)[0].code})


def my_invitation(world: World, user: User) -> Ask:
    return Ask(args={"code": world.invitation(world.people.business_b, user.email)[0].code})


def link(world: World, asker: User | None) -> Ask:
    email = asker.email if asker else ""
    return Ask(args={"token": world.invitation(world.people.business_b, email)[1]})


def membership(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.member(owner).code})


def new_role(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.member(owner).code}, form={"role": "manager"})


ROWS = [
    Row("team.index", "GET", Who.SIGNED_IN, 303),
    Row("team.new_business", "GET", Who.SIGNED_IN),
    Row("team.found", "POST", Who.SIGNED_IN, 303, new_business),
    Row("team.edit_business", "GET", Who.MANAGER, 200, business),
    Row("team.describe", "POST", Who.MANAGER, 303, described),
    Row("team.show", "GET", Who.VIEWER, 200, business),
    # The last owner stays.
    Row("team.leave", "POST", Who.VIEWER, 303, business, odd={"owner_a": 409, "owner_b": 409}),
    Row("team.change_role", "POST", Who.OWNER, 303, new_role),
    Row("team.remove", "POST", Who.OWNER, 303, membership),
    Row("team.invite", "POST", Who.OWNER, 303, guest),
    Row("team.revoke", "POST", Who.OWNER, 303, invitation),
    Row("team.take_up", "POST", Who.MINE, 303, my_invitation),
    Row("team.invitation", "GET", Who.PUBLIC, 200, link),
    Row("team.accept", "POST", Who.SIGNED_IN, 303, link),
]
