"""The customer service window: free-form messages are allowed for 24 hours after the contact's last message.

Source: Meta, "Customer service windows". Judged by business time at the moment of sending, never when a message was
put into the outbox.
"""

from __future__ import annotations

from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)


def closes_at(last_inbound_at: datetime | None) -> datetime | None:
    """When the window closes or has closed; None where the contact never wrote."""
    return None if last_inbound_at is None else last_inbound_at + WINDOW


def is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether a free-form message may be sent at `now` (business time)."""
    closing = closes_at(last_inbound_at)
    return closing is not None and now < closing
