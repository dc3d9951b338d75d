"""The settings the processes of one copy get. What is given in the environment stands; the rest is filled in."""

from collections.abc import Mapping

from scripts.children import ServiceError
from scripts.ports import Ports

DEMO_APP = "100000000000001"
DEMO_CONFIG = "600000000000001"
DEMO_PASSWORD = "pasarbot-demo"  # noqa: S105 - printed at every start, for a database nobody else reaches


def is_given(environ: Mapping[str, str], name: str) -> bool:
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def has_real_app(environ: Mapping[str, str]) -> bool:
    """Whether a Meta app of the operator's own is configured: no emulator, no demo accounts then."""
    return is_given(environ, "META_APP_ID") and is_given(environ, "META_APP_SECRET")


def password(environ: Mapping[str, str]) -> str:
    """The password of the demo accounts."""
    return environ.get("PASARBOT_DEMO_PASSWORD") or DEMO_PASSWORD


def complete(environ: Mapping[str, str], ports: Ports, secrets: Mapping[str, str]) -> dict[str, str]:
    """``environ`` with every missing setting filled in, for the demo or for a real Meta app."""
    store, door, emulator, pages = (f"http://localhost:{port}" for port in ports.named().values())
    defaults = {
        "SECRET_KEY": secrets["SECRET_KEY"],
        "SEALING_KEYS": secrets["SEALING_KEYS"],
        "META_VERIFY_TOKEN": secrets["META_VERIFY_TOKEN"],
        "STORE_URL": store,
        "DOOR_URL": door,
        "PAGES_URL": pages,
        "MAIL_FROM": "Pasarbot <no-reply@pasarbot.test>",
        "GRAPH_VERSION": "v25.0",
        "PYTHONUNBUFFERED": "1",
    }
    if not is_given(environ, "STORE_URL"):
        # Only on localhost: cookies there ignore ports, so their names carry the base port.
        defaults |= {"BASE_PORT": str(ports.base), "TRUSTED_HOSTS": "localhost,127.0.0.1"}
    if has_real_app(environ):
        _demand_mail(environ)
    else:
        defaults |= {
            "META_APP_ID": DEMO_APP,
            "META_APP_SECRET": secrets["META_APP_SECRET"],
            "META_CONFIG_ID": DEMO_CONFIG,
            "GRAPH_BASE_URL": emulator,
            "FB_SDK_URL": f"{emulator}/en_US/sdk.js",
            "FB_DIALOG_URL": f"{emulator}/v25.0/dialog/oauth",
            "FB_DIALOG_ORIGINS": emulator,
            "MAIL_URL": f"{emulator}/mail",
            "CHAT_URL": emulator + "/phone?number={phone}&user={phone}",
            "DEMO": "1",
        }
    whole = {name: value for name, value in defaults.items() if not is_given(environ, name)} | dict(environ)
    if "DATABASE_URL" in whole:
        whole["DATABASE_URL"] = with_driver(whole["DATABASE_URL"])
    return whole


def with_driver(url: str) -> str:
    """``postgres://`` and ``postgresql://``, as hosts hand them out, with the driver SQLAlchemy must use."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url


def _demand_mail(environ: Mapping[str, str]) -> None:
    if not is_given(environ, "MAIL_URL"):
        raise ServiceError("with a real Meta app mail must go out: set MAIL_URL, e.g. smtps://user:password@host:465")
