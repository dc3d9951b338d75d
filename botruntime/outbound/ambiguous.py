"""Sends whose answer was lost: they wait for a status that names their code, and are sent again at most once.

Meta knows no idempotency key, so the row's code travels as callback data. A status within `WAIT_SECONDS` settles the
row (`statuses.apply`); without one it comes up again and `may_resend` decides. A row left in `sending` by a process
that died has waited as long (its lease), and a death says nothing about the platform, so it does not count as lost.
"""

from __future__ import annotations

WAIT_SECONDS = 10.0
LOST_MOST = 2


def may_resend(was: str, lost: int) -> bool:
    """Whether a message taken from state `was` may go out (again)."""
    return was != "ambiguous" or lost < LOST_MOST
