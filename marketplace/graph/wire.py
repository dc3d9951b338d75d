"""One HTTP call with a deadline for all of it, a cap on the answer, no redirects and nothing from the environment."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from marketplace.graph import errors
from marketplace.graph.errors import GraphError

CAP_BYTES = 1_000_000
CHUNK_BYTES = 16_384
# At its DEBUG level urllib3 logs whole addresses, and those of some calls carry tokens.
logging.getLogger("urllib3").setLevel(logging.INFO)


@dataclass(frozen=True)
class Call:
    """One call: form fields in ``form``, or a JSON ``body``. ``seconds`` is for everything, name look-up excepted."""

    method: str
    url: str
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    bearer: str | None = None
    seconds: float = 10.0


class _Guard:
    """Shuts the socket of the call under way when its time is up; a server that drips cannot hold us."""

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.is_over = False

    def hold(self, sock: socket.socket | None) -> None:
        """Take the socket of a fresh connection; time may have run out while it was made."""
        self.sock = sock
        if self.is_over:
            self.strike()

    def strike(self) -> None:
        """Time is up."""
        self.is_over = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _guarded(guard: _Guard) -> HTTPAdapter:
    """An adapter whose connections show ``guard`` their socket."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            guard.hold(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            guard.hold(self.sock)

    adapter = HTTPAdapter()
    pools: dict[str, Callable[..., Any]] = {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
    }
    adapter.poolmanager.pool_classes_by_scheme = pools
    return adapter


def send(call: Call) -> Any:
    """The answer's JSON, or its text where it is none. Raises ``GraphError`` for everything else."""
    guard = _Guard()
    timer = threading.Timer(call.seconds, guard.strike)
    timer.daemon = True
    timer.start()
    try:
        status, text = _exchange(call, guard)
    except (requests.RequestException, HTTPError, OSError):
        # Not chained: the library's own message quotes the address.
        raise _silence(guard) from None
    finally:
        timer.cancel()
    if guard.is_over:
        raise _silence(guard)
    return _judge(status, text)


def _exchange(call: Call, guard: _Guard) -> tuple[int, str]:
    started = time.monotonic()
    headers = {"Authorization": f"Bearer {call.bearer}"} if call.bearer else {}
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _guarded(guard))
        session.mount("https://", _guarded(guard))
        with session.request(
            call.method,
            call.url,
            params=call.params,
            data=call.form,
            json=call.body,
            headers=headers,
            timeout=call.seconds,
            allow_redirects=False,
            stream=True,
        ) as response:
            taken = bytearray()
            for chunk in response.iter_content(CHUNK_BYTES):
                taken += chunk
                if len(taken) > CAP_BYTES or time.monotonic() - started > call.seconds:
                    raise requests.ConnectionError("too much or too slow")
            return response.status_code, taken.decode("utf-8", "replace")


def _judge(status: int, text: str) -> Any:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = text
    # Graph sometimes answers 200 with an error inside.
    if 200 <= status < 300 and not (isinstance(answer, dict) and "error" in answer):
        return answer
    raise errors.read(status, answer)


def _silence(guard: _Guard) -> GraphError:
    return GraphError("no answer in time" if guard.is_over else "no answer", is_transient=True)
