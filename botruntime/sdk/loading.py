"""Loads a bot from its folder: `bot.py` must hold a Bot under the name `bot`."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from botruntime.sdk.bot import Bot
from catalog.manifest import Finding, ManifestError


def load(folder: Path) -> Bot:
    """The bot in `folder`. Its own modules are importable below the folder's name (`from hello import helper`).

    Raises ManifestError, also when `bot.py` itself fails.
    """
    source = folder / "bot.py"
    name = re.sub(r"\W", "_", folder.resolve().name)
    spec = spec_from_file_location(name, source, submodule_search_locations=[str(folder)])
    if not source.is_file() or spec is None or spec.loader is None:
        raise ManifestError([Finding("bot_unloadable", "bot.py", "no such file")])
    module = module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ManifestError:
        raise
    except Exception as error:
        raise ManifestError([Finding("bot_unloadable", "bot.py", f"{type(error).__name__}: {error}")]) from error
    finally:
        if before is not None:
            sys.modules[name] = before
    bot = getattr(module, "bot", None)
    if not isinstance(bot, Bot):
        raise ManifestError([Finding("bot_unloadable", "bot.py", "no `bot`")])
    return bot
