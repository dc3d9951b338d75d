"""The pretend WhatsApp: all tables, one lock, one clock, one space of Graph ids."""

import base64
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botruntime.emulator.clock import Clock, Timers
from botruntime.emulator.events import Hub
from botruntime.emulator.faults import Faults
from botruntime.emulator.journal import Journal, Table
from botruntime.emulator.people import Identity, People
from botruntime.emulator.records import (
    Chat,
    Code,
    Delivery,
    Grant,
    Json,
    Login,
    Mail,
    Media,
    Message,
    Meta,
    Number,
    Person,
    Portfolio,
    Signup,
    Template,
    Timer,
    Token,
    Waba,
)
from botruntime.emulator.settings import Settings

PREFIXES = {"portfolio": 71, "waba": 72, "number": 73, "system_user": 76, "media": 88, "template": 16, "account": 66}


class World:
    """Everything the emulator knows. Touch it only inside ``unit()``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.journal = Journal(settings.data)
        self.meta = Table(self.journal, Meta)
        self.logins = Table(self.journal, Login)
        self.portfolios = Table(self.journal, Portfolio)
        self.wabas = Table(self.journal, Waba)
        self.numbers = Table(self.journal, Number)
        self.people = People(Table(self.journal, Person))
        self.chats = Table(self.journal, Chat)
        self.messages = Table(self.journal, Message)
        self.media = Table(self.journal, Media)
        self.templates = Table(self.journal, Template)
        self.grants = Table(self.journal, Grant)
        self.tokens = Table(self.journal, Token)
        self.codes = Table(self.journal, Code)
        self.signups = Table(self.journal, Signup)
        self.deliveries = Table(self.journal, Delivery)
        self.mails = Table(self.journal, Mail)
        self.clock = Clock(self.meta)
        self.timers = Timers(Table(self.journal, Timer), self.clock)
        self.faults = Faults(self.meta)
        self.hub = Hub()
        self.typing: dict[str, float] = {}
        self.threads: dict[str, list[str]] = defaultdict(list)
        for message in self.messages:
            self.threads[message.chat_id].append(message.id)
        self.committed: Callable[[], None] = lambda: None
        self._lock = threading.RLock()
        self._depth = 0

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Alone with the world; what was changed is committed at the outermost end, also after an error."""
        with self._lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.journal.commit()
                    self.committed()

    def now(self) -> float:
        """Virtual unix seconds."""
        return self.clock.now()

    def new_id(self, kind: str) -> str:
        """A fresh 15-digit Graph id; never used twice, resets included."""
        row = self.meta.get("ids")
        counters = dict(row.value) if row else {}
        counters[kind] = counters.get(kind, 100) + 1
        self.meta.put(Meta("ids", counters))
        return f"{PREFIXES[kind]}{counters[kind]:013d}"

    def tell(self, kind: str, **rest: object) -> None:
        """Publish one event to the live stream."""
        self.hub.publish({"type": kind, **rest})

    def portfolio_of(self, number: Number) -> str:
        """The id of the portfolio a number belongs to."""
        return self.wabas[number.waba_id].portfolio_id

    def is_subscribed(self, waba: Waba) -> bool:
        """Whether our app hears of this WABA."""
        return self.settings.app_id in waba.subscribed

    def chat(self, number: Number, person: Person) -> Chat:
        """What the two have between them, made at first need."""
        chat_id = f"{number.id}:{person.id}"
        return self.chats.get(chat_id) or self.chats.put(Chat(chat_id, number.id, person.id))

    def identity(self, person: Person, portfolio_id: str) -> Identity:
        """How the portfolio sees the person now. Meta omits a phone that is not visible, it never sends it empty."""
        known = person.phone_visible or person.known_to.get(portfolio_id, 0) > self.now()
        hidden = not known or bool(self.faults.all().get("bsuid_only"))
        bsuid = self.people.bsuid(person, portfolio_id)
        return Identity(person.name, bsuid, None if hidden else person.phone, person.username)

    def app_subscription(self) -> Json:
        """The app's own webhook: ``callback_url``, ``verify_token``, ``fields``."""
        row = self.meta.get("app_subscription")
        return dict(row.value) if row else {}


def new_wamid() -> str:
    """A message id: opaque, unique for ever, never derived from a phone number."""
    return "wamid." + base64.b64encode(b"\x1c\x18" + secrets.token_bytes(31)).decode()
