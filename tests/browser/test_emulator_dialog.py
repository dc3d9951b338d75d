"""The signup popup in a real browser: what a store's page hears, in which order, from which origin."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.emulator.stage import APP_ID, CONFIG_ID, Receiver, Stage

SERIOUS = {"serious", "critical"}
PAGE = """<!doctype html><title>toko</title><button id="go">Hubungkan</button>
<script>
  window.heard = [];
  window.addEventListener("message", (event) => {
    try { window.heard.push({kind: "event", origin: event.origin, data: JSON.parse(event.data)}); } catch { return; }
  });
  window.fbAsyncInit = () => FB.init({appId: "APP", version: "v25.0"});
  document.querySelector("#go").addEventListener("click", () => FB.login(
    (answer) => window.heard.push({kind: "code", answer}),
    {config_id: "CONFIG", response_type: "code", override_default_response_type: true, extras: {setup: {}}}));
</script>
<script async defer crossorigin="anonymous" src="SDK"></script>"""


class Shop:
    """A page of some store with the button of Embedded Signup."""

    def __init__(self) -> None:
        shop = self
        self.sdk = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = PAGE.replace("SDK", shop.sdk).replace("APP", APP_ID).replace("CONFIG", CONFIG_ID).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.origin = f"http://localhost:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Iterator[Stage]:
    receiver = Receiver()
    running = Stage(tmp_path_factory.mktemp("emulator"), receiver, shop.origin)
    shop.sdk = f"http://localhost:{running.port}/id_ID/sdk.js"
    yield running
    running.stop()
    receiver.stop()


@pytest.fixture
def context(browser: Browser, stage: Stage) -> Iterator[BrowserContext]:
    stage.control("DELETE", "faults")
    troubles: list[str] = []
    context = browser.new_context(locale="id-ID", viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.on("console", lambda said: "Content Security Policy" in said.text and troubles.append(said.text))
    yield context
    context.close()
    assert troubles == []


def open_popup(context: BrowserContext, shop: Shop) -> tuple[Page, Page]:
    """The store's page and the dialog it opened."""
    page = context.new_page()
    page.goto(shop.origin)
    page.wait_for_function("window.FB")
    with page.expect_popup() as opened:
        page.click("#go")
    opened.value.wait_for_load_state()
    opened.value.set_viewport_size({"width": 320, "height": 640})
    return page, opened.value


def check(page: Page, heading: str = "") -> None:
    """The page under ``heading`` is there, fits 320 pixels, and axe has nothing serious to say."""
    page.wait_for_selector(f"h1:has-text('{heading}')")
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = [row for row in Axe().run(page).response["violations"] if row["impact"] in SERIOUS]
    assert found == [], json.dumps(found, indent=1)


def walk(popup: Page, *, examine: bool = False) -> None:
    """To the last screen with the clinic's second number."""
    look = check if examine else lambda page, heading: page.wait_for_selector(f"h1:has-text('{heading}')")
    look(popup, "Masuk sebagai siapa?")
    popup.click("text=Pemilik Klinik Sehat")
    look(popup, "Pilih portofolio bisnis")
    popup.click("button.go")
    look(popup, "Pilih akun WhatsApp Business")
    popup.click("button.go")
    look(popup, "Pilih nomor WhatsApp")
    popup.check("input[value='730000000000002']")
    popup.click("button.go")
    look(popup, "Izinkan Pasarbot?")
    popup.click("button.go")
    look(popup, "Akun Anda siap")


def heard(page: Page, number: int) -> list[dict[str, Any]]:
    page.wait_for_function(f"window.heard.length >= {number}")
    return list(page.evaluate("window.heard"))


def test_finish_gives_the_code_to_the_sdk_and_the_ids_by_message(
    context: BrowserContext, shop: Shop, stage: Stage
) -> None:
    page, popup = open_popup(context, shop)
    walk(popup, examine=True)
    with popup.expect_event("close"):
        popup.click("button.go")
    code, event = heard(page, 2)
    assert code["answer"]["status"] == "connected"
    assert code["answer"]["authResponse"]["code"].startswith("AQB")
    assert event["origin"] == f"http://localhost:{stage.port}"
    assert event["data"]["event"] == "FINISH"
    assert event["data"]["data"]["phone_number_id"] == "730000000000002"


def test_switch_turns_the_order_round(context: BrowserContext, shop: Shop, stage: Stage) -> None:
    stage.post("faults", event_before_code=True)
    page, popup = open_popup(context, shop)
    walk(popup)
    popup.click("button.go")
    assert [row["kind"] for row in heard(page, 2)] == ["event", "code"]


def test_closing_the_window_on_the_final_screen_is_success(context: BrowserContext, shop: Shop) -> None:
    page, popup = open_popup(context, shop)
    walk(popup)
    popup.close(run_before_unload=True)
    rows = heard(page, 2)
    assert {row["kind"] for row in rows} == {"event", "code"}
    assert next(row for row in rows if row["kind"] == "code")["answer"]["authResponse"]["code"]
    assert next(row for row in rows if row["kind"] == "event")["data"]["event"] == "FINISH"


def test_closing_the_window_before_the_end_is_a_cancel_at_that_step(context: BrowserContext, shop: Shop) -> None:
    page, popup = open_popup(context, shop)
    popup.click("text=Pemilik Klinik Sehat")
    popup.click("text=Lanjut")
    popup.wait_for_selector("h1:has-text('Pilih akun WhatsApp Business')")
    popup.close(run_before_unload=True)
    rows = heard(page, 2)
    event = next(row for row in rows if row["kind"] == "event")
    assert (event["data"]["event"], event["data"]["data"]) == ("CANCEL", {"current_step": "WABA_PHONE_PROFILE_PICKER"})
    assert next(row for row in rows if row["kind"] == "code")["answer"] == {"authResponse": None, "status": "unknown"}


def test_missing_event_leaves_the_code_alone(context: BrowserContext, shop: Shop, stage: Stage) -> None:
    stage.post("faults", event_missing=True)
    page, popup = open_popup(context, shop)
    walk(popup)
    with popup.expect_event("close"):
        popup.click("button.go")
    assert [row["kind"] for row in heard(page, 1)] == ["code"]


def test_forged_event_comes_from_another_origin(context: BrowserContext, shop: Shop, stage: Stage) -> None:
    stage.post("faults", forged_origin=True)
    page, popup = open_popup(context, shop)
    walk(popup)
    popup.click("button.go")
    event = next(row for row in heard(page, 2) if row["kind"] == "event")
    assert event["origin"] == f"http://127.0.0.1:{stage.port}"


def test_mailbox_and_index_are_clean_in_both_languages(context: BrowserContext, stage: Stage) -> None:
    stage.http.post(f"{stage.url}/mail", data=b"Subject: Halo\nTo: a@b.test\n\nBuka https://a.test/x", timeout=5)
    mail_id = stage.control("GET", "mails")["mails"][0]["id"]
    page = context.new_page()
    for path in ("/", "/mail", f"/mail/{mail_id}"):
        for locale in ("id", "en"):
            page.goto(f"{stage.url}{path}?locale={locale}")
            check(page)
