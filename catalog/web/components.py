"""The components of ``templates/components`` under one name in every template: ``ui.button(…)``."""

from functools import lru_cache
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from jinja2.runtime import Macro
from lucide.jinja import lucide
from markupsafe import Markup

FOLDER = "components/"
GALLERY = "components/gallery.html"


class Components:
    """Finds a macro by its name, whichever file of the folder defines it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._macros: dict[str, Macro] = {}

    def __getattr__(self, name: str) -> Macro:
        if name.startswith("_"):
            raise AttributeError(name)
        if not self._macros or self._environment.auto_reload:
            self._macros = self._collect()
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"no component named {name!r} in templates/components") from None

    def _collect(self) -> dict[str, Macro]:
        names = self._environment.list_templates(filter_func=is_component)
        modules = (self._environment.get_template(name).module for name in names)
        return {name: one for module in modules for name, one in vars(module).items() if isinstance(one, Macro)}


def is_component(name: str) -> bool:
    """Whether a template defines components."""
    return name.startswith(FOLDER) and name != GALLERY and not name.startswith(f"{FOLDER}gallery")


class Compiled(BytecodeCache):
    """Compiled templates of this process: a second app (a test's, say) need not compile them again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what an earlier app compiled from the same source."""
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


compiled = Compiled()


@lru_cache(maxsize=1024)
def icon(name: str, size: int = 20, **attributes: Any) -> Markup:
    """A lucide icon that only decorates: the words beside it say what it means. Cached: reading one costs 0.2 ms."""
    given = {"class": attributes.pop("class_", "icon"), "aria_hidden": "true", "focusable": "false", **attributes}
    return Markup(lucide(name, size=size, **given))  # noqa: S704 - an SVG from the wheel


def init(app: Flask) -> None:
    """Give every template ``ui`` and the icons."""
    app.jinja_env.bytecode_cache = compiled
    app.jinja_env.globals.update(ui=Components(app.jinja_env), icon=icon, lucide_icon=icon)
