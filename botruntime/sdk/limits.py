"""Lengths and counts the platform allows, and what one turn of a bot may do.

Platform figures: Meta, "Interactive reply buttons", "Interactive lists", "Text messages" (Cloud API reference); where
its pages disagree (body of a list) the smaller one. Lengths are code points; Meta does not say which unit it counts.
"""

BODY_TEXT = 4096
BODY_CARD = 1024
"""Body of buttons, lists and links, and the caption of a file."""
HEADER = 60
FOOTER = 60
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
LIST_ROWS = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72
ROW_ID = 200
LABEL = 20

REPLIES_PER_TURN = 10
TIMERS_PER_TURN = 20
NOTICES_PER_TURN = 5
WRITES_PER_TURN = 100
STATE_BYTES = 64 * 1024
RECORD_BYTES = 16 * 1024
UNKNOWN_EVERY_S = 600
"""Seconds between two "I did not understand" to the same contact."""


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; a cut is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
