"""Everything that can be said about a bot's folder without running it for real customers."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from botruntime.sdk import basics, loading
from botruntime.sdk.bot import Bot
from botruntime.sdk.contract import BotError
from botruntime.sdk.simulator import conversation
from catalog.manifest import Finding, ManifestError

FORBIDDEN = (
    "asyncio", "builtins", "ctypes", "ftplib", "http", "importlib", "multiprocessing", "os", "pathlib", "pickle",
    "pty", "runpy", "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "urllib.request", "webbrowser",
)  # fmt: skip
"""Parts of the standard library a bot has no business with."""
_SAYING = {"say": 0, "ask": 0, "t": 0, "reject": 0, "send": 1, "Reject": 0}


def check(folder: Path) -> list[Finding]:
    """Every finding, most basic first; an empty list means the bot is ready to be submitted."""
    found = [finding for source in _sources(folder) for finding in imports(folder, source)]
    try:
        bot = loading.load(folder)
    except ManifestError as error:
        return [*error.findings, *found]
    found += _belongings(bot, folder)
    found += [finding for source in _sources(folder) for finding in _texts(bot, folder, source)]
    found += _behaviour(bot)
    found += _conversations(bot, folder)
    return found


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.py"))


def imports(folder: Path, source: Path) -> Iterator[Finding]:
    """Imports of anything but the SDK, the bot's own modules and the harmless part of the standard library."""
    try:
        tree = ast.parse(source.read_bytes())
    except (SyntaxError, ValueError) as error:
        yield Finding("bot_unloadable", source.name, str(error))
        return
    own = (folder.resolve().name, f"botruntime.bots.{folder.resolve().name}", "botruntime.sdk")
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            ours = any(name == allowed or name.startswith(f"{allowed}.") for allowed in own)
            if not ours and (name.partition(".")[0] not in sys.stdlib_module_names or _is_forbidden(name)):
                where = f"{source.name}:{getattr(node, 'lineno', 0)}"
                yield Finding("foreign_import", where, name, {"module": name})


def _is_forbidden(name: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in FORBIDDEN)


def _belongings(bot: Bot, folder: Path) -> Iterator[Finding]:
    if "menu" not in bot.hooks:
        yield Finding("no_menu", "bot.py")
    if not (folder / "README.md").is_file():
        yield Finding("no_readme", "README.md")
    icon = bot.manifest.icon
    if icon and not (folder / Path(icon).name).is_file():
        yield Finding("no_icon", "manifest.toml:icon", icon)


def _texts(bot: Bot, folder: Path, source: Path) -> Iterator[Finding]:
    """Keys said in the code that no catalogue has."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        place = _SAYING.get(name)
        if place is None or len(node.args) <= place:
            continue
        key = node.args[place]
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and not bot.texts.has(key.value):
            yield Finding("unknown_text", f"{source.relative_to(folder)}:{node.lineno}", key.value)


def _behaviour(bot: Bot) -> Iterator[Finding]:
    ready = basics.required_settings_filled(bot)
    for rule in basics.CHECKS:
        try:
            rule(ready)
        except (AssertionError, BotError, LookupError, ValueError) as error:
            yield Finding("misbehaves", "bot.py", str(error)[:2000], {"check": rule.__name__})


def _conversations(bot: Bot, folder: Path) -> Iterator[Finding]:
    for path in sorted((folder / "conversations").glob("*.toml")):
        where = f"conversations/{path.name}"
        try:
            talks = conversation.read(path)
        except (ValueError, TypeError, KeyError) as error:
            yield Finding("conversation_differs", where, str(error))
            continue
        for talk in talks:
            try:
                conversation.play(bot, talk)
            except (AssertionError, BotError, LookupError, ValueError) as error:
                yield Finding("conversation_differs", where, str(error)[:2000])
