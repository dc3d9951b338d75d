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
from urllib.parse import urlsplit

import httptools

HEAD_CAP = 32 * 1024
IDLE_SECONDS = 20.0


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
        self._reset()

    def _reset(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.answer = Answer()
        self.chunks: list[bytes] = []
        self.size = 0

    # asyncio's side
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.is_open = transport, True

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
    async def exchange(self, request: bytes) -> Answer:
        """Write one request and wait for its answer."""
        assert self.transport is not None
        self._reset()
        self.keep = False
        self.waiter = self.loop.create_future()
        self.transport.write(request)
        try:
            return await self.waiter
        finally:
            if not self.keep:
                self.close()

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
        self._netloc = parts.netloc.rpartition("@")[2]
        self._body_cap = body_cap
        self._idle: deque[_Connection] = deque()
        self._busy: set[_Connection] = set()
        self._slots = asyncio.Semaphore(limit)

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """POST `body` (JSON) to `path` below the base address, within one total deadline.

        Raises `Unreached` where the request cannot have arrived, `Lost` where it may have.
        """
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if not path.isprintable() or " " in path or any(not value.isprintable() for value in headers.values()):
            raise Unreached("a control character in path or header")
        request = (
            f"POST {self.prefix}{path} HTTP/1.1\r\nHost: {self._netloc}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nContent-Length: {len(body)}\r\n{head}\r\n"
        ).encode("latin-1") + body
        is_written = False
        try:
            async with asyncio.timeout(self.deadline), self._slots:
                connection = await self._connection()
                is_written = True
                return await self._exchange(connection, request)
        except TimeoutError:
            raise (Lost if is_written else Unreached)("deadline") from None

    async def close(self) -> None:
        """Close every connection; requests under way end as `Lost`."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()

    async def _exchange(self, connection: _Connection, request: bytes) -> Answer:
        self._busy.add(connection)
        try:
            answer = await connection.exchange(request)
        finally:
            self._busy.discard(connection)
        if connection.keep and connection.is_open:
            connection.idle_since = connection.loop.time()
            self._idle.append(connection)
        return answer

    async def _connection(self) -> _Connection:
        loop = asyncio.get_running_loop()
        oldest = loop.time() - IDLE_SECONDS
        while self._idle and (not self._idle[0].is_open or self._idle[0].idle_since < oldest):
            self._idle.popleft().close()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        try:
            _, made = await loop.create_connection(
                lambda: _Connection(self._body_cap), self._host, self._port, ssl=self._tls
            )
        except OSError as wrong:  # refused, unreachable, unknown host, and every failure of TLS
            raise Unreached(str(wrong)) from None
        return made
