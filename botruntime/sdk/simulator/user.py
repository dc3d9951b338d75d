"""A contact's phone in a test: says, taps, sends, and looks at what came back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botruntime.sdk.matching import normal
from botruntime.sdk.outcome import Outcome, Reply
from botruntime.sdk.simulator.chat import Chat, Line
from botruntime.sdk.turn import Location, Media, Message, MessageKind

if TYPE_CHECKING:
    from botruntime.sdk.simulator.world import Simulator


class User:
    """One contact. `sees` looks at everything that arrived since the contact's last act."""

    def __init__(self, sim: Simulator, code: str) -> None:
        self._sim = sim
        self.code = code

    @property
    def chat(self) -> Chat:
        """The simulator's memory of this contact."""
        return self._sim.chats[self.code]

    def says(self, text: str, **fields: Any) -> Outcome | None:
        """Type a text. `fields` are those of Message (`referral`, `quoted`, `id`...)."""
        return self._act(text, Message(kind="text", text=text, **fields))

    def taps(self, wanted: str) -> Outcome | None:
        """Press a button or row of any card seen so far, the newest first, by title or by id.

        Raises LookupError when no card has it.
        """
        for reply in reversed(self.received):
            for key, title, kind in choices(reply):
                if key == wanted or normal(title) == normal(wanted):
                    return self.presses(key, title, kind)
        raise LookupError(f"no button {wanted!r} on\n{self._sim.transcript()}")

    def presses(self, payload: str, title: str = "", kind: MessageKind = "button") -> Outcome | None:
        """Send a press with any payload, also one that was never offered."""
        return self._act(f"[{title or payload}]", Message(kind=kind, payload=payload, title=title))

    def sends(self, kind: MessageKind, **fields: Any) -> Outcome | None:
        """Send something else: `image`, `audio`, `location`, `contacts`, `order`, `sticker`, ..."""
        if kind in ("image", "audio", "video", "document", "sticker"):
            fields.setdefault("media", Media("m1", is_voice=kind == "audio"))
        if kind == "location":
            fields.setdefault("location", Location(-6.2, 106.8))
        return self._act(f"({kind})", Message(kind=kind, **fields))

    def repeats(self, message: Message) -> Outcome | None:
        """Deliver the very same message once more, as the platform may."""
        return self._sim.deliver(self.code, message)

    @property
    def received(self) -> list[Reply]:
        """Every reply that arrived, oldest first."""
        return [line.reply for line in self.chat.lines if line.who == "bot" and line.reply]

    @property
    def news(self) -> list[Reply]:
        """Replies since the contact's last act."""
        return [line.reply for line in self.chat.lines[self.chat.mark :] if line.who == "bot" and line.reply]

    @property
    def last(self) -> Reply:
        """The newest reply. Raises IndexError when there is none."""
        return self.received[-1]

    def sees(self, *pieces: str) -> bool:
        """Whether every piece is on the screen since the last act: in bodies, titles, rows or descriptions."""
        screen = "\n".join(shown(reply) for reply in self.news)
        return all(piece in screen for piece in pieces)

    def _act(self, line: str, message: Message) -> Outcome | None:
        message = replace(message, id=message.id or self._sim.new_id(), at=message.at or self._sim.now)
        self.chat.lines.append(Line("contact", line, self._sim.now))
        self.chat.mark = len(self.chat.lines)
        return self._sim.deliver(self.code, message)


def choices(reply: Reply) -> list[tuple[str, str, MessageKind]]:
    """(id, title, kind of press) of everything that can be pressed on a reply."""
    buttons: list[tuple[str, str, MessageKind]] = [(button.id, button.title, "button") for button in reply.buttons]
    return buttons + [(row.id, row.title, "list") for section in reply.sections for row in section.rows]


def shown(reply: Reply) -> str:
    """Everything a person reads on a reply, one piece a line."""
    rows = [row for section in reply.sections for row in section.rows]
    pieces = [reply.header, reply.body, reply.footer, *(button.title for button in reply.buttons), reply.label]
    pieces += [piece for row in rows for piece in (row.title, row.description)]
    return "\n".join(filter(None, [*pieces, reply.url, reply.file.link if reply.file else ""]))
