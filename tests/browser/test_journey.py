"""The main job, lived in a browser: found, signed up, connected in Meta's popup, installed, written to, answered."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE
from tests.running import Copy

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PASSWORD = "lorong-pasar-pagi-7"


# A colour half-way through a transition is nobody's fault.
SETTLED = (
    "Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished"
    ".catch(() => null))).then(() => null)"
)


def looks_right(page: Page) -> None:
    """No serious accessibility fault and no sideways scroll."""
    page.evaluate(SETTLED)
    found = Axe().run(page)
    serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert not serious, f"{page.url}: {found.generate_report()}"
    assert page.evaluate(OVERFLOW) == 0, page.url


@dataclass
class Owner:
    """Somebody new, with a number nobody has connected yet."""

    page: Page
    copy: Copy
    tag: str

    @property
    def email(self) -> str:
        return f"owner-{self.tag}@journey.test"

    @property
    def digits(self) -> str:
        return "62811" + str(int(self.tag, 16) % 10**8).zfill(8)

    def look(self, path: str = "") -> None:
        if path:
            self.page.goto(path)
        looks_right(self.page)

    def sign_up(self) -> None:
        """From the street to a proven address, and back to the bot."""
        page = self.page
        self.look("/")
        page.locator("article.listing a[href='/listings/tanya']").click()
        self.look()
        page.locator("a[href$='/listings/tanya/install']").first.click()
        page.locator("main a[href*='/sign-up']").first.click()
        self.look()
        page.fill("main [name=name]", "Ibu Ratna")
        page.fill("main [name=email]", self.email)
        page.fill("main [name=password]", PASSWORD)
        page.locator("main form button[type=submit]").last.click()
        self.look()
        page.goto(self.link_in_mail())
        self.look()
        page.locator("main form button[type=submit]").last.click()

    def link_in_mail(self) -> str:
        for _ in range(100):
            mails = requests.get(f"{self.copy.emulator}/__ctl/mails", params={"to": self.email}, timeout=5).json()
            links = [link for mail in mails["mails"] for link in mail["links"] if "/verify/" in link]
            if links:
                found: str = links[0]
                return found
            time.sleep(0.1)
        pytest.fail("no mail came")

    def found_business(self) -> None:
        page = self.page
        page.goto("/listings/tanya/install")
        page.locator("main a[href*='/businesses/new']").click()
        self.look()
        page.fill("main [name=name]", f"Klinik {self.tag}")
        page.locator("main form button[type=submit]").last.click()

    def connect(self) -> None:
        """Through the popup, as somebody who is new at Meta."""
        page = self.page
        page.goto("/listings/tanya/install")
        page.locator("main a[href*='/numbers/new']").first.click()
        self.look()
        with page.expect_popup() as opened:
            page.locator("[data-signup-open]").click()
        self.walk(opened.value)
        page.wait_for_url(re.compile("/connections/"))
        onward = page.locator("main a[href*='/listings/tanya/install?number=']").first
        expect(onward).to_be_visible(timeout=20_000)
        self.look()
        onward.click()

    def walk(self, dialog: Page) -> None:
        dialog.wait_for_load_state()
        dialog.locator("button[name=login][value=newcomer]").click()
        dialog.locator("form:not(.leave) input[name=step][value=login]").wait_for(state="detached")
        for _ in range(8):
            going = dialog.locator("form:not(.leave) button.go")
            going.wait_for()
            looks_right(dialog)
            step = dialog.locator("form:not(.leave) input[name=step]").input_value()
            self.answer(dialog, step)
            if step == "finish":
                with dialog.expect_event("close"):
                    going.click()
                return
            going.click()
            dialog.locator(f"form:not(.leave) input[name=step][value={step}]").wait_for(state="detached")
        pytest.fail(f"the dialog does not end: {dialog.url}")

    def answer(self, dialog: Page, step: str) -> None:
        if step in ("portfolio", "waba"):
            dialog.check(f"input[name={step}][value=new]")
            dialog.fill("input[name=name]", f"Klinik {self.tag}")
        if step == "number":
            dialog.check("input[name=number][value=new]")
            dialog.fill("input[name=phone]", self.digits)
        if step == "profile":
            dialog.fill("input[name=name]", f"Klinik {self.tag}")
        if step == "otp":
            shown = re.search(r"\b(\d{3})-(\d{3})\b", dialog.locator("main").inner_text())
            assert shown is not None
            dialog.fill("input[name=code]", shown[1] + shown[2])

    def install(self) -> None:
        page = self.page
        self.look()
        page.check("[name=agree]")
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_url(re.compile("/install/settings"))
        self.look()
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_url(re.compile("/installations/"))
        self.look()
        self.look("/installations")
        self.look("/numbers")
        self.look("/home")


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["320", "1280"])
@pytest.mark.parametrize(
    ("language", "asked", "answered"),
    [
        ("id", "kak bukanya jam brp", "08.00-17.00"),
        ("en", "what are your opening hours", "8 AM to 5 PM"),
    ],
)
def test_a_stranger_lives_the_main_job(
    open_browser: Open, running_copy: Copy, language: str, viewport: ViewportSize, asked: str, answered: str
) -> None:
    context = open_browser(language, viewport)
    owner = Owner(context.new_page(), running_copy, uuid4().hex[:8])
    owner.sign_up()
    owner.found_business()
    owner.connect()
    owner.install()
    state = requests.get(f"{running_copy.emulator}/__ctl/state", timeout=5).json()
    number = next(one["id"] for one in state["numbers"] if one["wa_id"] == owner.digits)
    # Sari shows no number: a contact without a phone works everywhere.
    phone = context.new_page()
    phone.goto(f"{running_copy.emulator}/phone?user=u-sari&number={number}&locale={language}")
    handset = phone.locator(".handset").first
    replies = handset.locator(".bubble:not(.is-mine)")
    for said, expected in (("halo", owner.tag), (asked, answered)):
        handset.locator("textarea").fill(said)
        handset.locator("textarea").press("Enter")
        expect(replies.last).to_contain_text(expected, timeout=15_000)
    expect(handset.locator(".is-mine .is-delivered, .is-mine .is-read").last).to_be_visible()
    looks_right(phone)
