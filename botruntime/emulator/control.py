"""``/__ctl/``: the hand that tests, the demo and the phones move the world with. JSON only, own origin only."""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from botruntime.emulator.platform import Platform
from botruntime.emulator.records import Json, Number, Person, Waba
from botruntime.emulator.settings import origin_of

control = Blueprint("control", __name__, url_prefix="/__ctl")


class Refusal(Exception):
    """An answer other than 200, with a sentence for the tester."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status, self.sentence = status, sentence
        super().__init__(sentence)


def is_foreign(origin: str | None, host: str) -> bool:
    """Whether a request came from a page of another site, or by a name that somebody pointed at this machine."""
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if re.search(r"[a-z]", name, re.IGNORECASE) and "." in name and not name.startswith("["):
        return True
    return origin is not None and origin_of(origin) not in {f"http://{host}".lower(), f"https://{host}".lower()}


@control.before_request
def guard() -> Response | None:
    """Pages of other sites may not touch the world, and forms cannot pretend to be JSON."""
    if is_foreign(request.headers.get("Origin"), request.host):
        return refused(
            Refusal(403, "control requests must come from the emulator's own pages or from outside a browser")
        )
    if request.method in {"POST", "PATCH"} and request.mimetype != "application/json":
        return refused(Refusal(415, "send application/json"))
    return None


@control.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """The sentence as JSON."""
    response = jsonify(error=refusal.sentence)
    response.status_code = refusal.status
    return response


def platform() -> Platform:
    """The platform of this process."""
    found: Platform = current_app.extensions["platform"]
    return found


def body() -> Json:
    """The request's JSON object; an empty body is an empty object. Raises Refusal 400."""
    if not request.get_data():
        return {}
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Refusal(400, "the body must be a JSON object")
    return given


def need(given: Json, key: str, kind: type = str) -> Any:
    """A required value of a type. Raises Refusal 400."""
    value = given.get(key)
    if not isinstance(value, kind):
        raise Refusal(400, f"'{key}' is required and must be a {kind.__name__}")
    return value


def number(given: Json, key: str = "number") -> Number:
    """The number a call names. Raises Refusal 404."""
    found = platform().world.numbers.get(str(need(given, key)))
    if found is None or found.deleted_at:
        raise Refusal(404, f"there is no number {given[key]}")
    return found


def waba(given: Json) -> Waba:
    """The WABA a call names. Raises Refusal 404."""
    found = platform().world.wabas.get(str(need(given, "waba_id")))
    if found is None:
        raise Refusal(404, f"there is no WABA {given['waba_id']}")
    return found


def person(given: Json, meet_at: Number | None = None) -> Person:
    """The user a call names; a stranger is made where ``meet_at`` is given. Raises Refusal 404."""
    world, name = platform().world, str(need(given, "user"))
    found = world.people.find(name)
    if found is None and meet_at is not None:
        found = world.people.meet(name, world.portfolio_of(meet_at))
        world.tell("state")
    if found is None:
        raise Refusal(404, f"there is no user {name}")
    return found


def unit(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run a view alone with the world."""

    def alone(*args: Any, **kwargs: Any) -> Any:
        with platform().world.unit():
            return view(*args, **kwargs)

    alone.__name__ = view.__name__
    alone.__doc__ = view.__doc__
    return alone
