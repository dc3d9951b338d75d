"""A real browser against real processes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.running import Copy

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 800}
LOCALES = {"id": "id-ID", "en": "en-GB"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser ./test found or fetched. Without one the browser tests fail: they are never skipped."""
    found = os.environ.get("PASARBOT_CHROMIUM")
    if not found:
        pytest.fail(
            os.environ.get("PASARBOT_NO_CHROMIUM") or "run ./test: it finds or fetches a Chromium", pytrace=False
        )
    return Path(found)


@pytest.fixture(scope="package")
def browser(chromium: Path) -> Iterator[Browser]:
    """One headless browser. Package scope: while Playwright runs, no other test of this process may use asyncio."""
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    libraries = environment.get("PASARBOT_CHROMIUM_LIBRARIES")
    if libraries:
        environment["LD_LIBRARY_PATH"] = libraries
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, env=environment, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def running_copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """Everything `./run` starts, on ports and a folder of its own, shared by the browser tests of this process."""
    with Copy(tmp_path_factory.mktemp("copy") / "data") as copy:
        yield copy


@pytest.fixture
def open_browser(browser: Browser, running_copy: Copy) -> Iterator[Callable[..., BrowserContext]]:
    """``open_browser("id", WIDE, javascript=False)`` → a fresh context (own cookies) whose base is the store.

    Fails the test afterwards when a page of it broke the Content-Security-Policy or threw an error.
    """
    opened: list[BrowserContext] = []
    troubles: list[str] = []

    def open_one(language: str = "id", viewport: ViewportSize = WIDE, *, javascript: bool = True) -> BrowserContext:
        context = browser.new_context(
            base_url=running_copy.store,
            locale=LOCALES[language],
            viewport=viewport,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        context.on(
            "weberror", lambda error: troubles.append(f"error on {error.page and error.page.url}: {error.error}")
        )
        context.on(
            "console",
            lambda message: "Content Security Policy" in message.text and troubles.append(message.text),
        )
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def page(open_browser: Callable[..., BrowserContext]) -> Page:
    """A page on a wide screen in Indonesian."""
    return open_browser().new_page()
