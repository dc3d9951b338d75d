"""The whole emulated platform in one hand: the world and the parts that act on it."""

import threading
from collections import deque

from botruntime.emulator import demo
from botruntime.emulator.delivery import Deliverer
from botruntime.emulator.limits import Limits
from botruntime.emulator.links import Links
from botruntime.emulator.receiving import Receiving
from botruntime.emulator.records import Json, Meta
from botruntime.emulator.sending import Sending
from botruntime.emulator.settings import Settings
from botruntime.emulator.statuses import Statuses
from botruntime.emulator.webhooks import FIELDS, Webhooks
from botruntime.emulator.world import World

REMEMBERED = 2000


class Platform:
    """Made once per process; ``start`` sets the clockwork going."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.world = World(settings)
        self.webhooks = Webhooks(self.world)
        self.deliverer = Deliverer(self.world, self.webhooks)
        self.limits = Limits(self.world)
        self.statuses = Statuses(self.world, self.webhooks)
        self.links = Links(self.world, self.statuses)
        self.sending = Sending(self.world, self.limits, self.statuses, self.links)
        self.receiving = Receiving(self.world, self.webhooks, self.limits, self.statuses)
        self.world.committed = self._committed
        self.requests: deque[Json] = deque(maxlen=REMEMBERED)
        self._stopping = threading.Event()
        with self.world.unit():
            self._configure()
            if self.world.meta.get("seeded") is None:
                demo.seed(self.world)

    def start(self) -> None:
        """Start delivering and let timers run."""
        self.deliverer.start()
        with self.world.unit():
            self.links.resume()
        threading.Thread(target=self._tick, daemon=True).start()

    def stop(self) -> None:
        """Stop the clockwork and close the file."""
        self._stopping.set()
        self.world.timers.poke()
        self.deliverer.stop()
        self.links.stop()
        with self.world.unit():
            pass

    def advance(self, seconds: float) -> None:
        """Move the virtual clock; what fell due has happened when this returns."""
        with self.world.unit():
            self.world.clock.advance(seconds)
            while self.world.timers.run_due():
                continue
        self.world.timers.poke()

    def _committed(self) -> None:
        for delivery_id in self.webhooks.take_ready():
            self.deliverer.enqueue(delivery_id)

    def _tick(self) -> None:
        while not self._stopping.is_set():
            self.world.timers.wait(1.0)
            with self.world.unit():
                self.world.timers.run_due()

    def _configure(self) -> None:
        """The command line is the dashboard: its webhook wins over a stored one when it changed."""
        given = {"callback_url": self.settings.callback, "verify_token": self.settings.verify_token}
        row = self.world.meta.get("dashboard")
        if row is None or row.value != given:
            self.world.meta.put(Meta("dashboard", given))
            self.world.meta.put(Meta("app_subscription", given | {"fields": list(FIELDS)}))
