"""Rows of ``store``."""

from typing import Any

from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World


def shelf(world: World, _asker: Any) -> Ask:
    return Ask(args={"slug": world.listing().category.slug})


def listing(world: World, _asker: Any) -> Ask:
    return Ask(args={"slug": world.listing().slug})


ROWS = [
    Row("store.home", "GET", Who.PUBLIC),
    Row("store.results", "GET", Who.PUBLIC),
    Row("store.category", "GET", Who.PUBLIC, 200, shelf),
    Row("store.listing", "GET", Who.PUBLIC, 200, listing),
]
