"""A small keep-alive HTTP/1.1 client for the sender: POST of JSON to one origin, many at once from one event loop.

It exists for two reasons a general client does not serve: the cost of a send decides the product's throughput, and
the sender must know whether a failed request can have reached the other side (`Lost`) or not (`Unreached`).
It follows no redirect, reads no proxy setting, sends no cookie, and bounds every answer in time and size.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import httptools

HEAD_CAP = 32 * 1024
IDLE_SECONDS = 20.0
WATCH_SECONDS = 0.1


class Unreached(Exception):
    """Nothing of the request left this machine: sending again cannot send twice."""


class Lost(Exception):
    """The request was written, at least in part, and no complete answer came back."""


@dataclass(slots=True)
class Answer:
    """Status, lower-case headers and the whole body."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class _Connection(asyncio.Protocol):
    """One connection, one exchange at a time; httptools calls the `on_…` methods while it parses."""

    def __init__(self, body_cap: int) -> None:
        self.body_cap = body_cap
        self.loop = asyncio.get_running_loop()
        self.waiter: asyncio.Future[Answer] | None = None
        self.transport: asyncio.Transport | None = None
        self.is_open = False
        self.keep = False
        self.idle_since = 0.0
        self.expires_at = 0.0
        self._reset()

    def _reset(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.answer = Answer()
        self.chunks: list[bytes] = []
        self.size = 0

    # asyncio's side
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, but have all it has.
        self.transport, self.is_open = cast("asyncio.Transport", transport), True

    def data_received(self, data: bytes) -> None:
        if self.waiter is None or self.waiter.done():
            # Nobody asked: an answer after its deadline, or a server out of step.
            self.close()
            return
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, _TooLarge) as wrong:
            self._fail(Lost(str(wrong) or type(wrong).__name__))

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self.waiter is None or self.waiter.done():
            return
        if self.answer.status and "content-length" not in self.answer.headers and not self._is_chunked():
            # HTTP/1.0 style: the end of the connection is the end of the body.
            self._finish()
        else:
            self._fail(Lost(str(exc) if exc else "connection closed before the answer ended"))

    # httptools' side
    def on_message_begin(self) -> None:
        if self.waiter is None or self.waiter.done():
            raise _TooLarge("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.size += len(name) + len(value)
        if self.size > HEAD_CAP:
            raise _TooLarge("head too large")
        self.answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.answer.status = self.parser.get_status_code()
        self.size = 0

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        if self.size > self.body_cap:
            raise _TooLarge("body too large")
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        if 100 <= self.answer.status < 200:
            # An interim answer; the real one follows in the same parser.
            self.answer, self.chunks, self.size = Answer(), [], 0
            return
        self.keep = self.parser.should_keep_alive()
        self._finish()

    # ours
    def begin(self, request: bytes, expires_at: float) -> asyncio.Future[Answer]:
        """Write one request; the future gets its answer, or `Lost`."""
        self._reset()
        self.keep = False
        self.expires_at = expires_at
        self.waiter = self.loop.create_future()
        cast("asyncio.Transport", self.transport).write(request)
        return self.waiter

    def expire(self) -> None:
        """The deadline has passed."""
        self._fail(Lost("deadline"))

    def close(self) -> None:
        self.is_open = False
        if self.transport is not None:
            self.transport.abort()

    def _is_chunked(self) -> bool:
        return "chunked" in self.answer.headers.get("transfer-encoding", "")

    def _finish(self) -> None:
        self.answer.body = b"".join(self.chunks)
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(self.answer)

    def _fail(self, error: Exception) -> None:
        self.close()
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_exception(error)


class _TooLarge(Exception):
    """The answer is larger than anything the platform would say."""


class Client:
    """Connections to one origin, kept alive, newest first so that idle ones die of age."""

    def __init__(self, base_url: str, *, deadline: float = 10.0, body_cap: int = 64 * 1024, limit: int = 256) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the base address must be http(s)://host[:port]")
        self.deadline = deadline
        self.prefix = parts.path.rstrip("/")
        self._host, self._port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        netloc = parts.netloc.rpartition("@")[2]
        self._head = f"Host: {netloc}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        self._body_cap = body_cap
        self._idle: deque[_Connection] = deque()
        self._busy: set[_Connection] = set()
        self._limit, self._open = limit, 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._watch: asyncio.TimerHandle | None = None

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """POST `body` (JSON) to `path` below the base address, within one total deadline.

        Raises `Unreached` where the request cannot have arrived, `Lost` where it may have.
        """
        given = path + "".join(headers.values())
        if not given.isascii() or not given.isprintable() or " " in path:
            raise Unreached("a character in path or header that may not be there")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {self.prefix}{path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n{head}\r\n"
        request = head.encode() + body
        loop = asyncio.get_running_loop()
        expires_at = loop.time() + self.deadline
        connection = self._idle_connection(loop.time())
        if connection is None:
            connection = await self._connect(expires_at)
        waiter = connection.begin(request, expires_at)
        self._busy.add(connection)
        if self._watch is None:
            self._watch = loop.call_later(WATCH_SECONDS, self._expire_overdue)
        try:
            return await waiter
        finally:
            self._busy.discard(connection)
            self._give_back(connection)

    async def close(self) -> None:
        """Close every connection; requests under way end as `Lost`."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _expire_overdue(self) -> None:
        """One timer watches over all deadlines: a timer for each request would cost as much as the request."""
        now = asyncio.get_running_loop().time()
        for connection in [busy for busy in self._busy if busy.expires_at <= now]:
            connection.expire()
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(WATCH_SECONDS, self._expire_overdue) if self._busy else None

    def _idle_connection(self, now: float) -> _Connection | None:
        oldest = now - IDLE_SECONDS
        while self._idle and (not self._idle[0].is_open or self._idle[0].idle_since < oldest):
            self._idle.popleft().close()
            self._freed()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
            self._freed()
        return None

    async def _connect(self, expires_at: float) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(expires_at):
                while self._open >= self._limit:
                    turn: asyncio.Future[None] = loop.create_future()
                    self._queue.append(turn)
                    await turn
                    idle = self._idle_connection(loop.time())
                    if idle is not None:
                        return idle
                self._open += 1
                try:
                    _, made = await loop.create_connection(
                        lambda: _Connection(self._body_cap), self._host, self._port, ssl=self._tls
                    )
                except BaseException:
                    self._freed()
                    raise
        except TimeoutError:
            self._call_next()
            raise Unreached("deadline") from None
        except OSError as wrong:  # refused, unreachable, unknown host, and every failure of TLS
            raise Unreached(str(wrong)) from None
        return made

    def _give_back(self, connection: _Connection) -> None:
        if connection.keep and connection.is_open:
            connection.idle_since = connection.loop.time()
            self._idle.append(connection)
            self._call_next()
        else:
            connection.close()
            self._freed()

    def _freed(self) -> None:
        self._open -= 1
        self._call_next()

    def _call_next(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
