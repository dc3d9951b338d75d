"""Files a send names by ``link``: Meta fetches them itself; one it cannot fetch makes the message fail with 131053.

The emulator has no network: it fetches from this machine only, and takes links elsewhere on trust.
"""

import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from botruntime.emulator import chat, files
from botruntime.emulator.records import Json, Message, Timer
from botruntime.emulator.statuses import Statuses
from botruntime.emulator.world import World

HERE = frozenset({"localhost", "127.0.0.1", "::1"})
LIMIT = 100 * 1024 * 1024
TIMEOUT_SECONDS = 5.0
KINDS = ("image", "audio", "video", "document", "sticker")


@dataclass(frozen=True)
class Fetched:
    """A fetched file."""

    raw: bytes
    mime_type: str


class Links:
    """Fetches the files of accepted messages; their statuses wait for it."""

    def __init__(self, world: World, statuses: Statuses) -> None:
        self._world = world
        self._statuses = statuses
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="links")
        world.timers.on("fetch", self._due)

    def takes(self, message: Message) -> bool:
        """Whether the message waits for a file of this machine; then it will be scheduled here."""
        linked = linked_object(message.body)
        if linked is None or urlsplit(linked["link"]).hostname not in HERE:
            return False
        self._world.timers.set(self._world.now(), "fetch", wamid=message.id)
        return True

    def resume(self) -> None:
        """Take up what a killed process was fetching."""
        waiting = {timer.data["wamid"] for timer in self._world.timers if timer.kind == "fetch"}
        for message in self._world.messages:
            if message.status == "accepted" and not message.status_at and message.id not in waiting:
                linked = linked_object(message.body)
                if linked is not None and "id" not in linked:
                    self.takes(message)

    def stop(self) -> None:
        """Fetch nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _due(self, timer: Timer) -> None:
        self._pool.submit(self._fetch, timer.data["wamid"])

    def _fetch(self, wamid: str) -> None:
        with self._world.unit():
            message = self._world.messages.get(wamid)
        linked = linked_object(message.body) if message else None
        if message is None or linked is None:
            return
        fetched = fetch(linked["link"])
        with self._world.unit():
            thread = self._world.chats[message.chat_id]
            number = self._world.numbers.get(thread.number_id)
            if number is not None and fetched is not None:
                kept = files.keep(self._world, number, fetched.raw, fetched.mime_type, files.UPLOAD_SECONDS)
                linked["id"] = kept.id
                chat.changed(self._world, message)
            failure = None if fetched else 131053
            self._statuses.schedule(message, self._world.people[thread.person_id], failure)


def linked_object(body: Json) -> Json | None:
    """The media object of a message, or of its header, that has a ``link``."""
    inner = body.get(body["type"], {})
    if body["type"] == "interactive":
        header = inner.get("header") or {}
        inner = header.get(header.get("type"), {})
    elif body["type"] not in KINDS:
        return None
    return inner if isinstance(inner, dict) and "link" in inner else None


def fetch(url: str) -> Fetched | None:
    """The file, or None when it cannot be had: unreachable, not 200, empty, or too big. No redirects."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = make(parts.netloc, timeout=TIMEOUT_SECONDS)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"User-Agent": "facebookexternalhit/1.1"})
            answer = connection.getresponse()
            raw = answer.read(LIMIT + 1)
            kind = answer.headers.get_content_type()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return None
    return Fetched(raw, kind) if answer.status == 200 and 0 < len(raw) <= LIMIT else None
