"""Who a send is for: ``to`` (phone) wins over ``recipient`` (BSUID)."""

from dataclasses import dataclass

from botruntime.emulator.errors import GraphError
from botruntime.emulator.people import BSUID, PHONE, digits_of
from botruntime.emulator.records import Json, Number, Person
from botruntime.emulator.schema_values import wrong
from botruntime.emulator.world import World

KNOWN_SECONDS = 30 * 86400.0
COUNTRY_CODE = "62"


@dataclass
class Recipient:
    """The addressee as written and as found; ``person`` None = a phone nobody has written from yet."""

    input: str
    digits: str | None
    bsuid: str | None
    person: Person | None

    @property
    def key(self) -> str:
        """What names the person in counters."""
        return self.person.id if self.person else str(self.digits or self.bsuid)


def resolve(world: World, number: Number, body: Json) -> Recipient:
    """Read ``to`` or ``recipient``; 131009 when it can be neither a phone nor a BSUID."""
    if body.get("recipient_type") == "group":
        raise wrong("groups are not part of this platform's number")
    if body.get("to"):
        written = str(body["to"])
        digits = digits_of(written)
        if digits.startswith("0"):  # Meta may prepend the business's own country code
            digits = COUNTRY_CODE + digits[1:]
        if not PHONE.fullmatch(digits):
            raise wrong("to must be a phone number with its country code")
        return Recipient(written, digits, None, world.people.by_phone(digits))
    bsuid = str(body["recipient"])
    if not BSUID.fullmatch(bsuid):
        raise wrong("recipient must be a business-scoped user id")
    return Recipient(bsuid, None, bsuid, world.people.by_bsuid(bsuid, world.portfolio_of(number)))


def check(number: Number, to: Recipient) -> None:
    """131021 to oneself, 131030 outside a test number's list, 131026 where no WhatsApp account is."""
    if to.digits == number.digits:
        raise GraphError(131021)
    allowed = number.allowed_recipients
    if allowed is not None and (to.person.phone if to.person else to.digits) not in allowed:
        raise GraphError(131030)
    if (to.person is None and to.bsuid) or (to.person is not None and not to.person.on_whatsapp):
        raise GraphError(131026)


def meet(world: World, number: Number, to: Recipient) -> Person:
    """The person to deliver to; writing to a phone makes it visible to the portfolio for 30 days."""
    person = to.person or world.people.meet(str(to.digits), world.portfolio_of(number))
    assert person is not None
    if to.digits:
        person.known_to[world.portfolio_of(number)] = world.now() + KNOWN_SECONDS
        world.people.save(person)
    return person
