"""A server that answers as no server should."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRIP_SECONDS = 0.1


@dataclass
class Mean:
    """``answer`` is sent to every request: status, headers, body; ``drips`` sends the body byte by byte."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    drips: bool = False
    drips_headers: bool = False
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Mean]:
    """The server, on a free port of its own."""
    mean = Mean()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            mean.seen.append((self.command, self.path, dict(self.headers), sent))
            with suppress(OSError):
                self.answer()

        do_POST = do_DELETE = do_GET  # noqa: N815

        def answer(self) -> None:
            if mean.drips_headers:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for number in range(600):
                    self.wfile.write(b"X-%d: y\r\n" % number)
                    time.sleep(DRIP_SECONDS)
            self.send_response(mean.status)
            for name, value in mean.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(mean.body)))
            self.end_headers()
            if not mean.drips:
                self.wfile.write(mean.body)
                return
            for place in range(len(mean.body)):
                self.wfile.write(mean.body[place : place + 1])
                time.sleep(DRIP_SECONDS)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mean.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield mean
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
