"""Embedded Signup in a real browser: both answers in either order, every way to leave, and the way without a popup."""

import base64
import json
import os
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from catalog.models import Connection, ConnectionState
from catalog.texts import text
from scripts.ports import free_together
from tests.browser import signing_up
from tests.browser.conftest import NARROW, WIDE
from tests.browser.signing_up import House, Person
from tests.marketplace.numbers.conftest import APP
from tests.services import TestDatabase

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(
    migrated_database: TestDatabase, valkey_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The store, its jobs and the emulator for the tests of this file."""
    ports = free_together()
    graph = f"http://localhost:{ports.emulator}"
    environment = {
        **os.environ,
        "DATABASE_URL": migrated_database.url,
        "REDIS_URL": valkey_server,
        "SECRET_KEY": "a-secret-key-that-is-only-for-tests-0123456789",
        "SEALING_KEYS": "k1:" + base64.b64encode(b"sealing key of the tests 32 byte").decode(),
        "STORE_URL": f"http://localhost:{ports.store}",
        "DOOR_URL": f"http://localhost:{ports.door}",
        "PAGES_URL": f"http://localhost:{ports.pages}",
        "BASE_PORT": str(ports.base),
        "GRAPH_BASE_URL": graph,
        "FB_SDK_URL": f"{graph}/en_US/sdk.js",
        "FB_DIALOG_URL": f"{graph}/v25.0/dialog/oauth",
        "FB_DIALOG_ORIGINS": graph,
        "MAIL_URL": f"{graph}/mail",
        "MAIL_FROM": "Pasarbot <halo@pasarbot.test>",
        "DEMO": "1",
        "TRUSTED_HOSTS": "localhost,127.0.0.1",
        **APP,
    }
    folder = tmp_path_factory.mktemp("signup")
    with signing_up.running(environment, migrated_database.engine, ports.store, folder) as running:
        yield running
    migrated_database.clean()


@pytest.fixture
def owner(house: House, browser: Browser) -> Iterator[Person]:
    """An owner in Indonesian, before a fresh world of Meta's. Fails where a page broke its policy or threw."""
    house.start_afresh()
    person = house.person(browser)
    troubles: list[str] = []
    person.context.on("weberror", lambda error: troubles.append(str(error.error)))
    person.context.on("console", lambda said: "Content Security Policy" in said.text and troubles.append(said.text))
    yield person
    person.context.close()
    assert troubles == []


def walk(popup: Page, number: str = "730000000000002") -> None:
    """Through Meta's window to its last screen, with a new number of the demo world."""
    popup.click("button.person >> nth=0")
    popup.click("button.go")
    popup.click("button.go")
    popup.check(f"input[value='{number}']")
    popup.click("button.go")
    popup.click("button.go")
    popup.wait_for_selector("form[action$='/release'], .finish, h1")


def finish(person: Person, popup: Page) -> Connection:
    """Close the last screen; the timeline turns green by itself."""
    with popup.expect_event("close"):
        popup.click("button.go")
    return live(person)


def live(person: Person) -> Connection:
    page = person.until_timeline()
    expect(page.locator("h1")).to_have_text(text("id", "numbers.timeline.title_live"), timeout=20_000)
    assert page.locator(".timeline-step.is-done, .timeline-step.is-skipped").count() == 5
    connection = person.house.latest(person.business)
    assert connection.state is ConnectionState.LIVE
    return connection


def looks_right(page: Page) -> None:
    """Fits its window, and axe has nothing serious to say."""
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    serious = [row for row in Axe().run(page).response["violations"] if row["impact"] in ("serious", "critical")]
    assert serious == [], json.dumps(serious, indent=1)


def test_code_then_event_makes_a_live_number(owner: Person) -> None:
    looks_right(owner.open_connect_page())
    popup = owner.open_popup()
    walk(popup)
    connection = finish(owner, popup)
    assert connection.claimed_phone_number_id == "730000000000002"
    looks_right(owner.page)


def test_event_then_code_makes_a_live_number(owner: Person) -> None:
    owner.house.emulator.faults(event_before_code=True)
    owner.open_connect_page()
    popup = owner.open_popup()
    walk(popup)
    assert finish(owner, popup).claimed_phone_number_id == "730000000000002"


def test_without_the_event_the_code_goes_alone_after_five_seconds(owner: Person) -> None:
    owner.house.emulator.faults(event_missing=True)
    owner.open_connect_page()
    popup = owner.open_popup()
    walk(popup)
    with popup.expect_event("close"):
        popup.click("button.go")
    owner.until_timeline()
    # The demo WABA holds several numbers, so the owner is asked which one is meant.
    page = owner.page
    page.locator("input[name=number]").first.wait_for(timeout=20_000)
    looks_right(page)
    page.check("input[value='730000000000002']")
    page.click("form[action$='/number'] button")
    assert live(owner).number_id is not None


def test_closing_the_last_screen_counts_as_success(owner: Person) -> None:
    owner.open_connect_page()
    popup = owner.open_popup()
    walk(popup)
    popup.evaluate("window.close()")
    live(owner)


def test_a028_a_message_from_another_origin_is_ignored(owner: Person) -> None:
    page = owner.open_connect_page()
    popup = owner.open_popup()
    forged = json.dumps(
        {"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": {"waba_id": "1", "phone_number_id": "2"}}
    )
    # From the store's own origin, which is not one of the dialog's either.
    page.evaluate("message => window.postMessage(message, '*')", forged)
    walk(popup)
    assert finish(owner, popup).claimed_waba_id == "720000000000001"


@pytest.mark.parametrize(
    "origin",
    [
        "https://facebook.com.evil",
        "https://evilfacebook.com",
        "http://www.facebook.com",
        "https://www.facebook.com:8443",
        "https://www.facebook.com.",
        "null",
        "",
    ],
)
def test_a028_origins_are_compared_whole(owner: Person, origin: str) -> None:
    page = owner.open_connect_page()
    script = page.locator("script[src*='numbers/signup.js']").get_attribute("src")
    assert script is not None
    module = script.replace("signup.js", "answers.js")
    good = json.dumps({"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": {}})
    meta = "https://www.facebook.com"
    said = [(origin, good), (meta, good), (meta, "{broken"), (meta, {}), (meta, '{"type":"other"}'), (meta, "null")]
    heard = page.evaluate(
        """async ([module, said]) => {
          const { read } = await import(module);
          const origins = ["https://www.facebook.com", "https://web.facebook.com"];
          return said.map(([origin, data]) => read({ origin, data }, origins) !== null);
        }""",
        [module, said],
    )
    assert heard == [False, True, False, False, False, False]


def test_a028_forgers_in_meta_s_window_are_ignored(owner: Person) -> None:
    owner.house.emulator.faults(forged_origin=True)
    owner.open_connect_page()
    popup = owner.open_popup()
    walk(popup)
    popup.click("button.go")
    page = owner.until_timeline()
    connection = owner.house.latest(owner.business)
    assert connection.claimed_waba_id in (None, "720000000000001")
    assert page.locator("h1").count() == 1


def test_a_forged_waba_is_refused_in_the_owners_words(owner: Person) -> None:
    owner.house.emulator.faults(forged_waba_id=True)
    owner.open_connect_page()
    popup = owner.open_popup()
    walk(popup)
    with popup.expect_event("close"):
        popup.click("button.go")
    page = owner.until_timeline()
    expect(page.locator("main")).to_contain_text(text("id", "numbers.errors.waba_forged"), timeout=20_000)
    assert owner.house.latest(owner.business).token is None


# What Meta calls the screen, and what the emulator does.
LEAVING = {
    "BUSINESS_ACCOUNT_SELECTION": "login",
    "WABA_PHONE_PROFILE_PICKER": "waba",
    "PHONE_NUMBER_SETUP": "number",
    "PERMISSIONS": "permissions",
}
SCREENS = ("login", "portfolio", "waba", "number", "permissions")


def go_to(popup: Page, screen: str) -> None:
    """Walk to that screen and be there."""
    screens = SCREENS.index(screen)
    if screens > 0:
        popup.click("button.person >> nth=0")
    for place in range(1, screens):
        if place == SCREENS.index("number"):
            popup.check("input[value='730000000000002']")
        popup.click("button.go")
    popup.locator(f"input[name=step][value={screen}]").first.wait_for(state="attached")
    # Its script must run before the window can say that it is left.
    popup.wait_for_load_state()


@pytest.mark.parametrize(("step", "screen"), LEAVING.items())
@pytest.mark.parametrize("way", ["button", "closed"])
def test_f56_leaving_metas_window_says_where_and_leads_back(owner: Person, step: str, screen: str, way: str) -> None:
    owner.open_connect_page()
    popup = owner.open_popup()
    go_to(popup, screen)
    if way == "button":
        with popup.expect_event("close"):
            popup.click("button[value=cancel]")
    else:
        popup.evaluate("window.close()")
    page = owner.until_timeline()
    expect(page.locator("main")).to_contain_text(text("id", f"numbers.errors.cancelled_{step.lower()}"))
    page.click(f"main a[href*='/businesses/{owner.business}/numbers/new']")
    page.wait_for_url("**/numbers/new")


def test_a_window_that_vanishes_without_a_word_is_a_cancel(owner: Person) -> None:
    page = owner.open_connect_page()
    page.wait_for_function("!document.querySelector('[data-signup-open]').disabled")
    page.evaluate("() => { FB.login = (tell) => setTimeout(() => tell({ authResponse: null }), 800); }")
    page.click("[data-signup-open]")
    expect(owner.until_timeline().locator("main")).to_contain_text(text("id", "numbers.errors.cancelled"))


def test_an_error_reported_to_meta_is_quoted(owner: Person) -> None:
    owner.open_connect_page()
    popup = owner.open_popup()
    go_to(popup, "waba")
    with popup.expect_event("close"):
        popup.click("button[value=report]")
    expect(owner.until_timeline().locator("main")).to_contain_text("524126")


def test_a_blocked_popup_says_so_and_the_other_way_stays_open(owner: Person) -> None:
    page = owner.open_connect_page()
    page.wait_for_function("!document.querySelector('[data-signup-open]').disabled")
    page.evaluate("() => { window.open = () => null; }")
    page.click("[data-signup-open]")
    expect(page.locator("[data-signup-says]")).to_have_text(text("id", "numbers.popup.blocked"))
    assert page.locator("[data-signup-open]").is_enabled()
    looks_right(page)


def test_an_sdk_that_is_held_back_says_so(owner: Person) -> None:
    owner.context.route("**/id_ID/sdk.js", lambda route: route.abort())
    page = owner.open_connect_page()
    expect(page.locator("[data-signup-says]")).to_have_text(text("id", "numbers.popup.no_sdk"))


def test_a_server_that_cannot_be_reached_is_said(owner: Person) -> None:
    page = owner.open_connect_page()
    owner.context.route("**/report", lambda route: route.abort())
    popup = owner.open_popup()
    popup.evaluate("window.close()")
    expect(page.locator("[data-signup-says]")).to_have_text(text("id", "numbers.popup.offline"), timeout=15_000)


def test_the_owner_who_keeps_the_app_asks_for_coexistence(owner: Person) -> None:
    page = owner.open_connect_page()
    page.check("input[name=how][value=app]")
    with owner.context.expect_event("request", lambda request: "/dialog/oauth" in request.url) as asked:
        owner.open_popup()
    extras = json.loads(parse_qs(urlsplit(asked.value.url).query)["extras"][0])
    assert extras["featureType"] == "whatsapp_business_app_onboarding"
    assert extras["sessionInfoVersion"] == "3"
    assert extras["setup"]["business"]["name"] == "Klinik Melati"
    owner.page.wait_for_timeout(200)
    assert owner.house.latest(owner.business).is_coexistence


@pytest.mark.parametrize(("language", "viewport"), [("id", NARROW), ("en", WIDE)])
def test_the_way_without_javascript(house: House, browser: Browser, language: str, viewport: ViewportSize) -> None:
    house.start_afresh()
    person = house.person(browser, language, viewport, javascript=False)
    page = person.open_connect_page()
    assert not page.locator("[data-signup-open]").is_visible()
    page.locator(".no-js-only button").click()
    page.wait_for_url("**/dialog/**")
    page.click("button.person >> nth=0")
    page.click("button.go")
    page.click("button.go")
    page.check("input[value='730000000000002']")
    for _ in range(3):
        page.click("button.go")
    page.wait_for_url("**/connections/**")
    title = text(language, "numbers.timeline.title_live")
    for _ in range(20):
        if page.locator("input[name=number]").count():
            page.check("input[value='730000000000002']")
            page.click("form[action$='/number'] button")
        if page.locator("h1").inner_text() == title:
            break
        page.wait_for_timeout(500)
    assert page.locator("h1").inner_text() == title
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    person.context.close()
