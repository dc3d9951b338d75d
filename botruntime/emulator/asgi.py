"""The process's ASGI face: the live stream natively, Flask behind a2wsgi, and faults below HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware

from botruntime.emulator.control import is_foreign
from botruntime.emulator.events import Listener
from botruntime.emulator.platform import Platform
from botruntime.emulator.web import create

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
THREADS = 16
HEARTBEAT_SECONDS = 15.0
DROP_HEADER = b"x-emulator-drop"


class Dropped(Exception):
    """The answer is withheld and the connection cut."""


class Application:
    """ASGI application of one platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._streams: set[Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flask = WSGIMiddleware(create(platform), workers=THREADS)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return None
        if scope["path"] == "/__ctl/stream":
            return await self._stream(scope, receive, send)
        if scope["path"].startswith("/v"):
            await asyncio.sleep(self._latency())
        return await self._guarded(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._loop = asyncio.get_running_loop()
                self._platform.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._platform.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def end_streams(self) -> None:
        """Let every live stream end, so that the process can; safe in a signal handler."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._say_goodbye)

    def _say_goodbye(self) -> None:
        for listener in self._streams:
            listener.queue.put_nowait(None)

    def _latency(self) -> float:
        value = self._platform.world.faults.all().get("latency_ms", 0)
        return min(float(value), 60_000.0) / 1000 if isinstance(value, int | float) else 0.0

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watching(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                wish = dict(message.get("headers", [])).get(DROP_HEADER)
                if wish is not None:
                    await asyncio.sleep(float(wish))
                    cut(send)
                    raise Dropped
            await send(message)

        try:
            await self._flask(scope, receive, watching)  # type: ignore[arg-type]
        except Dropped:
            return

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if is_foreign(headers.get("origin"), headers.get("host", "")):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        last = headers.get("last-event-id", "")
        listener = Listener(asyncio.get_running_loop())
        missed = self._platform.world.hub.join(listener, int(last) if last.isdigit() else None)
        kind = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        await send({"type": "http.response.body", "body": b"retry: 1000\n\n", "more_body": True})
        gone = asyncio.create_task(left(receive))
        self._streams.add(listener)
        try:
            for numbered in missed:
                await send(event(numbered))
            while not gone.done() and await next_event(listener, gone, send):
                continue
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._streams.discard(listener)
            self._platform.world.hub.leave(listener)
            gone.cancel()


async def next_event(listener: Listener, gone: "asyncio.Task[None]", send: Send) -> bool:
    """Send the next event, or a heartbeat when there is none for a while; False when the stream is to end."""
    waiting = asyncio.create_task(listener.queue.get())
    done, _ = await asyncio.wait({waiting, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if waiting in done:
        numbered = waiting.result()
        if numbered is not None:
            await send(event(numbered))
        return numbered is not None
    waiting.cancel()
    if gone not in done:
        await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
    return True


def event(numbered: tuple[int, dict[str, Any]]) -> MutableMapping[str, Any]:
    """One Server-Sent Event as an ASGI message."""
    line = f"id: {numbered[0]}\ndata: {json.dumps(numbered[1])}\n\n"
    return {"type": "http.response.body", "body": line.encode(), "more_body": True}


async def left(receive: Receive) -> None:
    """Return when the client is gone; the first message is the request itself."""
    while (await receive())["type"] != "http.disconnect":
        continue


def cut(send: Send) -> None:
    """Close the connection without an answer, as a lost network does; uvicorn's transport sits behind ``send``."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
