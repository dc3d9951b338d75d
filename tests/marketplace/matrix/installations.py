"""Rows of ``installations``. Whose number a form names is asked in test_installations.py."""

from typing import Any

from catalog.models import Business
from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World


def listing(world: World, _asker: Any) -> Ask:
    return Ask(args={"slug": world.listing().slug})


def installation(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.installation(owner).code})


def configured(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.installation(owner).code}, form={"greeting": "Selamat pagi"})


def paused(world: World, owner: Business) -> Ask:
    made = world.installation(owner)
    made.pause(world.session, world.owner_of(owner))
    world.session.commit()
    return Ask(args={"code": made.code})


ROWS = [
    Row("installations.index", "GET", Who.SIGNED_IN),
    Row("installations.new", "GET", Who.SIGNED_IN, 200, listing),
    Row("installations.agree", "POST", Who.SIGNED_IN, 422, listing),
    Row("installations.prepare", "GET", Who.SIGNED_IN, 303, listing),
    Row("installations.create", "POST", Who.SIGNED_IN, 303, listing),
    Row("installations.show", "GET", Who.VIEWER, 200, installation),
    Row("installations.edit", "GET", Who.MANAGER, 200, installation),
    Row("installations.update", "POST", Who.MANAGER, 303, configured),
    Row("installations.pause", "POST", Who.MANAGER, 303, installation),
    Row("installations.resume", "POST", Who.MANAGER, 303, paused),
    Row("installations.destroy", "POST", Who.MANAGER, 303, installation),
]
