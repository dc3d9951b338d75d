"""Rows of ``tokens``."""

from typing import Any

from catalog.models import User
from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World


def named(_world: World, _asker: Any) -> Ask:
    return Ask(form={"name": "laporan"})


def token(world: World, user: User) -> Ask:
    return Ask(args={"code": world.token(user).code})


ROWS = [
    Row("tokens.index", "GET", Who.SIGNED_IN),
    Row("tokens.create", "POST", Who.SIGNED_IN, 201, named),
    Row("tokens.revoke", "POST", Who.MINE, 303, token),
]
