"""Put the number on the Cloud API with its two-step PIN. Meta: "Register a business phone number"."""

from sqlalchemy.orm import Session

from catalog.models import Connection
from catalog.sealing import Sealer
from marketplace.embedded_signup.stand import Ask, Keep, Later, Stand, Stop
from marketplace.graph import Graph, GraphError
from marketplace.graph.calls import APP_STATE, HISTORY

# Meta: error codes of registration.
PIN_MISMATCH, PIN_TOO_MANY, PIN_TOO_FAST = 133005, 133008, 133009
NOT_VERIFIED, JUST_DELETED, TOO_MANY_REGISTERS, ACCOUNT_LOCKED = 133006, 133015, 133016, 131031
DELETED_SECONDS = 5 * 60.0
LIMIT_SECONDS = 72 * 3600.0


def run(stand: Stand, graph: Graph) -> Keep:
    """Register, unless the number is in service already or stays on the owner's app."""
    number = graph.number(stand.phone_number_id, stand.token)
    if number.is_on_app:
        _share(stand, graph)
        return _skip
    if number.is_connected:
        return _skip
    try:
        graph.register(stand.phone_number_id, stand.pin, stand.token)
    except GraphError as error:
        raise _meaning(error, stand) from None

    def keep(session: Session, connection: Connection, sealer: Sealer) -> None:
        if connection.number is not None:
            connection.number.keep_pin(sealer, stand.pin)
        connection.pin = None
        connection.finish_step(session)

    return keep


def _skip(session: Session, connection: Connection, _: Sealer) -> None:
    connection.pin = None
    connection.finish_step(session, skipped=True)


def _share(stand: Stand, graph: Graph) -> None:
    """Ask for what the app holds; due within 24 hours, each once. That the owner keeps it to himself is no failure."""
    for what in (APP_STATE, HISTORY):
        try:
            graph.synchronise(stand.phone_number_id, what, stand.token)
        except GraphError as error:
            if error.is_transient or error.is_token_dead:
                raise


def _meaning(error: GraphError, stand: Stand) -> Exception:
    if error.code == PIN_MISMATCH:
        return Ask("pin_wrong" if stand.has_typed_pin else "pin_needed")
    if error.code in (PIN_TOO_MANY, PIN_TOO_FAST):
        return Ask("pin_too_often", details=error.details or error.message)
    if error.code == NOT_VERIFIED:
        return Stop("not_verified")
    if error.code == JUST_DELETED:
        return Later("just_deleted", "just_deleted", seconds=DELETED_SECONDS)
    if error.code == TOO_MANY_REGISTERS:
        return Later("register_limit", "register_limit", seconds=LIMIT_SECONDS)
    if error.code == ACCOUNT_LOCKED:
        return Stop("account_locked")
    return error
