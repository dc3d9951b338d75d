"""How fast: the platform's limits kept before it complains, and its complaints heeded."""

import asyncio
from itertools import pairwise

import pytest

from botruntime.outbound import pacing, refusals
from botruntime.outbound.pacing import PAIR_BURST, PAIR_INTERVAL, Bucket, NumberPace, NumberPaces, PairPace
from tests.botruntime.outbound.conftest import Scene
from tests.botruntime.stub_graph import Request, accepted, error, running_graph


def test_a_pair_may_burst_and_then_waits_its_turn() -> None:
    pairs = PairPace()
    for _ in range(PAIR_BURST):
        assert pairs.wait(1, 100.0) == 0
        pairs.take(1, 100.0)
    assert pairs.wait(1, 100.0) == PAIR_INTERVAL
    assert pairs.wait(2, 100.0) == 0
    assert pairs.wait(1, 100.0 + PAIR_INTERVAL) == 0


def test_a_throttled_pair_goes_at_one_message_in_six_seconds() -> None:
    pairs, now, sent = PairPace(), 50.0, []
    pairs.throttled(1, now)
    while len(sent) < 4:
        now += pairs.wait(1, now)
        pairs.take(1, now)
        sent.append(now)
    assert [later - earlier for earlier, later in pairwise([50.0, *sent])] == [PAIR_INTERVAL] * 4


def test_what_is_at_rest_is_forgotten_and_what_is_not_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "FORGET_ABOVE", 100)
    pairs, numbers = PairPace(), NumberPaces(cap=4)
    pairs.throttled(0, 0.0)
    numbers.of(0, is_coexistence=False, now=0.0).throttled(0.0, 3600.0)
    for key in range(1, 1000):
        now = key / 10
        pairs.take(key, now)
        numbers.of(key, is_coexistence=False, now=now).start(now)
        numbers.of(key, is_coexistence=False, now=now).under_way -= 1
    assert pairs.wait(0, 1.0) > 0
    assert numbers.of(0, is_coexistence=False, now=999.0).held_until == 3600.0
    assert len(pairs._buckets) <= 200
    assert len(numbers._paces) <= 200


def test_a_bucket_refills_at_its_rate() -> None:
    bucket = Bucket(1 / 80, 80)
    for _ in range(80):
        assert bucket.wait(0.0) == 0
        bucket.take(0.0)
    assert abs(bucket.wait(0.0) - 1 / 80) < 1e-9
    assert bucket.wait(0.5) == 0


def test_messages_put_off_are_spread_at_the_numbers_rate() -> None:
    number = NumberPace.of(is_coexistence=True, cap=64)
    for _ in range(20):
        assert number.wait(10.0) == 0
        number.start(10.0)
    waits = [number.wait(10.0) for _ in range(40)]
    assert waits == sorted(waits)
    assert abs(waits[-1] - (40 + 1) / 20) < 0.06


def test_holds_grow_with_each_complaint_and_end_with_success() -> None:
    number, now, holds = NumberPace.of(is_coexistence=False, cap=64), 0.0, []
    for _ in range(4):
        number.throttled(now, None)
        holds.append(number.held_until - now)
        assert number.throttled(now, None) > 0
        now = number.held_until
    assert holds == [1.0, 2.0, 4.0, 8.0]
    number.succeeded()
    number.throttled(now, None)
    assert number.held_until - now == 1.0


def test_f36_a_throttled_number_is_held_and_others_are_not(scene: Scene) -> None:
    busy, other = scene.number(), scene.number()
    for _ in range(10):
        scene.put(scene.chat(busy), "ramai")

    async def main() -> None:
        def handler(request: Request) -> bytes:
            return error(130429, 429, retry_after="30") if request.text == "ramai" else accepted(request)

        async with running_graph(handler) as graph, scene.sending(graph.url) as sender:
            await scene.until(lambda: all(row["reason"] == refusals.PACED_NUMBER for row in scene.rows()))
            asked = len(graph.requests)
            chat = scene.chat(other)
            scene.put(chat, "lancar")
            sender.wake()
            await scene.until(lambda: scene.states()[-1] == "sent", 1.0)
            scene.put(scene.chat(busy), "ramai")
            await asyncio.sleep(1.3)
            assert [request.text for request in graph.requests].count("ramai") == asked

    asyncio.run(main())
    waiting = [row for row in scene.rows() if row["state"] == "queued"]
    assert len(waiting) == 11
    assert {row["reason"] for row in waiting} == {refusals.PACED_NUMBER}


def test_f36_the_queue_is_sent_when_the_hold_is_over(scene: Scene) -> None:
    number = scene.number()
    for _ in range(8):
        scene.put(scene.chat(number), "Halo")
    complaints = [error(130429), error(80007), error(4)]

    async def main() -> None:
        async with running_graph(lambda r: complaints.pop() if complaints else accepted(r)) as graph:
            async with scene.sending(graph.url):
                await scene.until(scene.all_are("sent"), 15)
            assert len(graph.requests) == 8 + 3

    asyncio.run(main())


def test_f37_five_bubbles_are_paced_in_order_and_none_is_dropped(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    interval = 1.5  # six seconds in life
    monkeypatch.setattr(pacing, "PAIR_INTERVAL", interval)
    chat = scene.chat(scene.number())
    scene.put(chat, *"12345")
    sent_at: list[float] = []

    def pair_rate(request: Request) -> bytes:
        if sent_at and request.at - sent_at[-1] < interval - 0.05:
            return error(131056)
        sent_at.append(request.at)
        return accepted(request)

    async def main() -> list[str]:
        async with running_graph(pair_rate) as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states().count("sent") == 3, 20)
            return graph.texts

    texts = asyncio.run(main())
    # The second was refused once, then everything went at the pair's own pace without another complaint.
    assert texts == ["1", "2", "2", "3"]
    assert all(interval - 0.1 <= later - earlier < interval + 3 for earlier, later in pairwise(sent_at))
    assert scene.states()[3:] == ["queued", "queued"]


def test_a_burst_to_one_contact_is_put_off_before_the_platform_complains(scene: Scene) -> None:
    chat = scene.chat(scene.number())
    scene.put(chat, *(f"{n}" for n in range(PAIR_BURST + 3)))

    async def main() -> int:
        async with running_graph() as graph, scene.sending(graph.url):
            await scene.until(lambda: scene.states().count("sent") == PAIR_BURST, 20)
            await scene.until(lambda: scene.rows()[PAIR_BURST]["reason"] == refusals.PACED_PAIR)
            return len(graph.requests)

    assert asyncio.run(main()) == PAIR_BURST
    assert scene.rows()[PAIR_BURST]["attempts"] == 0
