"""``POST /{phone}/messages`` (Meta: Messages): the checks in Meta's order, then accept."""

from botruntime.emulator import chat, recipients, templates
from botruntime.emulator.errors import GraphError, invalid
from botruntime.emulator.limits import Limits
from botruntime.emulator.links import Links
from botruntime.emulator.records import Json, Media, Message, Number, Person, Template
from botruntime.emulator.schema import check_message, check_product
from botruntime.emulator.schema_values import wrong
from botruntime.emulator.statuses import Statuses, pricing
from botruntime.emulator.world import World, new_wamid

TYPING_SECONDS = 25.0
REACTION_SECONDS = 30 * 86400.0
MEDIA_KINDS = ("image", "audio", "video", "document", "sticker")


class Sending:
    """Accepts what businesses send."""

    def __init__(self, world: World, limits: Limits, statuses: Statuses, links: Links) -> None:
        self._world = world
        self._limits = limits
        self._statuses = statuses
        self._links = links

    def send(self, number: Number, body: Json) -> Json:
        """Meta's answer to a send, or its refusal as GraphError. Token and access were checked before."""
        self._check_number(number)
        kind = check_message(body)
        to = recipients.resolve(self._world, number, body)
        self._check_references(number, body, kind)
        self._check_faults()
        self._limits.check_throughput(number)
        self._limits.check_pair(f"{number.id}:{to.key}")
        failure = self._check_window(number, to, kind)
        recipients.check(number, to)
        waba = self._world.wabas[number.waba_id]
        template = templates.check(self._world, waba, body["template"], to.person) if kind == "template" else None
        if not (number.payment and waba.payment):
            raise GraphError(131042)
        person = recipients.meet(self._world, number, to)
        message = self._accept(number, person, body, kind, template)
        message.sent_to = {"input": to.input, **({"wa_id": to.digits} if to.digits else {"user_id": to.bsuid})}
        if template is not None and not self._in_window(number, person):
            failure = failure or self._count_reach(number, person)
        chat.keep(self._world, message)
        if failure is not None or not self._links.takes(message):
            self._statuses.schedule(message, person, failure)
        if kind == "reaction":
            target = self._world.messages[body["reaction"]["message_id"]]
            chat.react(self._world, target, "business", body["reaction"]["emoji"])
        answer: Json = {"id": message.id} | ({"message_status": "accepted"} if template else {})
        return {"messaging_product": "whatsapp", "contacts": [dict(message.sent_to)], "messages": [answer]}

    def mark_read(self, number: Number, body: Json) -> Json:
        """The read receipt, which marks earlier messages too, with the typing indicator if wished."""
        self._check_number(number)
        check_product(body)
        if body.get("status") != "read":
            raise invalid("Param status must be one of {READ}")
        read = self._world.messages.get(str(body.get("message_id", "")))
        if read is None or read.direction != "in" or self._world.chats[read.chat_id].number_id != number.id:
            raise wrong("message_id does not name a message this number received")
        typing = body.get("typing_indicator")
        if typing is not None and (not isinstance(typing, dict) or typing.get("type") != "text"):
            raise wrong("typing_indicator.type must be text")
        for wamid in self._world.threads[read.chat_id]:
            message = self._world.messages[wamid]
            if message.direction == "in" and message.status != "read" and message.at <= read.at:
                message.status = "read"
                message.status_at["read"] = self._world.now()
                chat.changed(self._world, message)
        if typing:
            chat.type_until(self._world, self._world.chats[read.chat_id], self._world.now() + TYPING_SECONDS)
        return {"success": True}

    def _check_number(self, number: Number) -> None:
        if not (number.registered or number.on_biz_app):
            raise GraphError(133010)
        restricted = self._world.wabas[number.waba_id].restricted
        if restricted is not None:
            raise GraphError(131031 if restricted == "DISABLE" else 368)

    def _check_references(self, number: Number, body: Json, kind: str) -> None:
        if kind == "reaction":
            target = self._world.messages.get(body["reaction"]["message_id"])
            too_old = target is not None and target.at < self._world.now() - REACTION_SECONDS
            if target is None or too_old or target.body["type"] == "reaction":
                raise wrong("reaction.message_id must name a message of the last 30 days that is no reaction itself")
        medium = body.get(kind, {}) if kind in MEDIA_KINDS else {}
        header = body["interactive"].get("header", {}) if kind == "interactive" else {}
        medium = medium or header.get(header.get("type"), {})
        if isinstance(medium, dict) and "id" in medium and self._file(number, medium["id"]) is None:
            raise wrong(f"media id {medium['id']} does not exist or belongs to another number")

    def _file(self, number: Number, media_id: str) -> Media | None:
        found = self._world.media.get(media_id)
        return found if found and found.number_id == number.id and found.until > self._world.now() else None

    def _check_faults(self) -> None:
        if self._world.faults.take("maintenance"):
            raise GraphError(131057)
        code = self._world.faults.take("throttle")
        if code:
            raise GraphError(int(code) if not isinstance(code, bool) else 130429)

    def _in_window(self, number: Number, person: Person) -> bool:
        return chat.in_window(self._world, self._world.chat(number, person))

    def _check_window(self, number: Number, to: recipients.Recipient, kind: str) -> int | None:
        if kind == "template" or (to.person is not None and self._in_window(number, to.person)):
            return None
        if self._world.faults.take("window") == "sync":
            raise GraphError(131047)
        return 131047

    def _count_reach(self, number: Number, person: Person) -> int | None:
        within = self._limits.reach(self._world.portfolio_of(number), person.id)
        return None if within else 131064

    def _accept(self, number: Number, person: Person, body: Json, kind: str, template: Template | None) -> Message:
        thread = self._world.chat(number, person)
        shown: Json = {"type": kind, kind: body[kind]}
        quoted = body.get("context", {}).get("message_id")
        if quoted and quoted in self._world.threads[thread.id]:  # silently ignored when unknown
            shown["context"] = {"id": quoted}
        message = Message(new_wamid(), thread.id, "out", self._world.now(), shown, "accepted", by="api")
        message.opaque = body.get("biz_opaque_callback_data")
        category = template.category.lower() if template else "service"
        in_entry_point = thread.entry_point_until > message.at
        message.pricing = pricing(category, message.at, self._in_window(number, person), in_entry_point)
        if template is not None:
            message.rendered = templates.render(template, body["template"])
        chat.type_until(self._world, thread, 0.0)
        return message
