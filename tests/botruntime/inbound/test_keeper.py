"""Group commit: what arrives together shares a commit, and one bad row does not take its neighbours along."""

import asyncio
from dataclasses import replace

from sqlalchemy import Engine, text

from botruntime.config import Config
from botruntime.inbound.keeper import Keeper
from botruntime.inbound.payload_split import split
from tests.botruntime import hooks


def kept(engine: Engine) -> list[tuple[str, str | None]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT state, reason FROM inbound_event ORDER BY id")).all()
        return [(row[0], row[1]) for row in rows]


def test_a_row_the_database_refuses_is_parked_alone(config: Config, engine: Engine) -> None:
    async def act() -> None:
        keeper = Keeper(config.database_dsn)
        keeper.start()
        good = [split(hooks.hook("1", hooks.text(str(number)))) for number in range(3)]
        bad = [replace(good[1][0], phone_number_id="x" * 65)]
        await asyncio.gather(keeper.keep(good[0]), keeper.keep(bad), keeper.keep(good[2]))
        await keeper.stop()

    asyncio.run(act())
    assert sorted(kept(engine)) == [("parked", "unstorable"), ("pending", None), ("pending", None)]


def test_requests_that_arrive_together_share_one_transaction(config: Config, engine: Engine) -> None:
    async def act() -> None:
        keeper = Keeper(config.database_dsn)
        keeper.start()
        await asyncio.gather(*(keeper.keep(split(hooks.hook("1", hooks.text(str(n))))) for n in range(50)))
        await keeper.stop()

    asyncio.run(act())
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT count(DISTINCT xmin::text) FROM inbound_event"))
    assert count is not None
    assert count <= 2
    assert len(kept(engine)) == 50


def test_a_keeper_writes_what_waits_before_it_stops(config: Config, engine: Engine) -> None:
    async def act() -> None:
        keeper = Keeper(config.database_dsn)
        keeper.start()
        writing = asyncio.create_task(keeper.keep(split(hooks.hook("1", hooks.text("terakhir")))))
        await asyncio.sleep(0)
        await keeper.stop()
        await writing

    asyncio.run(act())
    assert kept(engine) == [("pending", None)]
