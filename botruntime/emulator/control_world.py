"""Control: numbers, users, clock, reset, and the state of everything."""

import secrets
from typing import Any

from botruntime.emulator import acts, demo, registration, tokens
from botruntime.emulator.control import Refusal, body, control, need, number, person, platform, unit, waba
from botruntime.emulator.people import BSUID, PHONE, digits_of
from botruntime.emulator.records import Json, Number, Person
from botruntime.emulator.signup import event

SETTINGS = (
    "sent_after",
    "delivered_after",
    "read_after",
    "read_receipts",
    "blocked",
    "opted_out",
    "on_whatsapp",
    "offline",
)
NUMBER_KEYS: dict[str, Any] = {
    "verified_name": str,
    "verified": bool,
    "registered": bool,
    "pin": str,
    "quality": str,
    "status": str,
    "name_status": str,
    "mps": int,
    "payment": bool,
    "allowed_recipients": list,
    "onboarded_at": (int, float),
    "on_biz_app": bool,
}


def number_row(row: Number) -> Json:
    """A number in the state."""
    world = platform().world
    owner = world.wabas[row.waba_id]
    return {
        "id": row.id,
        "phone_number_id": row.id,
        "waba_id": row.waba_id,
        "portfolio_id": owner.portfolio_id,
        "wa_id": row.digits,
        "display_phone_number": registration.display(row.digits),
        "verified_name": row.verified_name,
        "status": row.status,
        "registered": row.registered,
        "verified": row.verified,
        "subscribed": world.is_subscribed(owner),
        "coexistence": row.on_biz_app,
        "quality": row.quality,
        "otp": row.otp,
        "picture": row.profile.get("profile_picture_handle"),
        "about": row.profile.get("about", ""),
        "prompts": row.automation.get("prompts", []),
        "commands": row.automation.get("commands", []),
    }


def person_row(row: Person) -> Json:
    """A user in the state."""
    return {
        "id": row.id,
        "name": row.name,
        "phone": row.phone,
        "wa_id": row.phone if row.phone_visible else None,
        "username": row.username,
        "phone_visible": row.phone_visible,
        "bsuids": row.bsuids,
        "settings": {name: getattr(row, name) for name in SETTINGS},
    }


@control.get("/state")
@unit
def state() -> Json:
    """Everything but chats."""
    world = platform().world
    app = world.app_subscription()
    granted = {waba_id for grant in world.grants for waba_id in grant.waba_ids}
    return {
        "now": world.now(),
        "offset": world.clock.offset,
        "language": "id",
        "faults": world.faults.all(),
        "app": {
            "id": world.settings.app_id,
            "name": world.settings.app_name,
            "callback_url": app.get("callback_url"),
            "fields": app.get("fields", []),
        },
        "portfolios": [{"id": row.id, "name": row.name} for row in world.portfolios],
        "wabas": [
            {
                "id": row.id,
                "portfolio_id": row.portfolio_id,
                "name": row.name,
                "subscribed": world.is_subscribed(row),
                "granted": row.id in granted,
                "restricted": row.restricted,
                "payment": row.payment,
            }
            for row in world.wabas
        ],
        "numbers": [number_row(row) for row in world.numbers if not row.deleted_at],
        "users": [person_row(row) for row in world.people],
        "templates": [
            {
                "id": row.id,
                "waba_id": row.waba_id,
                "name": row.name,
                "language": row.language,
                "status": row.status,
                "category": row.category,
            }
            for row in world.templates
        ],
    }


@control.post("/reset")
@unit
def reset() -> Json:
    """Back to the demo world, or to an empty one."""
    world = platform().world
    demo.wipe(world)
    platform().limits.clear()
    if body().get("seed", True):
        demo.seed(world)
    world.hub.publish({"type": "resync"})
    return {"reset": True}


@control.post("/numbers")
@unit
def create_number() -> Json:
    """A number to work with."""
    given = body()
    if given.get("waba_id"):
        waba(given)
    made = acts.new_number(platform(), given)
    answer = {
        "portfolio_id": platform().world.portfolio_of(made),
        "waba_id": made.waba_id,
        "phone_number_id": made.id,
        "display_phone_number": registration.display(made.digits),
    }
    return answer | ({"access_token": acts.connect(platform(), made)} if given.get("connected") else {})


@control.patch("/numbers/<number_id>")
@unit
def update_number(number_id: str) -> Json:
    """Change what Meta thinks of a number."""
    found, given = number({"number": number_id}), body()
    for key, value in given.items():
        if key not in NUMBER_KEYS or not (
            isinstance(value, NUMBER_KEYS[key]) or (key == "allowed_recipients" and value is None)
        ):
            raise Refusal(400, f"'{key}' cannot be set to that; known: {', '.join(sorted(NUMBER_KEYS))}")
        setattr(found, key, value)
    platform().world.numbers.put(found)
    platform().world.tell("state")
    return number_row(found)


@control.delete("/numbers/<number_id>")
@unit
def destroy_number(number_id: str) -> Json:
    """The owner deletes the number."""
    found = number({"number": number_id})
    found.deleted_at, found.registered, found.status = platform().world.now(), False, "DELETED"
    platform().world.numbers.put(found)
    platform().world.tell("state")
    return {"deleted": True}


@control.post("/signup")
@unit
def signup() -> Json:
    """As if the dialog had been walked to its end."""
    given, world = body(), platform().world
    chosen = number(given, "phone_number_id") if given.get("phone_number_id") else None
    owner = world.wabas[chosen.waba_id] if chosen else waba(given)
    if chosen and given.get("coexistence"):
        acts.stay_on_app(chosen)
    grant = acts.finish_signup(platform(), owner, chosen)
    code = tokens.new_code(world, grant, given.get("redirect_uri"))
    return {"code": code.id, "event": event(world, owner, chosen, {})}


@control.post("/users")
@unit
def create_user() -> tuple[Json, int]:
    """A new person."""
    given, world = body(), platform().world
    phone = digits_of(str(given.get("phone") or "62898" + "".join(secrets.choice("0123456789") for _ in range(8))))
    if not PHONE.fullmatch(phone):
        raise Refusal(400, "'phone' must have 7 to 15 digits")
    if registration.holder(world, phone):
        raise Refusal(409, f"{phone} is taken")
    made = Person("u-" + secrets.token_hex(6), need(given, "name"), phone)
    made.phone_visible = bool(given.get("phone"))
    _apply(made, {key: value for key, value in given.items() if key not in {"name", "phone", "bsuid", "portfolio_id"}})
    if given.get("bsuid"):
        if not BSUID.fullmatch(str(given["bsuid"])) or given.get("portfolio_id") not in {
            row.id for row in world.portfolios
        }:
            raise Refusal(400, "'bsuid' looks like ID.123 and needs the 'portfolio_id' it belongs to")
        made.bsuids[given["portfolio_id"]] = given["bsuid"]
    world.people.save(made)
    world.tell("state")
    return person_row(made), 201


@control.patch("/users/<user>")
@unit
def update_user(user: str) -> Json:
    """Change a person."""
    given, world = body(), platform().world
    found = person({"user": user})
    phone = given.pop("phone", None)
    was_offline = found.offline
    if phone is not None:
        digits = digits_of(str(phone))
        if not PHONE.fullmatch(digits):
            raise Refusal(400, "'phone' must have 7 to 15 digits")
        if digits != found.phone and registration.holder(world, digits) is not None:
            raise Refusal(409, f"{digits} is taken")
    _apply(found, given)
    world.people.save(found)
    if phone is not None and digits_of(str(phone)) != found.phone:
        platform().receiving.change_phone(found, digits_of(str(phone)))
    if was_offline and not found.offline:
        platform().statuses.came_online(found)
    world.tell("state")
    return person_row(found)


@control.delete("/users/<user>")
@unit
def destroy_user(user: str) -> Json:
    """Forget a person and the chats."""
    world, found = platform().world, person({"user": user})
    for chat in [chat for chat in world.chats if chat.person_id == found.id]:
        for wamid in world.threads.pop(chat.id, []):
            world.messages.remove(wamid)
        world.chats.remove(chat.id)
    world.people.remove(found)
    world.tell("state")
    return {"deleted": True}


@control.get("/clock")
@unit
def clock() -> Json:
    """What time it is here."""
    return {"now": platform().world.now(), "offset": platform().world.clock.offset}


@control.post("/clock")
def advance() -> Json:
    """Move time ahead; never back."""
    seconds = need(body(), "advance", (int, float))  # type: ignore[arg-type]
    if not 0 <= seconds <= 10 * 366 * 86400:
        raise Refusal(400, "'advance' must be 0 or more seconds, at most ten years")
    platform().advance(float(seconds))
    world = platform().world
    world.tell("clock", now=world.now(), offset=world.clock.offset)
    return {"now": world.now(), "offset": world.clock.offset}


def _apply(found: Person, given: Json) -> None:
    delays = {"sent_after", "delivered_after", "read_after"}
    for key, value in given.items():
        if key in delays:
            right = (isinstance(value, int | float) and value >= 0) or (key == "read_after" and value is None)
        elif key in {*SETTINGS, "phone_visible"}:
            right = isinstance(value, bool)
        else:
            right = key in {"name", "username"} and (isinstance(value, str) or (key == "username" and value is None))
        if not right or (isinstance(value, bool) and key in delays):
            raise Refusal(400, f"'{key}' cannot be set to that")
        setattr(found, key, value)
