"""The simulator: one installation, its contacts, its data and a clock that only moves when told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botruntime.sdk import codec, engine, formats
from botruntime.sdk.contract import (
    Asking,
    Business,
    Contact,
    Handover,
    Installation,
    Lifecycle,
    LifecycleKind,
    Message,
    Notice,
    Outcome,
    Record,
    Reply,
    SetTimer,
    TimerFired,
    Turn,
)
from botruntime.sdk.platform import refusals
from botruntime.sdk.simulator.chat import Chat, Line
from botruntime.sdk.simulator.user import User
from botruntime.sdk.tables import MemoryTables

if TYPE_CHECKING:
    from botruntime.sdk.bot import Bot

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Monday 10.00 WIB: inside ordinary office hours."""
WINDOW = timedelta(hours=24)


class Simulator:
    """Runs a bot. `settings` are laid over the manifest's defaults and validated; `start` is the first moment (UTC)."""

    def __init__(
        self,
        bot: Bot,
        settings: dict[str, Any] | None = None,
        *,
        business: str = "Toko Melati",
        zone: str = "Asia/Jakarta",
        language: str = "id",
        start: datetime = START,
    ) -> None:
        self.bot = bot
        self.now = start
        clean, problems = bot.manifest.validate_settings(settings or {}, language)
        if problems:
            raise ValueError(f"settings: {problems}")
        self.installation = Installation("sim", bot.manifest.version, Business(business, zone, language), clean)
        self.tables = MemoryTables()
        self.chats: dict[str, Chat] = {}
        self.notices: list[Notice] = []
        self.handovers: list[tuple[str, Handover]] = []
        self.exports: list[str] = []
        self.erasures: list[str] = []
        self._made = 0
        self.lifecycle("install")

    def user(
        self,
        name: str = "Andi",
        *,
        phone_visible: bool = True,
        username: str | None = None,
        language: str | None = None,
    ) -> User:
        """A new contact with a phone in hand. Without a visible number only a username or nothing is known."""
        code = f"c{len(self.chats) + 1}"
        phone = f"+62812000000{len(self.chats) + 1:02d}" if phone_visible else None
        self.chats[code] = Chat(Contact(code, name, username, phone, language))
        return User(self, code)

    def new_id(self) -> str:
        """A message id never used before."""
        self._made += 1
        return f"wamid.sim{self._made:06d}"

    def deliver(self, code: str, message: Message) -> Outcome | None:
        """Bring a message in; None when it was brought before. Raises BotError as the bot fails."""
        chat = self.chats[code]
        self._end_takeover(chat)
        if message.id in chat.seen:
            return None
        chat.last_in_at = self.now
        outcome = self._run(chat, message)
        chat.seen.append(message.id)
        chat.is_known = True
        return outcome

    def advance(self, by: str | timedelta) -> None:
        """Move the clock; timers that come due fire at their moment, in order."""
        end = self.now + formats.duration(by)
        while due := [(timer.at, code, timer) for code, chat in self.chats.items() for timer in chat.timers]:
            moment, code, timer = min(due, key=lambda item: (item[0], item[1], item[2].name, item[2].key))
            if moment > end:
                break
            self.now = max(self.now, moment)
            self.fire(code, timer)
        self.now = end

    def fire(self, code: str, timer: SetTimer) -> None:
        """Let one timer fire now."""
        chat = self.chats[code]
        self._end_takeover(chat)
        chat.timers = [item for item in chat.timers if item != timer]
        event = TimerFired(id=f"{code}/{timer.name}/{timer.key}/{timer.at.isoformat()}", name=timer.name,
                           key=timer.key, at=timer.at, data=timer.data)  # fmt: skip
        self._run(chat, event)

    def lifecycle(self, kind: LifecycleKind, old: dict[str, Any] | None = None) -> Outcome:
        """Something happens to the installation."""
        turn = Turn(self.installation, Lifecycle(id=self.new_id(), kind=kind, old=old or {}), self.now)
        outcome = engine.run(self.bot, turn, self.tables)
        self.notices += outcome.notices
        return outcome

    def change_settings(self, **changes: Any) -> None:
        """The owner saves the form with other values."""
        old = self.installation.settings
        clean, problems = self.bot.manifest.validate_settings({**old, **changes})
        if problems:
            raise ValueError(f"settings: {problems}")
        self.installation = replace(self.installation, settings=clean)
        self.lifecycle("settings", old)

    def person_answers(self, user: User, text: str) -> None:
        """Somebody answers from the business's phone: the bot is silent for as long as the settings say (an hour)."""
        chat = self.chats[user.code]
        minutes = int(self.installation.settings.get("diam_setelah_echo_menit") or 60)
        chat.mode, chat.human_until = "human", self.now + timedelta(minutes=minutes)
        chat.asking = None
        chat.lines.append(Line("note", f"[{self.installation.business.name}] {text}", self.now))

    def restart(self) -> None:
        """Everything that lives between turns goes through JSON, as if all processes had ended and begun again."""
        chats = json.loads(json.dumps(codec.dump(self.chats), allow_nan=False))
        records = json.loads(json.dumps(codec.dump(list(self.tables.records.values())), allow_nan=False))
        self.tables = MemoryTables(codec.load(Record, record) for record in records)
        self.chats = {code: codec.load(Chat, chat) for code, chat in chats.items()}
        for code, chat in self.chats.items():
            asking = chats[code]["asking"]
            chat.asking = Asking.from_dict(asking) if asking else None

    def fuzz(self, seed: int, steps: int = 60) -> None:
        """Misuse the bot at random: duplicates, stale buttons, odd texts and kinds, waiting, restarts.

        Raises BotError or AssertionError when it fails.
        """
        from botruntime.sdk.simulator.fuzz import fuzz

        fuzz(self, seed, steps)

    def transcript(self) -> str:
        """All conversations as text, for reading after a failure."""
        return "\n".join(
            f"{line.at:%d %H:%M} {_MARKS[line.who]} {chat.contact.name}: {line.text}"
            for chat in self.chats.values()
            for line in chat.lines
        )

    # One turn

    def _run(self, chat: Chat, event: Message | TimerFired) -> Outcome:
        turn = Turn(
            self.installation, event, self.now, chat.contact, chat.state, chat.asking, chat.mode,
            first=isinstance(event, Message) and not chat.is_known, last_unknown_at=chat.last_unknown_at,
        )  # fmt: skip
        outcome = engine.run(self.bot, turn, self.tables)
        self._apply(chat, outcome, answers=isinstance(event, Message))
        return outcome

    def _apply(self, chat: Chat, outcome: Outcome, *, answers: bool) -> None:
        json.dumps(outcome.to_dict(), allow_nan=False)
        chat.state, chat.asking = outcome.state, outcome.asking
        chat.mode = outcome.mode or chat.mode
        chat.last_unknown_at = outcome.seen_unknown_at or chat.last_unknown_at
        chat.is_opted_out = (chat.is_opted_out or outcome.opt_out) and not outcome.opt_in
        if outcome.language:
            chat.contact = replace(chat.contact, language=outcome.language)
        for timer in outcome.timers:
            chat.timers = [item for item in chat.timers if (item.name, item.key) != (timer.name, timer.key)]
            if isinstance(timer, SetTimer):
                chat.timers.append(timer)
        for reply in outcome.replies:
            self._send(self.chats[reply.to] if reply.to else chat, reply, answers=answers and reply.to is None)
        for reply in outcome.held:
            chat.lines.append(Line("not_sent", f"[held] {reply.body}", self.now, reply))
        self._note(chat, outcome)

    def _send(self, chat: Chat, reply: Reply, *, answers: bool) -> None:
        problems = list(refusals(reply))
        if problems:
            raise AssertionError(f"the platform would refuse this reply: {problems}: {reply}")
        reason = ""
        if chat.is_opted_out and not answers:
            reason = "opted_out"
        elif chat.last_in_at is None or self.now - chat.last_in_at >= WINDOW:
            reason = "" if reply.template else "no_window"
        shown = f"[{reply.template.name}] {reply.body}" if reply.template and not answers else reply.body
        who = "not_sent" if reason else "bot"
        chat.lines.append(Line(who, f"[{reason}] {shown}" if reason else shown, self.now, reply))  # type: ignore[arg-type]

    def _note(self, chat: Chat, outcome: Outcome) -> None:
        self.notices += outcome.notices
        if outcome.handover:
            self.handovers.append((chat.contact.code, outcome.handover))
        if outcome.export:
            self.exports.append(chat.contact.code)
        if outcome.erase:
            self.erasures.append(chat.contact.code)
            chat.contact = replace(chat.contact, name="", username=None, language=None)
            chat.timers = []

    def _end_takeover(self, chat: Chat) -> None:
        if chat.mode == "human" and chat.human_until and chat.human_until <= self.now:
            chat.mode, chat.human_until = "bot", None


_MARKS = {"contact": ">", "bot": "<", "not_sent": "x", "note": "#"}
