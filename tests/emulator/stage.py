"""A real emulator process and a real receiver of its webhooks, for tests."""

import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[2]
APP_ID, APP_SECRET, CONFIG_ID, VERIFY = "100000000000001", "demo-app-secret", "600000000000001", "verify-me"
STORE = "http://localhost:8765"


class Receiver:
    """The product's door, as far as the emulator can tell: keeps every POST, answers ``status``."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                right = asked.get("hub.verify_token") == [VERIFY]
                self.answer(200 if right else 403, asked.get("hub.challenge", [""])[0].encode() if right else b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    receiver.posts.append((dict(self.headers), body))
                    receiver.arrived.notify_all()
                receiver.may_answer.wait(10)
                self.answer(receiver.status, b"")

            def answer(self, status: int, body: bytes) -> None:
                with contextlib.suppress(ConnectionError):  # the emulator was killed meanwhile
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/whatsapp"

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def clear(self) -> None:
        with self.arrived:
            self.posts.clear()
        self.status = 200

    def bodies(self) -> list[dict[str, Any]]:
        with self.arrived:
            return [json.loads(body) for _, body in self.posts]

    def changes(self, field: str | None = None) -> list[dict[str, Any]]:
        """Every change that arrived, with its entry's id under ``entry_id``."""
        return [
            {**change, "entry_id": entry["id"]}
            for body in self.bodies()
            for entry in body["entry"]
            for change in entry["changes"]
            if field in {None, change["field"]}
        ]

    def messages(self) -> list[dict[str, Any]]:
        return [message for change in self.changes("messages") for message in change["value"].get("messages", [])]

    def statuses(self) -> list[dict[str, Any]]:
        return [status for change in self.changes("messages") for status in change["value"].get("statuses", [])]

    def wait(self, number: int, timeout: float = 5.0) -> None:
        """Until ``number`` POSTs have arrived."""
        with self.arrived:
            arrived = self.arrived.wait_for(lambda: len(self.posts) >= number, timeout)
        assert arrived, f"{len(self.posts)} of {number} webhooks arrived in {timeout} s"


class Stage:
    """One emulator with its own data folder."""

    def __init__(self, data: Path, receiver: Receiver, store: str = STORE) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data, self.receiver, self.store = data, receiver, store
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = requests.Session()
        self.start()

    def start(self) -> None:
        arguments = {
            "--port": str(self.port), "--data": str(self.data), "--app-id": APP_ID, "--app-secret": APP_SECRET,
            "--config-id": CONFIG_ID, "--verify-token": VERIFY, "--callback": self.receiver.url,
            "--store-origin": self.store,
        }  # fmt: skip
        command = [sys.executable, "-m", "botruntime.emulator", *[part for pair in arguments.items() for part in pair]]
        self.process = subprocess.Popen(command, cwd=ROOT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the emulator ended at once"
            try:
                if self.http.get(f"{self.url}/healthz", timeout=1).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError("the emulator did not come up")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.http.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def control(self, method: str, path: str, body: Any = None, expect: int | None = None, **rest: Any) -> Any:
        """A control call; its JSON. Anything but 200/201 fails unless ``expect`` says otherwise."""
        answer = self.http.request(method, f"{self.url}/__ctl/{path}", json=body, timeout=15, **rest)
        assert answer.status_code == expect if expect else answer.ok, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        return self.control("POST", path, body)

    def graph(self, method: str, path: str, token: str, body: Any = None, **rest: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, f"{self.url}/v25.0/{path}", json=body, headers=headers, timeout=15, **rest)

    def settle(self) -> None:
        assert self.post("settle", timeout=10)["settled"]

    def pass_time(self, seconds: float) -> None:
        self.post("clock", advance=seconds)
        self.settle()

    def number(self, **wishes: Any) -> dict[str, str]:
        """A connected number; ``access_token`` is its business token."""
        return self.post("numbers", **{"connected": True, **wishes})


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    wanted = "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get("X-Hub-Signature-256", ""), wanted)


def text(words: str, **rest: Any) -> dict[str, Any]:
    """A send body."""
    return {"messaging_product": "whatsapp", "type": "text", "text": {"body": words}, **rest}
