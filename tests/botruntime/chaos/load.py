"""Meta as a sender of webhooks: sends until told 200, a fifth of all twice, with a ledger of what was acked."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from tests.botruntime import hooks
from tests.botruntime.chaos.graph import Graph

DUPLICATES = 0.2


@dataclass
class Load:
    """``ledger`` maps each contact to the wamids acked, in the order in which they were acked."""

    door: str
    number: str
    chance: random.Random
    ledger: dict[str, list[str]] = field(default_factory=dict)
    duplicates: int = 0
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def talk(self, people: int, messages: int, senders: int, pause: float, first: int = 0) -> None:
        """``people`` contacts write ``messages`` each; one contact's next message waits for the last one's 200."""
        with ThreadPoolExecutor(senders) as pool:
            shares = [range(first + sender, first + people, senders) for sender in range(senders)]
            list(pool.map(lambda share: self._share(share, messages, pause), shares))

    def _share(self, people: range, messages: int, pause: float) -> None:
        chance = random.Random(self.chance.random())
        with requests.Session() as http:
            for turn in range(messages):
                for person in people:
                    wa_id, wamid = f"62857{person:08}", f"wamid.IN{person:04}.{turn:03}"
                    sender = hooks.person(wa_id, f"ID.{person}", f"Orang {person}")
                    message = hooks.text(f"{turn}", sender, id=wamid, timestamp=str(int(time.time())))
                    body = hooks.hook(self.number, message)
                    self.post(http, body)
                    with self._lock:
                        self.ledger.setdefault(wa_id, []).append(wamid)
                    if chance.random() < DUPLICATES:
                        self.duplicates += 1
                        self.post(http, body)
                    time.sleep(pause)

    def post(self, http: requests.Session, body: bytes) -> None:
        """Again and again until it is acked, as Meta does for days."""
        while True:
            try:
                answer = http.post(f"{self.door}/webhooks/whatsapp", data=body, headers=hooks.headers(body), timeout=5)
                if answer.status_code == 200:
                    return
                assert answer.status_code == 503, answer.status_code
            except requests.RequestException:
                pass
            self.refused += 1
            time.sleep(0.1)

    def report(self, graph: Graph, stop: threading.Event) -> None:
        """Statuses of what was sent, each first late and then twice."""
        with requests.Session() as http:
            while not stop.is_set() or not graph.reports.empty():
                if graph.reports.empty():
                    time.sleep(0.05)
                    continue
                number, wamid, code = graph.reports.get()
                for name in ("delivered", "sent", "delivered"):
                    status = hooks.status(wamid, name, biz_opaque_callback_data=code)
                    self.post(http, hooks.hook(number, statuses=[status]))
