"""A stub of Meta's Graph API: takes every send, remembers it, and reports back by webhook as Meta does."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any, ClassVar


class Graph:
    """Listens on a port of its own. ``sends`` counts posts by the code that travelled with them."""

    def __init__(self) -> None:
        self.sends: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.reports: SimpleQueue[tuple[str, str, str]] = SimpleQueue()
        self._lock = threading.Lock()
        graph = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            graph: ClassVar[Graph]

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = self.path.split("/")[2]
                answer = json.dumps(graph.take(number, body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("status") == "read":
            return {"success": True}
        code = body["biz_opaque_callback_data"]
        with self._lock:
            self.sends[code] += 1
            self.bodies.append(body)
            wamid = f"wamid.OUT{len(self.bodies)}"
        self.reports.put((number, wamid, code))
        return {"messaging_product": "whatsapp", "contacts": [{"input": body["to"]}], "messages": [{"id": wamid}]}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
