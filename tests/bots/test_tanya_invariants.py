"""What holds for TANYA whatever anybody does (bots.md 7.2, invariants)."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from botruntime import bots
from botruntime.sdk.contract import Message
from botruntime.sdk.platform import refusals
from botruntime.sdk.simulator import Simulator, User
from botruntime.sdk.simulator.user import choices

ANSWERS = {row["jawaban_id"] for row in bots.load("tanya").manifest.defaults()["faq"]}
ANSWERS |= {row["jawaban_en"] for row in bots.load("tanya").manifest.defaults()["faq"]}
WORDS = ("jam buka", "kucing", "ongkir", "Budi", "besok", "halo", "admin", "menu", "batal", "minta penawaran", "data")
SENDS = ("audio", "image", "sticker", "location", "reaction", "unsupported", "edit")
people = st.integers(0, 1)


class Tanya(RuleBasedStateMachine):
    """Two contacts, their owner and the clock, in any order."""

    sim: Simulator
    users: list[User]

    @initialize(hour=st.integers(0, 23))
    def begin(self, hour: int) -> None:
        self.sim = bots.load("tanya").sim()
        self.sim.advance(f"{hour}h") if hour else None
        self.users = [self.sim.user("Andi"), self.sim.user("Sari", phone_visible=False)]

    @rule(who=people, text=st.sampled_from(WORDS) | st.text(max_size=30))
    def say(self, who: int, text: str) -> None:
        self._act(who, lambda user: user.says(text))

    @rule(who=people, place=st.integers(0, 30))
    def press(self, who: int, place: int) -> None:
        offered = [choice for reply in self.users[who].received for choice in choices(reply)]
        if offered:
            self._act(who, lambda user: user.presses(*offered[place % len(offered)]))

    @rule(who=people, kind=st.sampled_from(SENDS))
    def send(self, who: int, kind: Any) -> None:
        self._act(who, lambda user: user.sends(kind))

    @rule(who=people, text=st.sampled_from(WORDS))
    def deliver_twice(self, who: int, text: str) -> None:
        message = Message(id=self.sim.new_id(), text=text, at=self.sim.now)
        self._act(who, lambda user: user.repeats(message))
        before = dict(self.sim.tables.records), len(self.users[who].received)
        assert self.users[who].repeats(message) is None
        assert before == (dict(self.sim.tables.records), len(self.users[who].received))

    @rule(span=st.sampled_from(["1m", "11m", "1h", "9h", "25h"]))
    def wait(self, span: str) -> None:
        spoken_to = [user for user in self.users if self._is_human(user)]
        until = [user.chat.human_until for user in spoken_to]
        counts = [len(user.received) for user in spoken_to]
        self.sim.advance(span)
        for user, end, count in zip(spoken_to, until, counts, strict=True):
            during = [line for line in user.chat.lines if line.who == "bot" and end and line.at < end]
            assert len(during) <= count

    @rule()
    def restart(self) -> None:
        self.sim.restart()

    @rule(who=people)
    def person(self, who: int) -> None:
        self.sim.person_answers(self.users[who], "ok")

    @precondition(lambda self: hasattr(self, "users"))
    @invariant()
    def nothing_is_sent_that_the_platform_refuses(self) -> None:
        for user in self.users:
            assert not [problem for reply in user.received for problem in refusals(reply)]

    @precondition(lambda self: hasattr(self, "users"))
    @invariant()
    def answers_are_verbatim_owner_text(self) -> None:
        for user in self.users:
            assert {reply.body for reply in user.received if reply.key == "answer"} <= ANSWERS

    @precondition(lambda self: hasattr(self, "users"))
    @invariant()
    def a_lead_is_saved_once_for_each_thanks(self) -> None:
        thanks = sum(line.text.startswith(("Terima kasih", "Thank you")) for line in self._bot_lines())
        kept = self.sim.tables.count("prospek")
        left = sum(notice.kind == "message_left" for notice in self.sim.notices)
        erased = len(self.sim.erasures)
        assert kept + left == thanks or (erased and kept + left <= thanks)

    @precondition(lambda self: hasattr(self, "users"))
    @invariant()
    def a_contact_has_one_open_wish_and_it_will_be_closed(self) -> None:
        for user in self.users:
            wishes = self.sim.tables.find("percakapan", contact=user.code, where={"state": "menunggu"})
            assert len(wishes) <= 1
            names = {timer.name for timer in user.chat.timers}
            assert not wishes or "tutup" in names

    def teardown(self) -> None:
        """No dead end: MENU and ADMIN always answer."""
        for user in getattr(self, "users", ()):
            user.says("MENU")
            assert user.news
            user.says("ADMIN")
            assert user.news

    def _act(self, who: int, act: Any) -> None:
        user = self.users[who]
        human, before = self._is_human(user), len(user.received)
        act(user)
        said = user.received[before:]
        own = [
            reply for reply in said if reply.key in ("answer", "several", "nomatch", "queue", "offhours", "lead_name")
        ]
        assert not (human and self._is_human(user) and own), "the bot spoke over a person"

    def _is_human(self, user: User) -> bool:
        until = user.chat.human_until
        return user.chat.mode == "human" and until is not None and until > self.sim.now

    def _bot_lines(self) -> list[Any]:
        return [line for user in self.users for line in user.chat.lines if line.who in ("bot", "not_sent")]


TestTanya = Tanya.TestCase
TestTanya.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
