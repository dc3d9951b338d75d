"""`./run --check`: live the main job once, over HTTP, through the real processes, and say how long each step took.

A visitor finds a bot, signs up, connects a WhatsApp number through Embedded Signup, installs the bot; a customer
writes to the number and is answered. The addresses come from the environment `./run` gives all its processes.
"""

import os
import re
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from scripts.browser import Browser, Form, Page, Unexpected

T = TypeVar("T")
BOT = "tanya"
PATIENCE = 20.0  # seconds for anything that another process does
GOAL_TOTAL = 30.0
GOAL_ANSWER = 10.0


@dataclass
class Journey:
    """One person's way, and what she carries along."""

    store: str
    emulator: str
    browser: Browser = field(default_factory=Browser)
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    page: Page | None = None
    phone_number_id: str = ""
    earlier: set[object] = field(default_factory=set)
    reply: dict[str, Any] = field(default_factory=dict)
    consented_at: float = 0.0
    answered_at: float = 0.0

    @property
    def email(self) -> str:
        return f"visitor-{self.tag}@check.test"

    @property
    def business(self) -> str:
        return f"Toko {self.tag}"

    @property
    def digits(self) -> str:
        """A number nobody has connected yet, also in a data folder that saw earlier checks."""
        return "62811" + str(int(self.tag, 16) % 10**8).zfill(8)

    @property
    def customer(self) -> str:
        return "62812" + str(int(self.tag, 16) % 10**8).zfill(8)

    def control(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """The emulator's control API."""
        answer = self.browser.session.request(method, f"{self.emulator}/__ctl/{path}", timeout=30, **options)
        if answer.status_code >= 400:
            raise Unexpected(f"{method} /__ctl/{path} answered {answer.status_code}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found

    def here(self) -> Page:
        if self.page is None:
            raise Unexpected("no page is open")
        return self.page


def eventually(look: Callable[[], T | None], what: str, context: Callable[[], str] = str) -> T:
    """What ``look`` finds, asked again until ``PATIENCE`` ends. Raises ``Unexpected``."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise Unexpected(f"waited {PATIENCE:.0f} s for {what}. {context()[:400]}")


def deliveries(it: Journey) -> list[dict[str, Any]]:
    """Every attempt of the emulator to deliver a webhook, of this check."""
    found = it.control("GET", "deliveries")["deliveries"]
    return [one for one in found if one["id"] not in it.earlier]


def find_bot(it: Journey) -> str:
    it.earlier = {one["id"] for one in deliveries(it)}
    it.page = it.browser.open(it.store + "/")
    it.page = it.browser.open(it.page.link(f"/listings/{BOT}"))
    return "the listing is found from the front page"


def sign_up(it: Journey) -> str:
    page = it.browser.open(it.here().link("/install"))
    page = it.browser.open(page.link("/sign-up"))
    form = page.form(lambda form: "password" in form.names and "name" in form.names, "sign up")
    password = secrets.token_urlsafe(18)
    it.page = it.browser.send(form, {"name": "Ibu Check", "email": it.email, "password": password})
    return it.email


def verify(it: Journey) -> str:
    def link() -> str | None:
        mails = it.control("GET", "mails", params={"to": it.email})["mails"]
        return next((link for mail in mails for link in mail["links"] if "/verify/" in link), None)

    page = it.browser.open(eventually(link, "the mail with the link"))
    form = page.form(lambda form: "/verify/" in form.action and form.method == "post", "prove the address")
    it.page = it.browser.send(form)
    return "the mail came, its link works"


def found_business(it: Journey) -> str:
    page = it.browser.open(f"{it.store}/listings/{BOT}/install")
    page = it.browser.open(page.link("/businesses/new"))
    form = page.form(lambda form: "name" in form.names and form.method == "post", "found a business")
    it.page = it.browser.send(form, {"name": it.business})
    return it.business


def connect(it: Journey) -> str:
    page = it.browser.open(f"{it.store}/listings/{BOT}/install")
    page = it.browser.open(page.link("/numbers/new"))
    form = page.form(lambda form: form.action.endswith("/connections"), "connect a number")
    how = {"how": "new"} if "new" in form.choices.get("how", []) else {}
    page = it.browser.send(form, how)
    dialog = urlsplit(it.emulator).netloc
    for _ in range(12):
        if urlsplit(page.url).netloc != dialog:
            break
        page = answer_dialog(it, page)
    else:
        raise Unexpected(f"the dialog does not end: {page.url} {page.text[:200]}")
    it.page = page
    return it.digits


def answer_dialog(it: Journey, page: Page) -> Page:
    """One screen of Meta's dialog, as somebody who is new there answers it."""
    form = page.form(lambda form: not any(value == "cancel" for _, value, _ in form.buttons), "go on")
    step = dict(form.fields).get("step", "")
    if step == "login":
        return it.browser.send(form, button=("login", "newcomer"))
    return it.browser.send(form, answers_to(it, step, page))


def answers_to(it: Journey, step: str, page: Page) -> dict[str, str]:
    if step in ("portfolio", "waba"):
        return {step: "new", "name": it.business}
    if step == "number":
        return {"number": "new", "phone": it.digits}
    if step == "profile":
        return {"name": it.business}
    if step == "otp":
        code = re.search(r"\b(\d{3})-(\d{3})\b", page.text)
        if code is None:
            raise Unexpected(f"no code on {page.text[:300]}")
        return {"code": code[1] + code[2]}
    return {}


def become_live(it: Journey) -> str:
    def form() -> Form | None:
        page = it.browser.open(f"{it.store}/listings/{BOT}/install")
        return next((form for form in page.forms if "number" in form.names), None)

    eventually(form, "the number to become live", lambda: it.browser.open(it.here().url).text)
    numbers = it.control("GET", "state")["numbers"]
    it.phone_number_id = next(one["phone_number_id"] for one in numbers if one["wa_id"] == it.digits)
    return f"subscribed and registered as {it.phone_number_id}"


def install(it: Journey) -> str:
    page = it.browser.open(f"{it.store}/listings/{BOT}/install")
    form = page.form(lambda form: "number" in form.names, "consent")
    it.consented_at = time.monotonic()
    page = it.browser.send(form, {"number": form.choices["number"][0], "agree": form.choices["agree"][0]})
    form = page.form(lambda form: len(form.names) > 3 and form.method == "post", "fill in the settings")
    it.page = it.browser.send(form)
    if "/installations/" not in it.page.url:
        raise Unexpected(f"the settings were not taken: {it.page.url} {it.page.text[:400]}")
    return urlsplit(it.page.url).path


def write(it: Journey) -> str:
    said = {"number": it.phone_number_id, "user": it.customer, "text": "halo"}
    wamid = it.control("POST", "say", json=said)["wamid"]
    return f"a customer writes: halo ({wamid[:18]}...)"


def chat(it: Journey) -> list[dict[str, Any]]:
    """What the bot has sent to the customer, oldest first."""
    found = it.control("GET", "chat", params={"number": it.phone_number_id, "user": it.customer})
    return [one for one in found["messages"] if one["direction"] == "out"]


def be_answered(it: Journey) -> str:
    it.reply = eventually(lambda: next(iter(chat(it)), None), "the bot's answer")
    it.answered_at = time.monotonic()
    return words_of(it.reply["message"])[:80]


def words_of(message: dict[str, Any]) -> str:
    """The body of a message of any type, for a line on the terminal."""
    body = message[message["type"]]
    body = body.get("body", body)
    text = body.get("text", message["type"]) if isinstance(body, dict) else body
    return " ".join(str(text).split())


def be_read(it: Journey) -> str:
    def read() -> dict[str, Any] | None:
        return next((one for one in chat(it) if one["wamid"] == it.reply["wamid"] and one["status"] == "read"), None)

    eventually(read, "the customer to have read it")
    it.control("POST", "settle", json={"timeout": 5})
    refused = [one for one in deliveries(it) if one["status"] != 200]
    if refused:
        raise Unexpected(f"a webhook was not taken: {refused[-1]['status']} on attempt {refused[-1]['attempt']}")
    return "sent, delivered, read; every webhook was answered 200"


STEPS: list[tuple[str, Callable[[Journey], str]]] = [
    ("find the bot", find_bot),
    ("sign up", sign_up),
    ("verify e-mail", verify),
    ("found a business", found_business),
    ("connect a number", connect),
    ("number goes live", become_live),
    ("install the bot", install),
    ("customer writes", write),
    ("bot answers", be_answered),
    ("message is read", be_read),
]


def main() -> int:
    it = Journey(os.environ["STORE_URL"], os.environ["GRAPH_BASE_URL"])
    begin = time.monotonic()
    for name, step in STEPS:
        started = time.monotonic()
        try:
            note = step(it)
        except (Unexpected, requests.RequestException, LookupError) as problem:
            print(f"  FAILED  {name}: {type(problem).__name__}: {problem}", flush=True)
            return 1
        print(f"  {(time.monotonic() - started) * 1000:7.0f} ms  {name:<18} {note}", flush=True)
    return verdict(time.monotonic() - begin, it.answered_at - it.consented_at)


def verdict(total: float, answer: float) -> int:
    """Say the two figures people wait for; the check fails where a goal is missed."""
    print(
        f"  consent to first answered message: {answer:.1f} s (goal {GOAL_ANSWER:.0f} s); all: {total:.1f} s",
        flush=True,
    )
    missed = answer > GOAL_ANSWER or total > GOAL_TOTAL
    print("check: a goal was missed" if missed else "check: everything works", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
