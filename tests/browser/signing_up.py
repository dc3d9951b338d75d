"""A store with the emulator in Meta's place, and somebody at a browser who connects a number."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import Engine, select, update
from werkzeug.serving import make_server

from catalog.db import session_factory
from catalog.models import Business, Connection, Login, Number, NumberState
from catalog.web.signin import SESSION_KEY
from marketplace import config
from marketplace.app import create_app
from marketplace.config import Config
from tests import factories
from tests.marketplace.numbers import emulating
from tests.marketplace.numbers.conftest import APP
from tests.marketplace.numbers.emulating import Emulator
from tests.source import ROOT

LOCALES = {"id": "id-ID", "en": "en-GB"}
_serial = count(1)


@dataclass
class House:
    """The store at ``url``, with its jobs process and the emulator beside it."""

    app: Flask
    url: str
    engine: Engine
    emulator: Emulator
    settings: Config

    def business(self, language: str = "id") -> tuple[str, str]:
        """Somebody new with a business: its code, and the value of a session cookie."""
        with session_factory(self.engine)() as session:
            person = factories.user(session, f"owner{next(_serial)}@signup.test", language=language)
            business = factories.business(session, person, name="Klinik Melati")
            _, token = Login.start(session, person)
            session.commit()
            code = str(business.code)
        client = self.app.test_client()
        with client.session_transaction() as kept:
            kept[SESSION_KEY] = token
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        return code, cookie.value

    def start_afresh(self) -> None:
        """Meta's demo world without faults, and none of its numbers owned by anybody."""
        self.emulator.control("faults", method="DELETE")
        self.emulator.control("reset", {})
        with session_factory(self.engine).begin() as session:
            session.execute(update(Number).values(state=NumberState.RELEASED))

    def latest(self, business: str) -> Connection:
        """The newest connection of a business, with its steps."""
        with session_factory(self.engine)() as session:
            mine = select(Connection).join(Business).where(Business.code == business).order_by(Connection.id.desc())
            found = session.scalars(mine.limit(1)).one()
            assert found.steps
            return found

    def person(
        self, browser: Browser, language: str = "id", viewport: ViewportSize | None = None, *, javascript: bool = True
    ) -> "Person":
        """That somebody, at a browser of their own."""
        code, cookie = self.business(language)
        context = browser.new_context(
            base_url=self.url,
            locale=LOCALES[language],
            viewport=viewport or {"width": 1280, "height": 800},
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        name = self.app.config["SESSION_COOKIE_NAME"]
        context.add_cookies([{"name": name, "value": cookie, "url": self.url}])
        return Person(self, context, context.new_page(), code)


@dataclass
class Person:
    """An owner on the connect page."""

    house: House
    context: BrowserContext
    page: Page
    business: str

    def open_connect_page(self, query: str = "") -> Page:
        """What Meta will ask."""
        self.page.goto(f"/businesses/{self.business}/numbers/new{query}")
        return self.page

    def open_popup(self) -> Page:
        """Press the button; Meta's window."""
        button = self.page.locator("[data-signup-open]")
        button.wait_for()
        self.page.wait_for_function("!document.querySelector('[data-signup-open]').disabled")
        with self.page.expect_popup() as opened:
            button.click()
        opened.value.wait_for_load_state()
        return opened.value

    def until_timeline(self) -> Page:
        """The store's page has gone on to the timeline."""
        self.page.wait_for_url("**/connections/*", timeout=25_000, wait_until="domcontentloaded")
        return self.page


@contextmanager
def running(environment: dict[str, str], engine: Engine, port: int, folder: Path) -> Iterator[House]:
    """Everything a signup needs, as real processes; the store itself runs in threads of this one."""
    settings = config.read(environment)
    with emulating.running(int(settings.graph_base_url.rpartition(":")[2]), folder, {**environment, **APP}) as emulator:
        app = create_app(replace(settings))
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        jobs = subprocess.Popen([sys.executable, "-m", "marketplace.jobs"], cwd=ROOT, env=environment)
        try:
            yield House(app, settings.store_url, engine, emulator, settings)
        finally:
            jobs.terminate()
            server.shutdown()
            thread.join()
            server.server_close()
            jobs.wait(15)
            with app.app_context():
                from catalog.web.db import db

                db.session.remove()
                db.engine.dispose()
