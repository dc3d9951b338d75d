"""Rows of ``accounts``."""

from typing import Any

from catalog.models import User
from tests import factories
from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World


def dead_link(_world: World, _asker: Any) -> Ask:
    """A link from a mail that is none."""
    return Ask(args={"token": "no-such-link"})


def new_account(world: World, _asker: Any) -> Ask:
    return Ask(form={"name": "Baru", "email": world.fresh_email(), "password": "hujan turun di pasar"})


def address(world: World, _asker: Any) -> Ask:
    return Ask(form={"email": world.fresh_email()})


def own_password(_world: World, _asker: Any) -> Ask:
    return Ask(form={"password": factories.PASSWORD})


def profile(_world: World, _asker: Any) -> Ask:
    return Ask(form={"name": "Nama Baru", "language": "en"})


def login(world: World, user: User) -> Ask:
    return Ask(args={"code": world.login(user).code})


ROWS = [
    Row("accounts.sign_up", "GET", Who.PUBLIC, 303, odd={"anonymous": 200}),
    Row("accounts.register", "POST", Who.PUBLIC, 303, new_account),
    Row("accounts.sent", "GET", Who.PUBLIC),
    Row("accounts.sign_in", "GET", Who.PUBLIC, 303, odd={"anonymous": 200}),
    Row("accounts.enter", "POST", Who.PUBLIC, 422, address),
    Row("accounts.sign_out", "POST", Who.PUBLIC, 303),
    Row("accounts.verification", "GET", Who.PUBLIC, 404, dead_link),
    Row("accounts.verify", "POST", Who.PUBLIC, 404, dead_link),
    Row("accounts.verification_wish", "GET", Who.PUBLIC),
    Row("accounts.send_again", "POST", Who.PUBLIC, 303, address),
    Row("accounts.reset_wish", "GET", Who.PUBLIC),
    Row("accounts.send_reset", "POST", Who.PUBLIC, 303, address),
    Row("accounts.reset_sent", "GET", Who.PUBLIC),
    Row("accounts.new_password", "GET", Who.PUBLIC, 404, dead_link),
    Row("accounts.reset", "POST", Who.PUBLIC, 404, dead_link),
    Row("accounts.show", "GET", Who.SIGNED_IN),
    Row("accounts.update", "POST", Who.SIGNED_IN, 303, profile),
    Row("accounts.password", "GET", Who.SIGNED_IN),
    Row("accounts.update_password", "POST", Who.SIGNED_IN, 422),
    Row("accounts.logins", "GET", Who.SIGNED_IN),
    Row("accounts.end_login", "POST", Who.MINE, 303, login),
    Row("accounts.end_logins", "POST", Who.SIGNED_IN, 303),
    Row("accounts.closing", "GET", Who.SIGNED_IN),
    # The last owner of a business stays.
    Row("accounts.close", "POST", Who.SIGNED_IN, 303, own_password, odd={"owner_a": 409, "owner_b": 409}),
]
