"""`ctx`: what a handler sees of the turn and how it says what it wants. All of it is a wish until the turn ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from botruntime.sdk import cards, formats, limits
from botruntime.sdk.contract import (
    Asking,
    BotError,
    Business,
    CancelTimer,
    Conflict,
    Contact,
    Handover,
    InputKind,
    Message,
    Mode,
    Notice,
    Outcome,
    Reject,
    Reply,
    SetTimer,
    Tables,
    TemplateUse,
    Turn,
)
from botruntime.sdk.tables import Pending, checked
from botruntime.sdk.views import TableView

if TYPE_CHECKING:
    from botruntime.sdk.bot import Bot

OWN = "_sdk"
ASK_TIMER = "_ask"


class Ctx:
    """The context of one turn. Times are aware UTC datetimes; `settings` holds validated values only."""

    def __init__(self, bot: Bot, turn: Turn, tables: Tables) -> None:
        self.bot = bot
        self.turn = turn
        self.now: datetime = turn.now
        self.business: Business = turn.installation.business
        self.settings: dict[str, Any] = {
            **bot.manifest.defaults(self.business.language),
            **turn.installation.settings,
        }
        kept = checked(turn.state, limits.STATE_BYTES)
        self.own: dict[str, Any] = kept.pop(OWN, {})
        self.state: dict[str, Any] = kept
        """This contact's memory between turns; JSON, at most 64 KiB."""
        self.asking = turn.asking
        self.mode: Mode = turn.mode
        self.out = Outcome()
        self.pending = Pending(tables, f"{turn.installation.code}/{turn.event.id}", turn.now)
        self._chosen = turn.contact.language if turn.contact else None

    # Reading

    @property
    def msg(self) -> Message:
        """The message of this turn. Raises BotError in a turn without one (timer, lifecycle)."""
        if isinstance(self.turn.event, Message):
            return self.turn.event
        raise BotError("this turn has no message")

    @property
    def contact(self) -> Contact:
        """The person of this turn. Raises BotError in a turn about the installation itself."""
        if self.turn.contact is None:
            raise BotError("this turn has no contact")
        return self.turn.contact

    @property
    def first(self) -> bool:
        """Whether this is the contact's first message."""
        return self.turn.first

    @property
    def local(self) -> datetime:
        """Now, as the clock on the business's wall shows it."""
        return self.now.astimezone(ZoneInfo(self.business.zone))

    @property
    def language(self) -> str:
        """Chosen by the contact, else guessed from what was written, else the owner's; always one the bot speaks."""
        spoken = self.bot.manifest.languages
        wished = (self._chosen, self.own.get("guess"), self.business.language)
        return next((language for language in wished if language in spoken), spoken[0])

    def when(self, at: datetime) -> str:
        """`Sen 23 Nov 20.00 WIB` / `Mon 23 Nov 8:00 PM WIB`."""
        return formats.when(at, self.business.zone, self.language)

    def money(self, amount_idr: int) -> str:
        """`Rp1.250.000`."""
        return formats.money(amount_idr)

    def t(self, key: str, **fill: Any) -> str:
        """The body of a text in the contact's language, filled."""
        return cards.fitting(self.bot.texts.get(self.language, key).body, self._values(fill), limits.BODY_TEXT)

    def table(self, name: str) -> TableView:
        """One of the collections the manifest declares."""
        if name not in {collection.name for collection in self.bot.manifest.data.collections}:
            raise BotError(f"the manifest declares no collection {name!r}")
        return TableView(self.pending, name, self.turn.contact.code if self.turn.contact else None)

    # Speaking

    def say(
        self,
        key: str,
        *,
        rows: Sequence[Mapping[str, Any]] | None = None,
        page: int = 0,
        buttons: Sequence[tuple[str, str]] | None = None,
        template: TemplateUse | None = None,
        **fill: Any,
    ) -> None:
        """Answer with a text of the catalogue. `rows` are the items of its list, `buttons` replace its buttons,
        `template` is sent instead once the customer service window is closed."""
        self.reply(replace(self._card(key, fill, rows=rows, page=page, buttons=buttons), template=template))

    def reply(self, reply: Reply) -> None:
        """Answer with a reply made by hand (file, location, link)."""
        if len(self.out.replies) >= limits.REPLIES_PER_TURN:
            raise BotError(f"more than {limits.REPLIES_PER_TURN} replies in one turn")
        self.out = replace(self.out, replies=(*self.out.replies, reply))

    def send(self, to: str, key: str, *, template: TemplateUse | None = None, **fill: Any) -> None:
        """Write to another contact of this installation, by code; only the template reaches a closed window."""
        self.reply(replace(self._card(key, fill), template=template, to=to))

    def ask(
        self,
        key: str,
        *,
        step: str,
        input: InputKind = "text",  # noqa: A002
        retries: int = 2,
        timeout: str | timedelta | None = None,
        on_timeout: str | None = None,
        buttons: Sequence[tuple[str, str]] | None = None,
        params: Mapping[str, Any] | None = None,
        silent: bool = False,
        **fill: Any,
    ) -> None:
        """Ask and let `step` have the answer, in a later turn, on whatever process.

        The answer is read as `input` and asked for again at most `retries` times; after `timeout` the question is
        dropped and `on_timeout` (a step, value None) called. Buttons of the question count as answers. `params` are
        handed to the step. `silent` opens the question without saying it (the text before it asked already).
        """
        for name in filter(None, (step, on_timeout)):
            if name not in self.bot.steps:
                raise BotError(f"there is no step {name!r}")
        card = self._card(key, fill, buttons=buttons)
        expires = self.now + formats.duration(timeout) if timeout else None
        self.asking = Asking(
            step, input, key, checked(fill), checked(params or {}), tuple((b.id, b.title) for b in card.buttons),
            retries=retries, expires_at=expires, on_timeout=on_timeout,
        )  # fmt: skip
        if expires:
            self.at(expires, ASK_TIMER, data={"step": step})
        if not silent:
            self.reply(card)

    def reject(self, key: str, **fill: Any) -> NoReturn:
        """Undo everything of this turn and answer only this text."""
        raise Reject(key, **fill)

    # Acting

    def at(self, moment: datetime, name: str, key: str = "", data: Mapping[str, Any] | None = None) -> None:
        """Set a timer for this contact; the same name and key replace the earlier one. The past means at once."""
        if moment.tzinfo is None:
            raise BotError("a timer needs an aware datetime")
        if len(self.out.timers) >= limits.TIMERS_PER_TURN:
            raise BotError(f"more than {limits.TIMERS_PER_TURN} timers in one turn")
        timer = SetTimer(name, moment, key, checked(data or {}))
        self.out = replace(self.out, timers=(*self.out.timers, timer))

    def after(self, delay: str | timedelta, name: str, key: str = "", data: Mapping[str, Any] | None = None) -> None:
        """Set a timer `delay` from now: `90s`, `30m`, `2h`, `1d`."""
        self.at(self.now + formats.duration(delay), name, key, data)

    def cancel(self, name: str, key: str = "") -> None:
        """Forget a timer."""
        self.out = replace(self.out, timers=(*self.out.timers, CancelTimer(name, key)))

    def once(self, key: str) -> bool:
        """True the first time this installation says `key`, False ever after: for timers and other repeats."""
        try:
            self.pending.insert("_once", {}, key, None)
        except Conflict:
            return False
        return True

    def handover(self, team: str = "", note: str = "", *, queue: bool = True, in_hours: bool = True) -> None:
        """Ask for a person. The owner is told by mail, once per waiting. With `queue` the bot falls silent until the
        contact says MENU; without it the bot goes on (outside office hours)."""
        self.out = replace(self.out, handover=Handover(team, note[:1000]))
        if self.turn.mode == "bot":
            who = {"contact": self.contact.name, "username": self.contact.username, "phone": self.contact.phone}
            self.notify_staff("handover_wished", **who, team=team, note=note[:1000], in_hours=in_hours)
        if queue:
            self.mode = "queued"
            self.asking = None

    def resume(self) -> None:
        """Give the chat back to the bot."""
        self.mode = "bot"

    def notify_staff(self, kind: str, **params: Any) -> None:
        """Tell the owner by mail; `kind` names the mail."""
        if len(self.out.notices) >= limits.NOTICES_PER_TURN:
            raise BotError(f"more than {limits.NOTICES_PER_TURN} notices in one turn")
        self.out = replace(self.out, notices=(*self.out.notices, Notice(kind, checked(params))))

    # For the engine

    def choose_language(self, language: str) -> None:
        """The contact picked a language; it holds from now on."""
        self._chosen = language
        self.out = replace(self.out, language=language)

    def _values(self, fill: Mapping[str, Any]) -> dict[str, Any]:
        return {"usaha": self.business.name, **fill}

    def _card(self, key: str, fill: Mapping[str, Any], **options: Any) -> Reply:
        try:
            return cards.card(self.bot.texts.get(self.language, key), self._values(fill), **options)
        except (KeyError, ValueError) as error:
            raise BotError(f"text {key!r}: {error}") from error
