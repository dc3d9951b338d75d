"""What every way of running a version keeps to."""

from typing import Protocol

from botruntime.sdk.contract import Outcome, Tables, Turn


class Host(Protocol):
    """Runs turns. Called in a thread; may be given up on when it takes too long."""

    def run(self, bot: str, turn: Turn, tables: Tables) -> Outcome:
        """The outcome of ``turn`` for the bot with that slug.

        Raises ``BotError`` when its code fails, ``Conflict`` when the turn has to be run again, ``NotRunnable`` when
        there is no such bot here.
        """
        ...


class NotRunnable(Exception):
    """This process has no code for the version."""
