"""The product's worker with a bot that leaves a trace of every message: a record, a count in its state, a reply."""

import asyncio
import signal
from uuid import uuid4

from botruntime import logs
from botruntime.config import load
from botruntime.sdk.contract import Outcome, Record, Reply, Tables, Turn
from botruntime.worker import Worker


class CountingBot:
    """Not idempotent on purpose: run twice for one message, it leaves two traces."""

    def run(self, bot: str, turn: Turn, tables: Tables) -> Outcome:
        assert turn.contact is not None
        wamid, count = turn.event.id, turn.state.get("n", 0) + 1
        data = {"wamid": wamid, "n": count}
        tables.insert(Record(str(uuid4()), "traces", data, turn.now, turn.now, contact=turn.contact.code))
        return Outcome(replies=(Reply(body=f"{count} {wamid}"),), state={"n": count})


async def run() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await Worker(load(), hosts={"builtin": CountingBot()}).run(stop)


if __name__ == "__main__":
    logs.set_up()
    asyncio.run(run())
