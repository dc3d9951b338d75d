"""What becomes of a sent message: sent +0.2 s, delivered +0.5 s, read +2 s, each its own webhook; or failed."""

import itertools

from botruntime.emulator import payloads
from botruntime.emulator.errors import status_error
from botruntime.emulator.records import Json, Message, Person, Timer
from botruntime.emulator.webhooks import Webhooks
from botruntime.emulator.world import World

RANK = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}
SERVICE_BILLED_FROM = 1790812800.0  # 2026-10-01T00:00Z, when free-form messages became billable
FAILED_AFTER = 0.5


class Statuses:
    """Schedules the statuses of sent messages and tells app and phones of each."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world = world
        self._webhooks = webhooks
        self._turns = itertools.cycle((True, False))
        world.timers.on("status", self._due)

    def schedule(self, message: Message, person: Person, failure: int | None = None) -> None:
        """Plan the statuses of a message just accepted; ``failure`` = the code it will fail with."""
        faults = self._world.faults
        late = faults.take("late_failed")
        if failure is None and late:
            self._at(message, person.sent_after, "sent")
            failure = int(late) if not isinstance(late, bool) else 131026
        if failure is None and person.blocked:
            failure = 131026
        if failure is not None:
            return self._at(message, FAILED_AFTER, "failed", failure)
        plan = {"sent": person.sent_after}
        if message.body["type"] != "reaction":
            if not faults.take("skip_delivered"):
                plan["delivered"] = person.delivered_after
            if person.read_after is not None and not faults.take("no_read"):
                plan["read"] = max(person.read_after, person.delivered_after)
        names, delays = list(plan), sorted(plan.values())
        if faults.take("reorder"):
            names.reverse()
        for name, delay in zip(names, delays, strict=True):
            if not (person.offline and name != "sent"):
                self._at(message, delay, name)
        return None

    def came_online(self, person: Person) -> None:
        """Deliver what waited for a phone that was off."""
        for chat_id in [chat.id for chat in self._world.chats if chat.person_id == person.id]:
            for wamid in self._world.threads[chat_id]:
                message = self._world.messages[wamid]
                if message.direction == "out" and message.status in {"accepted", "sent"}:
                    self._at(message, person.delivered_after, "delivered")
                    if person.read_after is not None:
                        self._at(message, max(person.read_after, person.delivered_after), "read")

    def seen(self, chat_id: str, name: str = "read") -> int:
        """The person looked at the chat: everything not read yet is read now; the number of messages."""
        count = 0
        for wamid in self._world.threads[chat_id]:
            message = self._world.messages[wamid]
            waiting = message.direction == "out" and message.status in {"accepted", "sent", "delivered"}
            if waiting and message.body["type"] != "reaction":
                self.change(message, name, self._world.now())
                count += 1
        return count

    def _at(self, message: Message, delay: float, name: str, failure: int | None = None) -> None:
        self._world.timers.set(message.at + delay, "status", wamid=message.id, name=name, failure=failure)

    def _due(self, timer: Timer) -> None:
        message = self._world.messages.get(timer.data["wamid"])
        if message is None or timer.data["name"] in message.status_at:
            return
        person = self._world.people[self._world.chats[message.chat_id].person_id]
        if person.offline and timer.data["name"] in {"delivered", "read"}:
            return
        self.change(message, timer.data["name"], timer.due, timer.data["failure"])

    def change(self, message: Message, name: str, at: float, failure: int | None = None) -> None:
        """Give a message a status; app and phones hear of it. The kept status only moves forward."""
        world = self._world
        chat = world.chats[message.chat_id]
        number, person = world.numbers.get(chat.number_id), world.people[chat.person_id]
        if number is None or (name == "read" and not person.read_receipts):
            return
        message.status_at[name] = at
        if RANK[name] > RANK[message.status]:
            message.status = name
        extra: Json = self._pricing(message, name)
        if failure is not None:
            message.errors = extra["errors"] = [status_error(failure)]
        extra["with_contacts"] = name != "failed" or self._failed_contacts()
        world.messages.put(message)
        identity = world.identity(person, world.portfolio_of(number))
        value = payloads.status(number, identity, message, name, at, extra)
        self._webhooks.emit(number.waba_id, "messages", value, key=chat.id, number_id=number.id)
        told = {"wamid": message.id, "status": message.status, "timestamp_ms": int(at * 1000), "errors": message.errors}
        world.tell("status", number=number.id, user=person.id, **told)

    def _failed_contacts(self) -> bool:
        """Both shapes of a failed status occur in life; without the switch they take turns."""
        chosen = self._world.faults.take("failed_contacts")
        if chosen is not None:
            return bool(chosen)
        return next(self._turns)

    def _pricing(self, message: Message, name: str) -> Json:
        """``pricing`` goes with ``sent`` and with one of delivered and read."""
        shown = name == "sent" or name == "delivered" or (name == "read" and "delivered" not in message.status_at)
        if not shown or not message.pricing:
            return {}
        extra: Json = {"pricing": dict(message.pricing)}
        if message.pricing["type"] == "free_entry_point":
            until = self._world.chats[message.chat_id].entry_point_until
            conversation = {"id": message.chat_id.encode().hex()[:32], "origin": {"type": "referral_conversion"}}
            extra["conversation"] = conversation | {"expiration_timestamp": str(int(until))}
        return extra


def pricing(category: str, at: float, in_window: bool, entry_point: bool) -> Json:
    """What a message costs, as statuses tell it (Meta: pricing, per-message since July 2025)."""
    if entry_point:
        return {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_entry_point",
            "category": "referral_conversion",
        }
    free = category == "service" or (category == "utility" and in_window)
    kind = "free_customer_service" if free and at < SERVICE_BILLED_FROM else "regular"
    return {"billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": category}
