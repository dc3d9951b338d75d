"""The door for Meta's webhooks: verify the raw bytes, keep every update, then answer 200.

Plain ASGI and nothing else, because every message passes here. 200 means committed; 503 means send again.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from botruntime import health, metrics
from botruntime.config import Config
from botruntime.health import Answer
from botruntime.inbound.keeper import Keeper, Unavailable
from botruntime.inbound.payload_split import split
from botruntime.inbound.signature import is_genuine

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WEBHOOK = "/webhooks/whatsapp"
# Meta sends up to 3 MB (Webhooks, payload size).
MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_CHALLENGE = 1024
TEXT = health.TEXT
_HANDSHAKE = ("hub.mode", "hub.verify_token", "hub.challenge")


class Door:
    """The ASGI application. ``keeper`` belongs to it from start-up to shutdown."""

    def __init__(self, config: Config, keeper: Keeper | None = None) -> None:
        self._secret = config.meta_app_secret.encode()
        self._verify_token = config.meta_verify_token.encode()
        self._metrics_allow = config.metrics_allow
        self._keeper = keeper or Keeper(config.database_dsn)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _answer(send, await self._respond(scope, receive))

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._keeper.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._keeper.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _respond(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path == WEBHOOK:
            if method == "POST":
                return await self._take(scope, receive)
            return self._shake_hands(scope["query_string"]) if method == "GET" else (405, b"", TEXT)
        if path == "/healthz":
            return health.alive()
        if path == "/readyz":
            return health.ready(await self._keeper.is_ready())
        if path == "/metrics":
            return health.measured((scope.get("client") or (None,))[0], self._metrics_allow)
        return 404, b"not found\n", TEXT

    async def _take(self, scope: Scope, receive: Receive) -> Answer:
        body = await _body(receive)
        began = time.perf_counter()
        status, text = await self._keep(scope, body)
        metrics.ACK_SECONDS.observe(time.perf_counter() - began)
        metrics.WEBHOOKS.labels(str(status)).inc()
        return status, text, TEXT

    async def _keep(self, scope: Scope, body: bytes | None) -> tuple[int, bytes]:
        if body is None:
            return 413, b"too large\n"
        headers = dict(scope["headers"])
        if not is_genuine(self._secret, body, headers.get(b"x-hub-signature-256")):
            return 401, b"wrong signature\n"
        try:
            await self._keeper.keep(split(body))
        except Unavailable:
            return 503, b"try again\n"
        return 200, b"ok\n"

    def _shake_hands(self, query: bytes) -> Answer:
        """Meta: Webhooks, verification requests."""
        given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
        values = [given.get(name, []) for name in _HANDSHAKE]
        if any(len(value) != 1 for value in values):
            return 400, b"hub.mode, hub.verify_token and hub.challenge are needed once each\n", TEXT
        (mode,), (token,), (challenge,) = values
        if mode != "subscribe" or not hmac.compare_digest(token.encode(), self._verify_token):
            return 403, b"wrong token\n", TEXT
        if len(challenge) > MAX_CHALLENGE:
            return 400, b"challenge too long\n", TEXT
        return 200, challenge.encode(), TEXT


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None when it is larger than anything the platform sends (the rest is read and dropped)."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            chunks.append(chunk)
        elif not message.get("more_body"):
            return None
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _answer(send: Send, answer: Answer) -> None:
    status, body, content_type = answer
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
