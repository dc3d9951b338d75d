"""Short true pages: how it works, who we are, what happens to data, what we agree on."""

from collections.abc import Callable
from email.utils import parseaddr

from flask import Blueprint, render_template

from catalog.web.access import access, public
from marketplace import config

bp = Blueprint("pages", __name__)

# Address → the sections of its page, in order; their words are in the catalogue ``pages``.
PAGES: dict[str, tuple[str, ...]] = {
    "how": ("find", "connect", "install", "people", "leave"),
    "about": ("what", "bots", "independent"),
    "privacy": ("who", "account", "customers", "bots", "cookies", "keep", "rights"),
    "terms": ("parties", "account", "numbers", "bots", "money", "end", "limits"),
}


def page(name: str) -> Callable[[], str]:
    """The view of one page."""

    def view() -> str:
        _, contact = parseaddr(config.current().mail_from)
        return render_template("pages/page.html", name=name, sections=PAGES[name], contact=contact)

    view.__doc__ = f"The page {name}."
    return access(public)(view)


for _name in PAGES:
    bp.add_url_rule(f"/{_name}", _name, page(_name), methods=["GET"])
