"""The house's own bots, each a complete folder; `load("tanya")` gives the bot a version of hosting `builtin` runs."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from botruntime.sdk import Bot


def names() -> list[str]:
    """Folders of all built-in bots, sorted; a folder's name is the manifest's id with `_` for `-`."""
    return sorted(module.name for module in iter_modules(__path__) if module.ispkg)


@cache
def load(slug: str) -> Bot:
    """The built-in bot with this manifest id. Raises KeyError when there is none."""
    name = slug.replace("-", "_")
    if name not in names():
        raise KeyError(f"no built-in bot {slug!r}")
    bot = import_module(f"{__name__}.{name}.bot").bot
    assert isinstance(bot, Bot)
    return bot
