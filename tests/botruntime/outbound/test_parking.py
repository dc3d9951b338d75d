"""A number that lost its access keeps its queue; its owners are told once."""

import asyncio

from sqlalchemy import text

from botruntime.outbound import refusals, trouble
from catalog.db import session_factory
from catalog.models import Number, NumberState
from tests.botruntime.outbound.conftest import Scene
from tests.botruntime.stub_graph import error, running_graph


def test_f39_a_revoked_token_parks_the_queue_and_tells_the_owners_once(scene: Scene) -> None:
    number = scene.number()
    for _ in range(40):
        scene.put(scene.chat(number), "Halo")

    async def main() -> int:
        async with running_graph(lambda request: error(190, 401)) as graph, scene.sending(graph.url):
            await scene.until(lambda: all(row["parked_at"] for row in scene.rows()))
            await asyncio.sleep(1.5)
            return len(graph.requests)

    hammered = asyncio.run(main())
    assert hammered <= 40
    scene.session.expire_all()
    number = scene.session.get_one(Number, number.id)
    assert (number.state, number.reason) == (NumberState.DISCONNECTED, "numbers.lost.token")
    assert number.waba is not None
    assert number.waba.business_token is None
    assert notices(scene) == [("number_trouble", scene.person.email, number.display_phone_number)]
    assert {(row["state"], row["reason"]) for row in scene.rows()} == {("queued", refusals.PARKED)}

    number.waba.keep_token(scene.config.sealer, "EAAB-new", None)
    number.state = NumberState.LIVE
    scene.session.commit()
    scene.run_sql(
        "UPDATE outbound_message SET created_at = created_at - interval '25 hours' "
        "WHERE id = (SELECT min(id) FROM outbound_message)"
    )

    async def again() -> None:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("sent", "refused"))
            assert {request.headers["authorization"] for request in graph.requests} == {"Bearer EAAB-new"}

    asyncio.run(again())
    assert scene.states() == ["refused"] + ["sent"] * 39
    assert scene.rows()[0]["reason"] == refusals.EXPIRED


def notices(scene: Scene) -> list[tuple[str, str, str]]:
    with scene.engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, email, params FROM notice ORDER BY id")).all()
    return [(row.kind, row.email, row.params["number"]) for row in rows]


def test_a_token_that_was_replaced_meanwhile_is_left_alone(scene: Scene) -> None:
    number = scene.number()
    assert number.waba is not None
    old = number.waba.business_token
    number.waba.keep_token(scene.config.sealer, "EAAB-new", None)
    scene.session.commit()
    assert trouble.lose_token(session_factory(scene.engine), number.id, old) is False
    assert notices(scene) == []


def test_f41_a_locked_account_ends_the_message_and_parks_the_number(scene: Scene) -> None:
    number = scene.number()
    chat = scene.chat(number)
    scene.put(chat, "satu", "dua")

    async def main() -> None:
        async with running_graph(lambda request: error(131031, 403)) as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states()[0] == "failed" and bool(scene.rows()[1]["parked_at"]))
            assert len(graph.requests) == 1

    asyncio.run(main())
    first = scene.rows()[0]
    assert (first["reason"], first["error"]["code"]) == ("sending.meta.locked", 131031)
    scene.session.expire_all()
    assert scene.session.get_one(Number, number.id).reason == "sending.meta.locked"
    assert len(notices(scene)) == 1


def test_what_only_the_owner_can_put_right_is_told_once_a_day(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, "satu", "dua", "tiga")

    async def main() -> None:
        async with running_graph(lambda request: error(131042)) as graph, scene.sending(graph.url):
            await scene.until(scene.all_are("failed"))

    asyncio.run(main())
    assert [row["reason"] for row in scene.rows()] == ["sending.meta.payment"] * 3
    assert len(notices(scene)) == 1
