"""What a bot author imports; knows no database and no network; also installable alone.

`from botruntime.sdk import Bot, Ctx, matching, formats, hours` is all a bot needs.
"""

from botruntime.sdk import formats, matching, parsing
from botruntime.sdk.bot import Bot
from botruntime.sdk.context import Ctx
from botruntime.sdk.contract import (
    BotError,
    Conflict,
    File,
    Message,
    Outcome,
    Record,
    Reject,
    Reply,
    Tables,
    TemplateUse,
    Turn,
)
from botruntime.sdk.formats import money
from catalog.manifest import hours

__all__ = [
    "Bot",
    "BotError",
    "Conflict",
    "Ctx",
    "File",
    "Message",
    "Outcome",
    "Record",
    "Reject",
    "Reply",
    "Tables",
    "TemplateUse",
    "Turn",
    "formats",
    "hours",
    "matching",
    "money",
    "parsing",
]
