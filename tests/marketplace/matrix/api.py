"""Rows of ``api``, asked with personal tokens."""

from collections.abc import Mapping
from typing import Any

from catalog.models import Business
from tests.marketplace.matrix.row import Ask, Row, Thing, Who, nothing
from tests.marketplace.matrix.world import World


def business(_world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code})


def number(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.number(owner).code})


def connection(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.connection(owner).code})


def pin(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.connection(owner).code}, json={"pin": "123456"})


def installation(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.installation(owner).code})


def configured(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.installation(owner).code}, json={"settings": {"greeting": "Selamat pagi"}})


def paused(world: World, owner: Business) -> Ask:
    made = world.installation(owner)
    made.pause(world.session, world.owner_of(owner))
    world.session.commit()
    return Ask(args={"code": made.code})


def bot(world: World, owner: Business) -> Ask:
    """The number in the body is what must be one's own."""
    target = str(world.number(owner).code)
    return Ask(json={"listing": world.listing().slug, "number": target, "agreed": True, "settings": {}})


def guest(world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code}, json={"email": world.fresh_email(), "role": "agent"})


def new_business(_world: World, _asker: Any) -> Ask:
    return Ask(json={"name": "Warung"})


def listing(world: World, _asker: Any) -> Ask:
    return Ask(args={"slug": world.listing().slug})


def row(
    name: str, method: str, who: Who, ok: int = 200, thing: Thing = nothing, odd: Mapping[str, int] | None = None
) -> Row:
    """A row of the API."""
    return Row(f"api.{name}", method, who, ok, thing, odd or {}, by_token=True)


ROWS = [
    Row("api.openapi", "GET", Who.PUBLIC),
    row("me", "GET", Who.SIGNED_IN),
    row("categories", "GET", Who.SIGNED_IN),
    row("listings", "GET", Who.SIGNED_IN),
    row("listing", "GET", Who.SIGNED_IN, 200, listing),
    row("businesses", "GET", Who.SIGNED_IN),
    row("found_business", "POST", Who.SIGNED_IN, 201, new_business),
    row("create_invitation", "POST", Who.OWNER, 201, guest),
    row("numbers", "GET", Who.SIGNED_IN),
    row("number", "GET", Who.VIEWER, 200, number),
    row("release", "POST", Who.OWNER, 200, number),
    row("connections", "GET", Who.VIEWER, 200, business),
    row("connection", "GET", Who.VIEWER, 200, connection),
    row("retry", "POST", Who.MANAGER, 409, connection),
    row("enter_pin", "POST", Who.MANAGER, 409, pin),
    row("installations", "GET", Who.SIGNED_IN),
    row("install", "POST", Who.MANAGER, 201, bot),
    row("installation", "GET", Who.VIEWER, 200, installation),
    row("configure", "PATCH", Who.MANAGER, 200, configured),
    row("pause", "POST", Who.MANAGER, 200, installation),
    row("resume", "POST", Who.MANAGER, 200, paused),
    row("uninstall", "DELETE", Who.MANAGER, 200, installation),
]
