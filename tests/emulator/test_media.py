"""Files: upload, address, download, and links the emulator fetches itself."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.emulator.stage import Receiver, Stage

BUDI = "6281290001111"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def made(stage: Stage) -> dict[str, str]:
    made = stage.number()
    stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo")
    stage.settle()
    stage.receiver.clear()
    return made


def upload(stage: Stage, made: dict[str, str], raw: bytes = PNG, kind: str = "image/png") -> Any:
    return stage.http.post(
        f"{stage.url}/v25.0/{made['phone_number_id']}/media",
        headers={"Authorization": f"Bearer {made['access_token']}"},
        data={"messaging_product": "whatsapp", "type": kind},
        files={"file": ("gambar.png", raw, kind)},
        timeout=10,
    )


def test_conformance_upload_send_resolve_download_delete(stage: Stage, made: dict[str, str]) -> None:
    token = made["access_token"]
    media_id = upload(stage, made).json()["id"]
    shown = stage.graph("GET", f"{media_id}?phone_number_id={made['phone_number_id']}", token).json()
    assert shown["mime_type"] == "image/png"
    assert shown["file_size"] == str(len(PNG))
    assert shown["sha256"] == base64.b64encode(hashlib.sha256(PNG).digest()).decode()
    url = shown["url"].replace("localhost", "127.0.0.1")
    assert stage.http.get(url, timeout=5).status_code == 401
    got = stage.http.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert (got.content, got.headers["Content-Type"]) == (PNG, "image/png")
    body = {"messaging_product": "whatsapp", "to": BUDI, "type": "image", "image": {"id": media_id, "caption": "ini"}}
    assert stage.graph("POST", f"{made['phone_number_id']}/messages", token, body).ok
    phone = stage.http.get(f"{stage.url}/__ctl/media/{media_id}", timeout=5)
    assert phone.content == PNG
    stage.pass_time(301)
    assert stage.http.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code == 404
    assert stage.graph("DELETE", media_id, token).json() == {"success": True}
    assert stage.graph("GET", media_id, token).json()["error"]["error_subcode"] == 33


def test_conformance_media_belongs_to_its_number_and_grant(stage: Stage, made: dict[str, str]) -> None:
    media_id, other = upload(stage, made).json()["id"], stage.number()
    wrong = stage.graph("GET", f"{media_id}?phone_number_id={other['phone_number_id']}", made["access_token"])
    assert wrong.json()["error"]["code"] == 100
    assert stage.graph("GET", media_id, other["access_token"]).status_code == 403


def test_conformance_upload_refuses_foreign_types_and_sizes(stage: Stage, made: dict[str, str]) -> None:
    assert upload(stage, made, kind="application/x-msdownload").json()["error"]["code"] == 100
    assert upload(stage, made, raw=b"x" * (5 * 1024 * 1024 + 1)).json()["error"]["code"] == 131053
    assert upload(stage, made, raw=b"").json()["error"]["code"] == 131053


def test_conformance_file_of_a_person_arrives_with_id_hash_and_url(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    given = {"number": made["phone_number_id"], "user": BUDI, "kind": "image", "mime_type": "image/png",
             "data": base64.b64encode(PNG).decode(), "caption": "surat rujukan"}  # fmt: skip
    answer = stage.post("media", **given)
    door.wait(1)
    image = door.messages()[0]["image"]
    assert image["id"] == answer["media_id"]
    assert image["caption"] == "surat rujukan"
    assert image["sha256"] == base64.b64encode(hashlib.sha256(PNG).digest()).decode()
    url = image["url"].replace("localhost", "127.0.0.1")
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    assert stage.http.get(url, headers=headers, timeout=5).content == PNG
    stage.pass_time(7 * 86400)
    assert stage.graph("GET", image["id"], made["access_token"]).json()["error"]["code"] == 100


@pytest.fixture
def shop() -> Iterator[str]:
    """A server on this machine with one picture."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/kopi.png" else 404)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(PNG)))
            self.end_headers()
            self.wfile.write(PNG)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_conformance_link_is_fetched_or_the_message_fails_131053(
    stage: Stage, made: dict[str, str], door: Receiver, shop: str
) -> None:
    for place, (path, status) in enumerate((("kopi.png", "sent"), ("hilang.png", "failed"))):
        door.clear()
        body = {"messaging_product": "whatsapp", "to": BUDI, "type": "image", "image": {"link": f"{shop}/{path}"}}
        assert stage.graph("POST", f"{made['phone_number_id']}/messages", made["access_token"], body).ok
        door.wait(1)
        stage.pass_time(10)
        assert door.statuses()[0]["status"] == status, place
    assert door.statuses()[0]["errors"][0]["code"] == 131053
    shown = stage.control("GET", f"chat?number={made['phone_number_id']}&user={BUDI}")["messages"]
    fetched = shown[1]["message"]["image"]["id"]
    assert stage.http.get(f"{stage.url}/__ctl/media/{fetched}", timeout=5).content == PNG
