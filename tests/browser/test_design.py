"""The components in a real browser: accessible in every look, and useful without JavaScript."""

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


# Each pair of size, language and theme at least once; all eight would cost a minute and find nothing more.
@pytest.mark.parametrize(
    ("viewport", "language", "theme"),
    [(NARROW, "id", "light"), (NARROW, "en", "dark"), (WIDE, "id", "dark"), (WIDE, "en", "light")],
    ids=["320-id-light", "320-en-dark", "1280-id-dark", "1280-en-light"],
)
def test_the_gallery_has_no_accessibility_fault_and_no_sideways_scroll(
    open_browser: Open, language: str, viewport: ViewportSize, theme: Literal["light", "dark"]
) -> None:
    page = open_browser(language, viewport).new_page()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto("/design")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(OVERFLOW) == 0


def test_a_theme_is_switched_at_once_and_kept(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/design")
    page.locator(".footer").get_by_role("button", name="Gelap").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_language_and_theme_are_switched_without_javascript(open_browser: Open) -> None:
    page = open_browser(javascript=False).new_page()
    page.goto("/design")
    page.locator(".footer").get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Building blocks")
    page.locator(".footer").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/design")


def test_a_menu_closes_by_escape_and_gives_the_focus_back(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/design")
    menu = page.locator("#overlay details").first
    menu.locator("summary").click()
    expect(menu.get_by_role("link", name="Ganti nama")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Ganti nama")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_a_dialog_is_modal_and_returns_to_its_opener(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/design")
    opener = page.locator("#overlay a[data-opens]")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_dialog_opens_and_closes_without_javascript(open_browser: Open) -> None:
    page = open_browser(javascript=False).new_page()
    page.goto("/design")
    page.locator("#overlay a[data-opens]").click()
    expect(page.locator("dialog#invite")).to_be_visible()
    page.locator("dialog#invite .dialog-close").click()
    expect(page.locator("dialog#invite")).to_be_hidden()


def test_rows_are_added_and_removed_in_the_page(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/design")
    box = page.locator("fieldset[data-rows=faq]")
    box.get_by_role("button", name="Tambah tanya jawab").click()
    expect(box.locator("[name=faq-2-question]")).to_be_focused()
    box.get_by_role("button", name="Hapus tanya jawab").first.click()
    expect(box.locator(".rows-list [name=faq-0-question]")).to_have_count(0)
    expect(box.locator(".rows-list .rows-item")).to_have_count(2)
    prices = page.locator("fieldset[data-rows=prices]")
    for _ in range(5):
        prices.locator("[data-rows-add]").click()
    expect(prices.locator("[data-rows-add]")).to_be_disabled()


def test_mondays_hours_are_copied_to_the_working_days(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/design")
    page.locator("[data-hours-copy]").click()
    expect(page.locator("[name=hours-fri-1-close]")).to_have_value("17:00")
    expect(page.locator("[name=hours-sat-0-open]")).to_have_value("09:00")
    page.locator("[data-hours-clear]").click()
    expect(page.locator("[name=hours-sat-0-open]")).to_have_value("")


def test_a_destructive_act_asks_first_without_javascript(open_browser: Open) -> None:
    page = open_browser(javascript=False).new_page()
    page.goto("/design")
    confirm = page.locator("#buttons details.confirm")
    expect(confirm.locator("form")).to_be_hidden()
    confirm.locator("summary").click()
    expect(confirm.locator("form")).to_contain_text("disimpan 30 hari")


def test_a_password_is_shown_and_a_text_is_counted(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/design")
    page.fill("#password", "lorong pasar")
    page.locator("[data-reveal=password]").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.fill("#greeting", "x" * 121)
    expect(page.locator("[data-counter=greeting]")).to_have_text("121/120")


def test_the_first_tab_stop_leads_to_the_content(open_browser: Open) -> None:
    page = open_browser().new_page()
    page.goto("/nowhere")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_shell_fits_a_small_screen(open_browser: Open) -> None:
    page = open_browser("id", NARROW).new_page()
    page.goto("/sign-in?next=/home")
    page.get_by_label("Email").fill("owner@demo.test")
    page.locator("input[type=password]").fill("pasarbot-demo")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/home")
    assert page.evaluate(OVERFLOW) == 0
    page.locator(".shell-place summary").click()
    expect(page.locator(".shell-place .menu-sheet")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.locator(".shell-bar-end summary").click()
    expect(page.locator(".shell-bar-end .menu-sheet")).to_be_in_viewport(ratio=1)
