"""What people do on their phones, and what the app hears of it."""

from botruntime.emulator import chat, payloads
from botruntime.emulator.limits import Limits
from botruntime.emulator.recipients import KNOWN_SECONDS
from botruntime.emulator.records import Json, Message, Number, Person
from botruntime.emulator.statuses import Statuses
from botruntime.emulator.webhooks import Webhooks
from botruntime.emulator.world import World, new_wamid

EDIT_SECONDS = 15 * 60.0
ENTRY_POINT_SECONDS = 72 * 3600.0
UNKNOWN_TYPE: Json = {"type": "hologram", "hologram": {"shape": "sphere"}}


class Refused(ValueError):
    """The phone cannot do that; the text says why."""


class Receiving:
    """Takes what people send and tells the app."""

    def __init__(self, world: World, webhooks: Webhooks, limits: Limits, statuses: Statuses) -> None:
        self._world = world
        self._webhooks = webhooks
        self._limits = limits
        self._statuses = statuses

    def receive(self, number: Number, person: Person, body: Json, wamid: str | None = None) -> Message:
        """A message of a person to a number; ``body`` has ``type``, the type's object, ``context``, ``referral``."""
        world, thread = self._world, self._world.chat(number, person)
        now, reachable = world.now(), number.registered or number.on_biz_app
        message = Message(wamid or new_wamid(), thread.id, "in", now, body, "delivered" if reachable else "sent")
        message.status_at = {message.status: now}
        if "referral" in body:
            thread.entry_point_until = now + ENTRY_POINT_SECONDS
        if body["type"] not in {"edit", "revoke"}:
            thread.last_in_at = now
        if body["type"] == "contacts" and body.get("origin") == "contact_request":
            person.known_to[world.portfolio_of(number)] = now + KNOWN_SECONDS
            world.people.save(person)
        world.chats.put(thread)
        self._statuses.seen(thread.id)
        chat.keep(world, message)
        if reachable and person.id not in number.blocked:
            self._limits.count(number)
            self._tell(number, person, message)
        return message

    def tap(self, number: Number, person: Person, wamid: str, pressed: str, response: Json | None) -> Message:
        """A pressed reply button, list row, template button, form or contact request. Raises Refused."""
        asked = self._own(number, person, wamid, "out")
        answer = _flow_answer(asked, response) if response is not None else _answer(asked, pressed, person)
        context = {"from": number.digits, "id": asked.id}
        return self.receive(number, person, {"context": context, **answer})

    def react(self, number: Number, person: Person, wamid: str, emoji: str) -> Message:
        """A reaction; taking it back sends it without ``emoji``."""
        target = self._own(number, person, wamid, None)
        reaction = {"message_id": wamid, **({"emoji": emoji} if emoji else {})}
        message = self.receive(number, person, {"type": "reaction", "reaction": reaction})
        chat.react(self._world, target, "user", emoji)
        return message

    def edit(self, number: Number, person: Person, wamid: str, text: str) -> Message:
        """A changed text or caption, within 15 minutes."""
        message = self._own(number, person, wamid, "in")
        kind = message.body["type"]
        if message.at < self._world.now() - EDIT_SECONDS or kind not in {"text", "image", "video", "document"}:
            raise Refused("only texts and captions of the last 15 minutes can be edited")
        message.body = {**message.body, kind: {**message.body[kind], "body" if kind == "text" else "caption": text}}
        message.edited = True
        changed = {"type": kind, kind: message.body[kind]}
        told = self._announce(
            number, person, {"type": "edit", "edit": {"original_message_id": wamid, "message": changed}}
        )
        chat.changed(self._world, message)
        return told

    def revoke(self, number: Number, person: Person, wamid: str) -> Message:
        """A message deleted for everyone."""
        message = self._own(number, person, wamid, "in")
        message.revoked = True
        told = self._announce(number, person, {"type": "revoke", "revoke": {"original_message_id": wamid}})
        chat.changed(self._world, message)
        return told

    def echo(self, number: Number, person: Person, body: Json) -> Message:
        """The owner answers in the WhatsApp Business app (Meta: smb_message_echoes)."""
        if not number.on_biz_app:
            raise Refused("only a number that stays on the WhatsApp Business app has somebody typing there")
        world, thread = self._world, self._world.chat(number, person)
        message = Message(new_wamid(), thread.id, "out", world.now(), body, "sent", by="owner")
        chat.keep(world, message)
        identity = world.identity(person, world.portfolio_of(number))
        to = {"to": identity.wa_id} if identity.wa_id else {"to_user_id": identity.bsuid}
        echoed = {"from": number.digits, **to, "id": message.id, "timestamp": str(int(message.at)), **body}
        value = {"messaging_product": "whatsapp", "metadata": payloads.metadata(number), "message_echoes": [echoed]}
        self._webhooks.emit(number.waba_id, "smb_message_echoes", value, key=thread.id, number_id=number.id)
        return message

    def change_phone(self, person: Person, phone: str) -> None:
        """A new phone number: new BSUIDs, and a system message to every number there is a chat with."""
        before, old_ids = person.phone, dict(person.bsuids)
        person.phone, person.bsuids, person.known_to = phone, {}, {}
        self._world.people.save(person)
        for thread in [thread for thread in self._world.chats if thread.person_id == person.id]:
            number = self._world.numbers.get(thread.number_id)
            if number is None:
                continue
            portfolio_id = self._world.portfolio_of(number)
            detail: Json = {"type": "user_changed_number" if person.phone_visible else "user_changed_user_id"}
            detail["user_id"] = self._world.people.bsuid(person, portfolio_id)
            detail["previous_user_id"] = old_ids.get(portfolio_id, "")
            detail["body"] = f"User {person.name} changed their WhatsApp account"
            if person.phone_visible:
                detail |= {"wa_id": phone, "body": f"User {person.name} changed from {before} to {phone}"}
            shown = before if person.phone_visible else None
            value = payloads.system(number, new_wamid(), self._world.now(), shown, detail)
            self._webhooks.emit(number.waba_id, "messages", value, key=thread.id, number_id=number.id)

    def _own(self, number: Number, person: Person, wamid: str, direction: str | None) -> Message:
        message = self._world.messages.get(wamid)
        if (
            message is None
            or message.chat_id != f"{number.id}:{person.id}"
            or direction not in {None, message.direction}
        ):
            raise Refused("that message is not in this chat")
        return message

    def _announce(self, number: Number, person: Person, body: Json) -> Message:
        chat_id = f"{number.id}:{person.id}"
        message = Message(new_wamid(), chat_id, "in", self._world.now(), body, "delivered")
        self._tell(number, person, message)
        return message

    def _tell(self, number: Number, person: Person, message: Message) -> None:
        identity = self._world.identity(person, self._world.portfolio_of(number))
        value = payloads.inbound(number, identity, message)
        if self._world.faults.take("unknown_type"):
            head = {
                key: value["messages"][0][key]
                for key in ("from", "from_user_id", "id", "timestamp")
                if key in value["messages"][0]
            }
            value["messages"] = [head | UNKNOWN_TYPE]
        self._webhooks.emit(number.waba_id, "messages", value, key=message.chat_id, number_id=number.id)


def _answer(asked: Message, pressed: str, person: Person) -> Json:
    kind = asked.body["type"]
    if kind == "template":
        for place, button in enumerate((asked.rendered or {}).get("buttons", [])):
            if pressed in {button.get("id"), button["text"], str(place)} and button["type"] == "quick_reply":
                return {"type": "button", "button": {"payload": button["id"], "text": button["text"]}}
    action = asked.body.get("interactive", {}).get("action", {})
    for button in action.get("buttons", []) if kind == "interactive" else []:
        if pressed in {button["reply"]["id"], button["reply"]["title"]}:
            return {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": button["reply"]}}
    for section in action.get("sections", []):
        for row in section.get("rows", []):
            if pressed in {row["id"], row["title"]}:
                return {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}}
    if action.get("name") == "request_contact_info":
        return _own_card(person)
    raise Refused(f"the message has nothing to press called '{pressed}'")


def _flow_answer(asked: Message, response: Json) -> Json:
    parameters = asked.body.get("interactive", {}).get("action", {}).get("parameters", {})
    filled = {"flow_token": parameters.get("flow_token", "unused"), **response}
    reply = {"name": "flow", "body": "Sent", "response_json": payloads.encode(filled).decode().replace("\\/", "/")}
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}}


def _own_card(person: Person) -> Json:
    phone = {"phone": f"+{person.phone}", "wa_id": person.phone, "type": "CELL"}
    vcard = f"BEGIN:VCARD\nVERSION:3.0\nFN:{person.name}\nTEL;waid={person.phone}:+{person.phone}\nEND:VCARD"
    card = {"name": {"formatted_name": person.name, "first_name": person.name}, "phones": [phone], "vcard": vcard}
    return {"type": "contacts", "contacts": [card], "origin": "contact_request"}
