"""A browser without JavaScript, as small as `./run --check` needs it: pages, links, forms, cookies, redirects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

VOID = ("hidden", "text", "email", "password", "tel", "search", "number", "date", "time", "url", "")


class Unexpected(Exception):
    """The page is not what a person would have met here. The text says what was met instead."""


@dataclass
class Form:
    """A form as it would be sent untouched, and its buttons as (name, value, label)."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is sent with ``values`` typed in; a name the form does not have is a mistake of the caller."""
        unknown = values.keys() - self.names
        if unknown:
            raise Unexpected(f"the form {self.action} has no field {', '.join(sorted(unknown))}: {sorted(self.names)}")
        return [(name, value) for name, value in self.fields if name not in values] + list(values.items())


class Page(HTMLParser):
    """What a person without JavaScript can do on a page."""

    def __init__(self, url: str, status: int, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.status = status
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._outside: dict[str, Form] = {}
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: tuple[str, list[str]] | None = None
        self._button: list[str] | None = None
        self._hidden = 0
        self.feed(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def form(self, wanted: Callable[[Form], bool], what: str) -> Form:
        """The first form that is ``wanted``. Raises ``Unexpected``."""
        for form in self.forms:
            if wanted(form):
                return form
        raise Unexpected(f"no form to {what} on {self.url} ({self.status}): {self.text[:300]}")

    def link(self, part: str) -> str:
        """The first link whose path contains ``part``. Raises ``Unexpected``."""
        for link in self.links:
            if part in urlsplit(link).path:
                return link
        raise Unexpected(f"no link to {part} on {self.url} ({self.status}): {self.text[:300]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self._hidden += 1
        elif tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "form":
            self._form = Form(urljoin(self.url, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self._form)
            if "id" in given:
                self._outside[given["id"]] = self._form
        elif tag == "option" and self._select is not None:
            self._select[1].append((given.get("value", ""), "selected" in given))
        else:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form = self._outside.get(given["form"]) if "form" in given else self._form
        if form is None or "disabled" in given:
            return
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "button" and kind in ("submit", ""):
            self._button = []
            form.buttons.append((name, given.get("value", ""), ""))
        if not name:
            return
        if tag == "input" and kind in ("checkbox", "radio"):
            form.names.add(name)
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.fields.append((name, given.get("value", "on")))
        elif tag == "input" and kind in VOID:
            form.names.add(name)
            form.fields.append((name, given.get("value", "")))
        elif tag == "select":
            form.names.add(name)
            self._select = (name, [])
        elif tag == "textarea":
            form.names.add(name)
            self._area = (name, [])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self._hidden = max(0, self._hidden - 1)
        elif tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None and self._form is not None:
            name, options = self._select
            chosen = [value for value, is_selected in options if is_selected] or [value for value, _ in options[:1]]
            self._form.choices[name] = [value for value, _ in options]
            self._form.fields += [(name, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._area is not None and self._form is not None:
            self._form.fields.append((self._area[0], "".join(self._area[1]).removeprefix("\n")))
            self._area = None
        elif tag == "button" and self._button is not None and self._form is not None and self._form.buttons:
            name, value, _ = self._form.buttons[-1]
            self._form.buttons[-1] = (name, value, " ".join("".join(self._button).split()))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)
        elif not self._hidden:
            self.words.append(data)
            if self._button is not None:
                self._button.append(data)


class Browser:
    """Cookies, and the page a person is on."""

    def __init__(self, language: str = "id") -> None:
        self.session = requests.Session()
        # Proxies and passwords of the machine are not a visitor's.
        self.session.trust_env = False
        looks = {"Accept": "text/html", "Accept-Language": language, "User-Agent": "pasarbot-check"}
        self.session.headers.update(looks)

    def open(self, url: str) -> Page:
        """Go to ``url``, through redirects. Raises ``Unexpected`` where a person would meet an error page."""
        return self._page(self.session.get(url, timeout=30))

    def send(self, form: Form, values: Mapping[str, str] | None = None, button: tuple[str, str] | None = None) -> Page:
        """Fill ``form`` with ``values`` and send it, as a press on ``button`` (name, value) would."""
        data = form.filled(values or {}) + ([button] if button and button[0] else [])
        if form.method == "get":
            return self._page(self.session.get(form.action, params=data, timeout=30))
        parts = urlsplit(form.action)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin"}
        return self._page(self.session.post(form.action, data=data, headers=headers, timeout=30))

    @staticmethod
    def _page(answer: requests.Response) -> Page:
        page = Page(answer.url, answer.status_code, answer.text)
        if answer.status_code >= 400:
            raise Unexpected(f"{answer.request.method} {answer.url} answered {answer.status_code}: {page.text[:400]}")
        return page
