"""The browser itself: it renders text, so that other browser tests mean what they say."""

from playwright.sync_api import Browser


def test_the_browser_renders_text(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Pasarbot</h1><p>Halo</p>")
    assert page.inner_text("p") == "Halo"
    assert page.evaluate("document.fonts.check('16px sans-serif')")
    page.close()
