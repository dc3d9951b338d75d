"""Draws the README's picture from a running copy: a bot's page beside a phone that the bot answers.

    python -m scripts.picture --port 8000 --out docs/pictures/store-and-phone.png

The copy must have TANYA on a number (`./run`, then the four steps of the README). Needs the test requirements.
"""

import argparse
import base64
import time
from pathlib import Path

import requests
from playwright.sync_api import Page, sync_playwright

from scripts.chromium import find_or_fetch

PAGE = """
<body style="margin:0;display:flex;gap:28px;padding:28px;background:#e9e4db;align-items:center">
<img style="width:900px;border-radius:14px;box-shadow:0 12px 40px -12px #0006" src="data:image/png;base64,{store}">
<img style="width:370px;border-radius:34px;box-shadow:0 12px 40px -12px #0006" src="data:image/png;base64,{phone}">
</body>
"""


def main() -> None:
    """Take both pictures and lay them side by side."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=8000)
    asked.add_argument("--out", type=Path, required=True)
    given = asked.parse_args()
    store, emulator = f"http://localhost:{given.port}", f"http://localhost:{given.port + 2}"
    number = answered_number(emulator)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_fetch(), args=["--no-sandbox"])
        wide = browser.new_page(viewport={"width": 1200, "height": 960}, locale="id-ID", color_scheme="light")
        wide.goto(f"{store}/listings/tanya")
        narrow = browser.new_page(viewport={"width": 390, "height": 760}, locale="id-ID", color_scheme="light")
        chat(narrow, emulator, number)
        sheet = browser.new_page(viewport={"width": 1360, "height": 780})
        sheet.set_content(PAGE.format(store=encoded(wide.screenshot()), phone=encoded(narrow.screenshot())))
        given.out.parent.mkdir(parents=True, exist_ok=True)
        sheet.locator("body").screenshot(path=given.out)
        browser.close()


def answered_number(emulator: str) -> str:
    """The newest number that is registered and subscribed."""
    state = requests.get(f"{emulator}/__ctl/state", timeout=10).json()
    found: str = next(one["id"] for one in reversed(state["numbers"]) if one["registered"] and one["subscribed"])
    return found


def chat(page: Page, emulator: str, number: str) -> None:
    """A short talk, as a customer has it."""
    said = {"number": number, "user": "u-dewi"}
    for text in ("halo", "bukanya jam berapa ya kak?"):
        requests.post(f"{emulator}/__ctl/say", json={**said, "text": text}, timeout=10).raise_for_status()
        time.sleep(2.5)
    page.goto(f"{emulator}/phone?user=u-dewi&number={number}")
    page.wait_for_timeout(1500)


def encoded(picture: bytes) -> str:
    """For a data address."""
    return base64.b64encode(picture).decode()


if __name__ == "__main__":
    main()
