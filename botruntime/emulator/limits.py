"""How much a number may send: throughput, pair rate, and the portfolio's messaging limit."""

from collections import defaultdict, deque

from botruntime.emulator.errors import GraphError
from botruntime.emulator.records import Number
from botruntime.emulator.world import World

PAIR_SECONDS = 6.0
PAIR_BURST = 45
PORTFOLIO_LIMIT = 250
DAY = 86400.0


class Limits:
    """Counters in virtual time; they live in memory, as a restart is rarer than a minute."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._second: dict[str, deque[float]] = defaultdict(deque)
        self._paid_until: dict[str, float] = {}
        self._reached: dict[str, dict[str, float]] = defaultdict(dict)

    def count(self, number: Number) -> bool:
        """Count one message in or out; whether it is still within the number's messages per second."""
        now, recent = self._world.now(), self._second[number.id]
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= (min(number.mps, 20) if number.on_biz_app else number.mps):
            return False
        recent.append(now)
        return True

    def check_throughput(self, number: Number) -> None:
        """130429 above 80 messages a second (20 with coexistence), in and out together."""
        if not self.count(number):
            raise GraphError(130429)

    def check_pair(self, chat_id: str) -> None:
        """131056 above one message in 6 s to one person; a burst of 45 borrows from the future."""
        now = self._world.now()
        paid = max(self._paid_until.get(chat_id, 0.0), now)
        if paid - now > PAIR_SECONDS * (PAIR_BURST - 1):
            raise GraphError(131056)
        self._paid_until[chat_id] = paid + PAIR_SECONDS

    def reach(self, portfolio_id: str, person_id: str) -> bool:
        """Count one person written to outside a window; whether that is within 250 in 24 hours."""
        now, reached = self._world.now(), self._reached[portfolio_id]
        for known in [known for known, at in reached.items() if at <= now - DAY]:
            del reached[known]
        if person_id not in reached and len(reached) >= PORTFOLIO_LIMIT:
            return False
        reached.setdefault(person_id, now)
        return True

    def clear(self) -> None:
        """Forget everything counted."""
        self._second.clear()
        self._paid_until.clear()
        self._reached.clear()
