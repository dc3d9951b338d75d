"""A tiny Graph on a port of its own, in the test's event loop, that answers, refuses and misbehaves as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float
    """Seconds of the loop's clock."""

    @property
    def code(self) -> str:
        return str(self.body["biz_opaque_callback_data"])

    @property
    def to(self) -> str:
        return str(self.body.get("to") or self.body.get("recipient"))

    @property
    def text(self) -> str:
        return str(self.body["text"]["body"])


Answer = bytes | None
Handler = Callable[[Request], Answer | Awaitable[Answer]]


def http(body: bytes | str | dict[str, Any], status: int = 200, **headers: str) -> bytes:
    """A whole HTTP answer."""
    if isinstance(body, dict):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def accepted(request: Request) -> bytes:
    """Graph took the message; the wamid is made of the message's code."""
    return http({"messaging_product": "whatsapp", "contacts": [{}], "messages": [{"id": wamid_of(request.code)}]})


def wamid_of(code: object) -> str:
    return f"wamid.{code}"


def error(code: int, status: int = 400, details: str = "because", **headers: str) -> bytes:
    """One of Meta's errors."""
    said = {"message": f"(#{code}) No", "code": code, "error_data": {"details": details}, "fbtrace_id": "Trace1"}
    return http({"error": said}, status, **headers)


@dataclass
class Graph:
    """`handler` answers each request: bytes to write, or None to drop the connection without a word."""

    url: str = ""
    handler: Handler = accepted
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def texts(self) -> list[str]:
        return [request.text for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while True:
                request = await self._read(reader)
                self.requests.append(request)
                answer = self.handler(request)
                made = answer if isinstance(answer, bytes) or answer is None else await answer
                if made is None:
                    break
                writer.write(made)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def drop_all(self) -> None:
        """Close every connection, as a server does with idle ones."""
        for writer in list(self._writers):
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        return Request(first.split()[1], headers, json.loads(body), asyncio.get_running_loop().time())


@asynccontextmanager
async def running_graph(handler: Handler = accepted) -> AsyncIterator[Graph]:
    graph = Graph(handler=handler)
    server = await asyncio.start_server(graph.serve, "127.0.0.1", 0)
    graph.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield graph
    finally:
        server.close()
        graph.drop_all()
        await asyncio.sleep(0)
