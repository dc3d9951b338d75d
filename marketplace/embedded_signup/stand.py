"""What a step needs, read before its calls, so that no transaction waits for Meta; and what a step may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Connection, Number, NumberState, StepName
from catalog.sealing import Sealer


@dataclass(frozen=True)
class Stand:
    """A connection at the beginning of a step. ``token`` and ``pin`` are open here and go nowhere but to Graph."""

    step: StepName
    tries: int
    token: str
    claimed_waba_id: str | None
    claimed_phone_number_id: str | None
    is_coexistence: bool
    waba_id: str
    phone_number_id: str
    pin: str
    has_typed_pin: bool
    # Numbers of this business that are live already: a signup that names none means another one.
    live_ids: frozenset[str]

    def __repr__(self) -> str:
        """Without secrets: this may end in a traceback."""
        return f"Stand({self.step}, try {self.tries})"


class Stop(Exception):
    """The step failed. ``is_final``: the token is no good for this connection."""

    def __init__(self, key: str, *, is_final: bool = False, **params: Any) -> None:
        super().__init__(key)
        self.key, self.is_final, self.params = f"numbers.errors.{key}", is_final, params


class Ask(Exception):
    """The owner must answer first."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key, self.params = f"numbers.errors.{key}", params


class Later(Exception):
    """Try again by itself: after ``seconds``, or with growing pauses until ``given_up`` is said instead."""

    def __init__(self, key: str, given_up: str, *, seconds: float | None = None, **params: Any) -> None:
        super().__init__(key)
        self.key, self.given_up = f"numbers.errors.{key}", f"numbers.errors.{given_up}"
        self.seconds, self.params = seconds, params


# What a step found, to be written in one transaction.
Keep = Callable[[Session, Connection, Sealer], None]


def read(session: Session, connection: Connection, sealer: Sealer) -> Stand:
    """The stand of ``connection`` at its present step. Raises ``SealBroken`` where a key is gone.

    Makes the PIN of a number that has none; it is committed before Meta hears it.
    """
    step, waba, number = connection.step, connection.waba, connection.number
    if step is None:
        raise ValueError("every step is through")
    token = sealer.open(connection.token, row=connection.token_row) if connection.token else None
    if token is None and waba is not None:
        token = waba.open_token(sealer)
    pin = sealer.open(connection.pin, row=connection.pin_row) if connection.pin else None
    if pin is None and number is not None and step.name is StepName.REGISTER:
        pin = number.ensure_pin(sealer)
    return Stand(
        step=step.name,
        tries=step.tries,
        token=token or "",
        claimed_waba_id=connection.claimed_waba_id,
        claimed_phone_number_id=connection.claimed_phone_number_id,
        is_coexistence=connection.is_coexistence,
        waba_id=waba.waba_id if waba else "",
        phone_number_id=number.phone_number_id if number else "",
        pin=pin or "",
        has_typed_pin=connection.pin is not None,
        live_ids=_live(session, connection),
    )


def _live(session: Session, connection: Connection) -> frozenset[str]:
    live = select(Number.phone_number_id).where(
        Number.business_id == connection.business_id, Number.state == NumberState.LIVE
    )
    return frozenset(session.scalars(live))
