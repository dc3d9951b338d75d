"""Built-in bots: our own Python in ``botruntime/bots/<slug>/bot.py``, run inside the worker."""

import importlib
import importlib.util
from functools import cache

from botruntime.hosting.base import NotRunnable
from botruntime.sdk import engine
from botruntime.sdk.bot import Bot
from botruntime.sdk.contract import Outcome, Tables, Turn


class Builtin:
    """The host of bots that come with the product. Each module has one ``bot``."""

    def run(self, bot: str, turn: Turn, tables: Tables) -> Outcome:
        """See ``Host.run``."""
        return engine.run(load(bot), turn, tables)


@cache
def load(slug: str) -> Bot:
    """The built-in bot of that slug. Raises ``NotRunnable`` when there is none."""
    package = f"botruntime.bots.{slug.replace('-', '_')}"
    if importlib.util.find_spec(package) is None:
        raise NotRunnable(slug)
    found = getattr(importlib.import_module(f"{package}.bot"), "bot", None)
    if not isinstance(found, Bot):
        raise NotRunnable(slug)
    return found
