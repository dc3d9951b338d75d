"""Bringing a number onto the platform: verification code, PIN, register and deregister (Meta: Registration)."""

import re
import secrets

from botruntime.emulator.errors import GraphError, invalid
from botruntime.emulator.records import Number, Person
from botruntime.emulator.world import World

REGIONS = frozenset({"AU", "ID", "IN", "JP", "SG", "KR", "DE", "CH", "GB", "BR", "BH", "ZA", "AE", "CA"})
LOG_SECONDS, LOG_LIMIT = 72 * 3600.0, 10
SIGNUP_SECONDS = 14 * 86400.0
DELETED_SECONDS = 300.0
GUESSES, LOCK_SECONDS, GUESS_PAUSE = 5, 3600.0, 1.0


def is_pin(pin: object) -> bool:
    """Six digits as a string."""
    return isinstance(pin, str) and re.fullmatch(r"\d{6}", pin) is not None


def register(world: World, number: Number, pin: object, region: object) -> None:
    """Register with the PIN that is set, or set it. Raises 133005, 133006, 133008, 133009, 133015, 133016 or 100."""
    now = world.now()
    if number.on_biz_app:
        raise invalid(
            "The number is in use in the WhatsApp Business app and is registered already; do not register it."
        )
    if pin is None:
        raise invalid("The parameter pin is required.")
    if not is_pin(pin):
        raise invalid("Param pin must be a string of exactly 6 digits")
    if region is not None and region not in REGIONS:
        raise invalid(f"Param data_localization_region must be one of {{{', '.join(sorted(REGIONS))}}}")
    _count(world, number)
    if _recently_deleted(world, number):
        raise GraphError(133015)
    if not number.verified or (not number.registered and now > number.onboarded_at + SIGNUP_SECONDS):
        raise GraphError(133006)
    _check_pin(world, number, str(pin))
    number.pin, number.registered, number.status = str(pin), True, "CONNECTED"
    number.region = str(region) if region else number.region
    world.numbers.put(number)
    world.tell("state")


def deregister(world: World, number: Number) -> None:
    """Take the number off; not for a number that stays on the app."""
    if number.on_biz_app:
        raise invalid("The number is in use in the WhatsApp Business app; disconnect it there.")
    _count(world, number)
    if not number.registered:
        raise GraphError(133010)
    number.registered, number.status = False, "DISCONNECTED"
    world.numbers.put(number)
    world.tell("state")


def request_code(world: World, number: Number) -> str:
    """Send the code by SMS, which here is a bubble on the screen."""
    if number.verified:
        raise GraphError(136024, why="the number is verified already")
    number.otp = f"{secrets.randbelow(1_000_000):06d}"
    world.numbers.put(number)
    world.tell("otp", number=number.id, display_phone_number=display(number.digits), otp=number.otp)
    return number.otp


def verify_code(world: World, number: Number, code: object) -> None:
    """Accept the code of the SMS once; 136025 for any other."""
    if number.otp is None or str(code).replace("-", "").replace(" ", "") != number.otp:
        raise GraphError(136025)
    number.verified, number.otp = True, None
    world.numbers.put(number)
    world.tell("state")


def display(digits: str) -> str:
    """``6281110002001`` → ``+62 811-1000-2001``, as Meta prints numbers."""
    if not digits.startswith("62"):
        return f"+{digits}"
    rest = digits[2:]
    return f"+62 {rest[:3]}-{rest[3:7]}-{rest[7:]}".rstrip("-")


def holder(world: World, digits: str) -> Number | Person | None:
    """Who uses a phone number already."""
    found = next((row for row in world.numbers if row.digits == digits and not row.deleted_at), None)
    return found or world.people.by_phone(digits)


def _recently_deleted(world: World, number: Number) -> bool:
    gone = [row.deleted_at for row in world.numbers if row.digits == number.digits and row.deleted_at]
    return any(world.now() < at + DELETED_SECONDS for at in gone)


def _count(world: World, number: Number) -> None:
    now = world.now()
    number.register_log = [at for at in number.register_log if at > now - LOG_SECONDS]
    if len(number.register_log) >= LOG_LIMIT:
        raise GraphError(133016)
    number.register_log.append(now)
    world.numbers.put(number)


def _check_pin(world: World, number: Number, pin: str) -> None:
    now = world.now()
    if now < number.pin_locked_until:
        raise GraphError(133008, wait=int(number.pin_locked_until - now) + 1)
    if number.pin is None or number.pin == pin:
        number.pin_tries = 0
        return
    if now < number.pin_wrong_at + GUESS_PAUSE:
        raise GraphError(133009, wait=1)
    number.pin_tries += 1
    number.pin_wrong_at = now
    if number.pin_tries >= GUESSES:
        number.pin_tries, number.pin_locked_until = 0, now + LOCK_SECONDS
    world.numbers.put(number)
    if number.pin_locked_until > now:
        raise GraphError(133008, wait=int(LOCK_SECONDS))
    raise GraphError(133005)
