"""A device in words people use, from the name its browser gives itself."""

import re

from catalog.web.language import t
from marketplace.blueprints.accounts import bp

# The first that matches: browsers carry their ancestors' names too.
BROWSERS = (
    (r"Edg[A-Z]*/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"UCBrowser/", "UC Browser"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)
SYSTEMS = (
    (r"Android", "Android"),
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"CrOS", "ChromeOS"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS", "Mac"),
    (r"Linux", "Linux"),
)


@bp.app_template_filter("device")
def device(agent: str) -> str:
    """``Chrome di Android``; what we do not know is left out, and nothing known is empty."""
    browser, system = (_first(table, agent) for table in (BROWSERS, SYSTEMS))
    if browser and system:
        return t("accounts.logins.on", browser=browser, system=system)
    return browser or system


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in table if re.search(pattern, agent)), "")
