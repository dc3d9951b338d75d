"""The desk shows its people what is true, and others nothing."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from flask import Flask

from botruntime.app import create_app
from botruntime.config import Config
from botruntime.pages import Pages
from botruntime.sdk.contract import Handover
from catalog.web.db import db
from tests import factories
from tests.botruntime.stage import Stage, say
from tests.marketplace.visiting import Visitor


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_desk_counts_todays_messages_and_names_who_waits(stage: Stage, app: Flask) -> None:
    stage.host.behaviour = lambda turn, tables: say(
        "Sebentar", mode="queued", handover=Handover(note="mau tanya harga")
    )
    stage.say("ADMIN")
    stage.execute("UPDATE clock_offset SET ahead = to_timestamp(1795312800) - now()")
    stage.work()
    stage.execute("UPDATE outbound_message SET state = 'sent', sent_at = to_timestamp(1795312801)")
    page = Visitor(app, stage.owner).get("/desk/").get_data(as_text=True)
    assert "Klinik Melati" in page
    assert "mau tanya harga" in page
    assert "Menunggu orang" in page

    counts = {part.split('"')[0]: part.split(">", 1)[1].split("<")[0] for part in page.split('data-label="')[1:]}

    assert (counts["Pesan masuk"], counts["Terkirim"], counts["Tidak terkirim"]) == ("1", "1", "0")


def test_a_stranger_sees_only_the_own_businesses(stage: Stage, app: Flask) -> None:
    stranger = factories.user(stage.session, language="en")
    stage.session.commit()
    page = Visitor(app, stranger, "en").get("/desk/").get_data(as_text=True)
    assert "Klinik Melati" not in page
    assert "You do not belong to a business yet" in page


def test_the_anonymous_are_led_to_the_stores_sign_in_and_back(app: Flask) -> None:
    answer = Visitor(app).get("/desk/")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://localhost:8000/sign-in?next=")


def test_the_process_answers_health_over_asgi(config: Config, app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(Pages(config), log_level="warning", access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            assert requests.get(f"{url}/healthz", timeout=5).text == "ok\n"
            assert requests.get(f"{url}/readyz", timeout=5).status_code == 200
            assert requests.get(f"{url}/metrics", timeout=5).status_code == 200
            assert requests.get(f"{url}/nothing", timeout=5).status_code == 404
        finally:
            server.should_exit = True
            thread.join(10)
