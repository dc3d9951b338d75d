"""The safety net: every second, look for rows whose job got lost and queue it again."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session
from werkzeug.utils import import_string

from marketplace.jobs import context

Sweep = Callable[[Session], None]

# Dotted path of every sweep: a function of a session that enqueues with a ``job_id`` what its rows say is due.
SWEEPS: list[str] = [
    "marketplace.jobs.notices:sweep",
    "marketplace.embedded_signup.machine:sweep",
    "marketplace.embedded_signup.leaving:sweep",
]
EVERY_SECONDS = 1.0
# While the database is away there is nothing to sweep and no need to fill the log.
AWAY_SECONDS = 5.0

log = structlog.get_logger()


def once() -> bool:
    """Run every sweep in a transaction of its own; one that fails does not keep the others from running.

    False where one failed.
    """
    well = True
    for path in SWEEPS:
        sweep: Sweep = import_string(path)
        try:
            with context.session() as session:
                sweep(session)
        except Exception as error:  # noqa: BLE001 - the net must hold whatever one of its knots does
            log.error("sweep failed", sweep=path, reason=f"{type(error).__name__}: {error}"[:500])
            well = False
    return well


def forever(stopping: threading.Event) -> None:
    """Sweep until ``stopping`` is set."""
    wait = 0.0
    while not stopping.wait(wait):
        wait = EVERY_SECONDS if once() else AWAY_SECONDS
