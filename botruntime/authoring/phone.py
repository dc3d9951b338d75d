"""The phone in the terminal: what `pasarbot bot chat` draws and understands.

A number presses the button or row shown with it. Words beginning with a colon steer: `:wait 2h`, `:send audio`,
`:restart`, `:state`, `:help`, `:quit`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, get_args

from botruntime.sdk.contract import BotError, MessageKind, Reply
from botruntime.sdk.simulator.user import User, choices
from catalog.texts import text

if TYPE_CHECKING:
    from botruntime.sdk import Bot


class Phone:
    """One contact's phone on a fresh installation of `bot`; `show` gets every line to print."""

    def __init__(self, bot: Bot, language: str, show: Callable[[str], None]) -> None:
        self._sim = bot.sim(language=language)
        self._code = self._sim.user("Andi").code
        self._language = language
        self._show = show
        self._offered: list[tuple[str, str, MessageKind]] = []
        self._drawn = 0

    @property
    def user(self) -> User:
        """The contact."""
        return User(self._sim, self._code)

    def takes(self, line: str) -> bool:
        """Do what the line says and show what came of it; False when it ends the chat."""
        command, _, rest = line.strip().partition(" ")
        if command in (":quit", ":q"):
            return False
        try:
            self._do(command, rest.strip(), line)
        except (BotError, ValueError) as problem:
            self._show(text(self._language, "bot.chat.failed", problem=str(problem)))
        self._draw_news()
        return True

    def _do(self, command: str, rest: str, line: str) -> None:
        if command == ":wait":
            self._sim.advance(rest or "1h")
            self._show(text(self._language, "bot.chat.now", time=f"{self._sim.now:%d-%m-%Y %H:%M} UTC"))
        elif command == ":restart":
            self._sim.restart()
        elif command == ":send" and rest in get_args(MessageKind):
            self.user.sends(rest)  # type: ignore[arg-type]
        elif command == ":state":
            self._show(json.dumps(self.user.chat.state, ensure_ascii=False, indent=2))
        elif command.startswith(":"):
            self._show(text(self._language, "bot.chat.help", kinds=", ".join(get_args(MessageKind))))
        elif line.strip().isdigit() and 1 <= int(line) <= len(self._offered):
            self.user.presses(*self._offered[int(line) - 1])
        else:
            self.user.says(line)

    def _draw_news(self) -> None:
        lines = self.user.chat.lines
        for line in lines[self._drawn :]:
            if line.who == "not_sent":
                self._show(text(self._language, "bot.chat.not_sent", reason=line.text))
            elif line.who == "bot" and line.reply:
                self._draw(line.reply)
        self._drawn = len(lines)

    def _draw(self, reply: Reply) -> None:
        for piece in _pieces(reply):
            self._show(f"  {piece}")
        offered = choices(reply)
        if not offered:
            return
        self._offered = offered
        details = {row.id: row.description for section in reply.sections for row in section.rows}
        for place, (key, title, _) in enumerate(offered, start=1):
            more = f" - {details[key]}" if details.get(key) else ""
            self._show(f"    [{place}] {title}{more}")


def _pieces(reply: Reply) -> Iterator[str]:
    if reply.file:
        yield f"[{reply.kind}] {reply.file.link or reply.file.id}"
    if reply.location:
        yield f"[{reply.kind}] {reply.location.latitude}, {reply.location.longitude} {reply.location.name}"
    for piece in (reply.header, reply.body, reply.footer, reply.label and f"({reply.label})", reply.url):
        yield from (line for line in piece.splitlines() if piece)
