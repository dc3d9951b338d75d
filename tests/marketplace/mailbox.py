"""A mailbox for tests: takes raw messages by POST, as the emulator's does, and remembers them."""

import email
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


class Mailbox:
    """What arrived; ``refusing`` makes it answer that status instead."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/mail"
        self.raw: list[bytes] = []
        self.refusing: int | None = None

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages, parsed as any mail program would."""
        return [cast("EmailMessage", email.message_from_bytes(raw, policy=policy.default)) for raw in self.raw]


@contextmanager
def running() -> Iterator[Mailbox]:
    """A mailbox that listens on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.refusing is None:
                box.raw.append(body)
            self.send_response(box.refusing or 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Tests read what arrived, not a log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box = Mailbox(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def words(message: EmailMessage) -> str:
    """The plain text of a message."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link(message: EmailMessage) -> str:
    """The first link in the plain text."""
    found = re.search(r"https?://\S+", words(message))
    assert found is not None, words(message)
    return found.group()
