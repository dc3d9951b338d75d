"""Posting webhooks: signed, kept until acknowledged, tried again on the virtual clock."""

import http.client
import queue
import secrets
import ssl
import threading
import time
import zlib
from collections import deque
from typing import Any
from urllib.parse import urlencode, urlsplit

from botruntime.emulator import payloads
from botruntime.emulator.records import Delivery, Json, Timer
from botruntime.emulator.webhooks import Webhooks
from botruntime.emulator.world import World

RETRIES = (0, 60, 300, 1800, 7200, 21600)
HORIZON_SECONDS = 7 * 86400
TIMEOUT_SECONDS = 10.0
POSTERS = 4
REMEMBERED = 1000


def retry_after(attempt: int) -> float:
    """Seconds between failed attempt number ``attempt`` (from 1) and the next one."""
    if attempt <= len(RETRIES):
        return RETRIES[attempt - 1]
    return float(RETRIES[-1] * 2 ** min(attempt - len(RETRIES), 20))


class Line:
    """Keep-alive connections of one thread, by host."""

    def __init__(self) -> None:
        self._open: dict[str, http.client.HTTPConnection] = {}

    def request(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """One request without redirects. Raises OSError or http.client.HTTPException."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        origin = f"{parts.scheme}://{parts.netloc}"
        known = origin in self._open
        try:
            return self._ask(origin, method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self._drop(origin)
            if not known:  # a fresh connection failed: the failure is real
                raise
        return self._ask(origin, method, path, body, headers)

    def _ask(
        self, origin: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = self._open.get(origin)
        if connection is None:
            secure, place = origin.startswith("https:"), urlsplit(origin).netloc
            connection = (
                http.client.HTTPSConnection(place, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
                if secure
                else http.client.HTTPConnection(place, timeout=TIMEOUT_SECONDS)
            )
            self._open[origin] = connection
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.read(65536)
        except (OSError, http.client.HTTPException):
            self._drop(origin)
            raise

    def _drop(self, origin: str) -> None:
        connection = self._open.pop(origin, None)
        if connection is not None:
            connection.close()


def handshake(url: str, verify_token: str) -> bool:
    """Meta's verification of a callback: 200 with the challenge as body (Meta: Webhooks, getting started)."""
    challenge = str(secrets.randbelow(2**31))
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token})
    try:
        separator = "&" if urlsplit(url).query else "?"
        status, body = Line().request("GET", f"{url}{separator}{query}", None, {"User-Agent": "facebookplatform/1.0"})
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return status == 200 and body.decode("latin-1") == challenge


class Deliverer:
    """A few posting threads; one chat always uses the same one, so its updates leave in order."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world = world
        self._webhooks = webhooks
        self._queues: list[queue.SimpleQueue[str | None]] = [queue.SimpleQueue() for _ in range(POSTERS)]
        self._under_way = 0
        self._quiet = threading.Condition()
        self.log: deque[Json] = deque(maxlen=REMEMBERED)
        self.uninstall: Any = None
        world.timers.on("deliver", self._timer)

    def start(self) -> None:
        """Start the threads and take up what a killed process left."""
        for line in self._queues:
            threading.Thread(target=self._work, args=(line,), daemon=True).start()
        with self._world.unit():
            waiting = {timer.data["id"] for timer in self._world.timers if timer.kind == "deliver"}
            for delivery in self._world.deliveries:
                if delivery.id not in waiting:  # it was under way when the process died
                    self.enqueue(delivery.id)

    def stop(self) -> None:
        """Let the threads end after what is queued now."""
        for line in self._queues:
            line.put(None)

    def enqueue(self, delivery_id: str) -> None:
        """Post soon; under the world's lock."""
        delivery = self._world.deliveries.get(delivery_id)
        if delivery is None:
            return
        with self._quiet:
            self._under_way += 1
        self._queues[zlib.crc32(delivery.key.encode()) % POSTERS].put(delivery_id)

    def retry_now(self) -> int:
        """Post everything that waits for its retry at once; the number of deliveries."""
        waiting = [delivery for delivery in self._world.deliveries if delivery.attempt > 0]
        for delivery in waiting:
            self.enqueue(delivery.id)
        return len(waiting)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is under way, real seconds; never call it under the world's lock."""
        with self._quiet:
            return self._quiet.wait_for(lambda: self._under_way == 0, timeout)

    def _timer(self, timer: Timer) -> None:
        self.enqueue(timer.data["id"])

    def _work(self, line: "queue.SimpleQueue[str | None]") -> None:
        connections = Line()
        while (delivery_id := line.get()) is not None:
            try:
                self._deliver(delivery_id, connections)
            finally:
                with self._quiet:
                    self._under_way -= 1
                    self._quiet.notify_all()

    def _deliver(self, delivery_id: str, connections: Line) -> None:
        with self._world.unit():
            delivery = self._world.deliveries.get(delivery_id)
            if delivery is None:
                return
            url = self._webhooks.target(delivery.updates[-1]).get("callback_url", "")
            body, headers = self._sign(delivery)
            copies = self._world.faults.take("dup")
        acknowledged = False
        for _ in range(copies if isinstance(copies, int) and copies > 1 else 1):
            acknowledged = self._post(delivery, url, body, headers, connections)
        with self._world.unit():
            self._conclude(delivery, acknowledged)

    def _post(self, delivery: Delivery, url: str, body: bytes, headers: dict[str, str], line: Line) -> bool:
        started = time.monotonic()
        try:
            status, _ = line.request("POST", url, body, headers)
        except (OSError, http.client.HTTPException, ValueError):
            status = 0  # no answer
        taken = round((time.monotonic() - started) * 1000, 1)
        text = body.decode() if len(body) < 100_000 else body[:2000].decode(errors="replace")
        row = {"id": delivery.id, "url": url, "attempt": delivery.attempt + 1, "status": status, "ms": taken}
        self.log.append(row | {"at": self._world.now(), "body": text, "headers": headers})
        return status == 200

    def _conclude(self, delivery: Delivery, acknowledged: bool) -> None:
        if self._world.deliveries.get(delivery.id) is None:
            return
        if acknowledged and not self._world.faults.take("ack_timeout"):
            self._world.deliveries.remove(delivery.id)
            has_message = any("messages" in update["value"] for update in delivery.updates)
            if has_message and self._world.faults.take("mid_flight_uninstall"):
                self.uninstall(delivery.updates[-1]["waba_id"])
            return
        delivery.attempt += 1
        last = self._world.now()
        due = last + retry_after(delivery.attempt)
        if due - delivery.due > HORIZON_SECONDS:
            self._world.deliveries.remove(delivery.id)
            return
        self._world.deliveries.put(delivery)
        self._world.timers.set(due, "deliver", id=delivery.id)

    def _sign(self, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
        faults, secret = self._world.faults, self._world.settings.app_secret
        body = payloads.envelope(delivery.updates)
        if faults.take("extra_keys"):
            body = payloads.with_extra_keys(body)
        if faults.take("null_values"):
            body = payloads.with_nulls(body)
        if faults.take("big_payload"):
            body = payloads.padded(body)
        raw = payloads.encode(body, escape=faults.all().get("escape", True) is not False)
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if faults.take("no_signature"):
            return raw, headers
        headers["X-Hub-Signature"] = payloads.signature(secret, raw, "sha1")
        if faults.take("sha1_only"):
            return raw, headers
        if faults.take("other_app_secret"):
            secret = "another-app-secret"  # noqa: S105 - what a foreign app would sign with
        signed = payloads.signature(secret, raw)
        if faults.take("bad_signature"):
            signed = "sha256=" + signed[7:][::-1]
        headers["X-Hub-Signature-256"] = signed
        return raw, headers
