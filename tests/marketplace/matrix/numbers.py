"""Rows of ``numbers``."""

from typing import Any

from catalog.models import Business, Connection, ConnectionState, Login, StepName, StepState, Variant
from catalog.sealing import Sealer
from tests.marketplace.matrix.row import Ask, Row, Who
from tests.marketplace.matrix.world import World

CHOICE = {"phone_number_id": "7300", "display_phone_number": "+62 811-0000-0001", "verified_name": "Klinik"}
# Nothing here is ever opened: the rows are about who may ask.
SEALER = Sealer({"matrix": b"0123456789abcdef0123456789abcdef"})


def business(_world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code})


def by_redirect(_world: World, owner: Business) -> Ask:
    return Ask(args={"code": owner.code}, form={"how": "cloud"})


def number(world: World, owner: Business) -> Ask:
    return Ask(args={"code": world.number(owner).code})


def started(world: World, owner: Business) -> Connection:
    """An attempt of the owner's, begun in some other browser."""
    person = world.owner_of(owner)
    login, _ = Login.start(world.session, person)
    world.session.flush()
    made = Connection.start(world.session, business=owner, by=person, login=login, variant=Variant.POPUP)
    world.session.commit()
    return made


def connection(world: World, owner: Business) -> Ask:
    return Ask(args={"code": started(world, owner).code})


def report(world: World, owner: Business) -> Ask:
    return Ask(args={"code": started(world, owner).code}, json={"code": None, "message": None})


def at(world: World, owner: Business, step: StepName, state: ConnectionState, **params: Any) -> Connection:
    """An attempt that stands at ``step``."""
    made = started(world, owner)
    for one in made.steps:
        if one.name is step:
            break
        one.end(StepState.DONE)
    made.state, made.error_params = state, params
    made.token = SEALER.seal("EAA", row=made.token_row)
    world.session.commit()
    return made


def failed(world: World, owner: Business) -> Ask:
    return Ask(args={"code": at(world, owner, StepName.SUBSCRIBE, ConnectionState.FAILED).code})


def without_pin(world: World, owner: Business) -> Ask:
    made = at(world, owner, StepName.REGISTER, ConnectionState.ASKING)
    return Ask(args={"code": made.code}, form={"pin": "482913"})


def without_choice(world: World, owner: Business) -> Ask:
    made = at(world, owner, StepName.INSPECT, ConnectionState.ASKING, choices=[CHOICE])
    return Ask(args={"code": made.code}, form={"number": "7300"})


ROWS = [
    Row("numbers.index", "GET", Who.SIGNED_IN),
    Row("numbers.show", "GET", Who.VIEWER, 200, number),
    Row("numbers.new", "GET", Who.MANAGER, 200, business),
    Row("numbers.start", "POST", Who.MANAGER, 303, by_redirect),
    # The role suffices, the browser is another one: only the login that began may report.
    Row("numbers.report", "POST", Who.MANAGER, 409, report),
    # Without a state that was made for this login there is nothing to come back to.
    Row("numbers.callback", "GET", Who.SIGNED_IN, 409),
    Row("numbers.timeline", "GET", Who.VIEWER, 200, connection),
    Row("numbers.progress", "GET", Who.VIEWER, 200, connection),
    Row("numbers.retry", "POST", Who.MANAGER, 303, failed),
    Row("numbers.enter_pin", "POST", Who.MANAGER, 303, without_pin),
    Row("numbers.choose", "POST", Who.MANAGER, 303, without_choice),
    Row("numbers.abandon", "POST", Who.MANAGER, 303, failed),
    Row("numbers.check", "POST", Who.MANAGER, 303, number),
    Row("numbers.show_pin", "POST", Who.OWNER, 200, number),
    Row("numbers.disconnect", "POST", Who.MANAGER, 303, number),
    Row("numbers.release", "POST", Who.OWNER, 303, number),
]
