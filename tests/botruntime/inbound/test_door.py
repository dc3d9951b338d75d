"""The door keeps what it acknowledges, and acknowledges nothing it did not keep."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
import requests
from sqlalchemy import Engine, NullPool, create_engine, text

from botruntime.config import Config
from botruntime.inbound.door import Door
from botruntime.inbound.signature import is_genuine, sign
from tests.botruntime import hooks
from tests.botruntime.conftest import RunningDoor, serve

NUMBER = "730000000000001"


def test_a_text_message_is_kept_as_it_came_and_acknowledged(door: RunningDoor) -> None:
    body = hooks.hook(NUMBER, hooks.text("Halo \u2728", id="wamid.A"))
    answer = door.post(body)
    assert (answer.status_code, answer.text) == (200, "ok\n")
    (row,) = door.inbox()
    assert row["raw"] == body
    assert (row["kind"], row["state"], row["phone_number_id"]) == ("message", "pending", NUMBER)
    assert row["sent_at"].timestamp() == hooks.NOON


def test_the_platforms_signature_vector_is_accepted_and_its_redumped_form_is_not(oracle: Path) -> None:
    body = (oracle / "signature-vector.json").read_bytes()
    header = b"sha256=b780ca917336da72546fda26b75448d2aaf77ac8fcea8343d36842d36c884cbb"
    assert is_genuine(b"demo-app-secret", body, header)
    assert not is_genuine(b"demo-app-secret", json.dumps(json.loads(body)).encode(), header)


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=00", "sha1=abc", "é"])
def test_a_wrong_or_missing_signature_is_401_and_nothing_is_stored(door: RunningDoor, header: str | None) -> None:
    body = hooks.hook(NUMBER, hooks.text())
    given = {"X-Other": "x"} if header is None else {"X-Hub-Signature-256": header.encode("latin-1")}
    answer = requests.post(f"{door.url}/webhooks/whatsapp", data=body, headers=given, timeout=10)
    assert answer.status_code == 401
    assert door.inbox() == []


def test_a_signature_of_another_secret_or_of_another_body_is_401(door: RunningDoor) -> None:
    body = hooks.hook(NUMBER, hooks.text())
    assert door.post(body, **hooks.headers(body, b"another secret")).status_code == 401
    assert door.post(body + b" ", **hooks.headers(body)).status_code == 401
    assert door.inbox() == []


def test_a_body_larger_than_four_megabytes_is_refused_and_not_stored(door: RunningDoor) -> None:
    body = b" " * (4 * 1024 * 1024 + 1)
    assert door.post(body, **{"X-Hub-Signature-256": sign(hooks.SECRET, body).decode()}).status_code == 413
    assert door.inbox() == []


def test_f27_forty_five_updates_in_one_post_become_forty_five_rows_of_their_own_numbers(door: RunningDoor) -> None:
    body = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": f"72000000000000{entry}",
                "changes": [
                    hooks.change(
                        f"73000000000000{entry}",
                        *(hooks.text(f"{entry}{part}{i}") for i in range(3)),
                        statuses=[hooks.status(f"wamid.OUT{entry}{part}{i}") for i in range(2)],
                    )
                    for part in range(3)
                ],
            }
            for entry in range(3)
        ],
    }
    assert door.post(hooks.dump(body)).status_code == 200
    rows = door.inbox()
    assert len(rows) == 45
    assert sorted(row["kind"] for row in rows) == ["message"] * 27 + ["status"] * 18
    for row in rows:
        (entry,) = json.loads(row["raw"])["entry"]
        (value,) = [change["value"] for change in entry["changes"]]
        assert value["metadata"]["phone_number_id"] == row["phone_number_id"] == entry["id"].replace("72", "73")
        assert len(value.get("messages", [])) + len(value.get("statuses", [])) == 1


def test_f24_the_same_webhook_five_times_at_four_doors_at_once_is_one_row(
    door: RunningDoor, config: Config, engine: Engine
) -> None:
    bodies = [hooks.hook(NUMBER, *(hooks.text(str(i), id=f"wamid.{n}.{i}") for i in range(10))) for n in range(20)]
    doors = [serve(Door(config), engine) for _ in range(3)]
    try:
        running = [door, *(next(other) for other in doors)]
        with ThreadPoolExecutor(20) as pool:
            answers = list(
                pool.map(lambda job: running[job[0] % 4].post(job[1]), [(n, b) for b in bodies for n in range(5)])
            )
    finally:
        for other in doors:
            next(other, None)
    assert {answer.status_code for answer in answers} == {200}
    assert len(door.inbox()) == 200


def test_f25_a_redelivered_update_is_recognised_even_in_another_batch(door: RunningDoor) -> None:
    first, second = hooks.text("satu"), hooks.text("dua")
    door.post(hooks.hook(NUMBER, first))
    door.post(hooks.hook(NUMBER, second, first))
    door.post(hooks.hook("730000000000002", first))
    assert [row["phone_number_id"] for row in door.inbox()] == [NUMBER, NUMBER, "730000000000002"]


def test_statuses_of_one_message_are_told_apart_by_name_and_recipient(door: RunningDoor) -> None:
    given = [hooks.status("wamid.O", name) for name in ("sent", "delivered", "read", "sent")]
    door.post(hooks.hook(NUMBER, statuses=given))
    door.post(hooks.hook(NUMBER, statuses=[hooks.status("wamid.O", "sent", recipient="6281290002222")]))
    assert len(door.inbox()) == 4


def test_ids_follow_arrival_and_within_a_batch_the_platforms_timestamp(door: RunningDoor) -> None:
    late = hooks.text("kedua", timestamp=str(hooks.NOON + 5))
    early = hooks.text("pertama", timestamp=str(hooks.NOON))
    door.post(hooks.hook(NUMBER, late, early))
    door.post(hooks.hook(NUMBER, hooks.text("ketiga", timestamp=str(hooks.NOON - 60))))
    said = [
        json.loads(row["raw"])["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] for row in door.inbox()
    ]
    assert said == ["pertama", "kedua", "ketiga"]


def test_f16_without_a_database_the_door_says_503_within_two_seconds_and_recovers_by_itself(
    config: Config, engine: Engine
) -> None:
    name = engine.url.database
    keeper_only = "application_name = 'pasarbot-door'"
    running = serve(Door(config), engine)
    door = next(running)
    try:
        assert door.post(hooks.hook(NUMBER, hooks.text())).status_code == 200
        other = create_engine(engine.url.set(database="template1"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with other.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {keeper_only}"))
            began = perf_counter()
            assert door.post(hooks.hook(NUMBER, hooks.text())).status_code == 503
            assert requests.get(f"{door.url}/readyz", timeout=5).status_code == 503
            assert requests.get(f"{door.url}/healthz", timeout=5).status_code == 200
            assert perf_counter() - began < 2
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        assert door.post(hooks.hook(NUMBER, hooks.text())).status_code == 200
        assert requests.get(f"{door.url}/readyz", timeout=5).status_code == 200
        assert len(door.inbox()) == 2
    finally:
        next(running, None)


def test_f17_a_locked_inbox_is_503_within_two_seconds(door: RunningDoor, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE inbound_event IN ACCESS EXCLUSIVE MODE"))
        began = perf_counter()
        answer = door.post(hooks.hook(NUMBER, hooks.text()))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert perf_counter() - began < 2
    assert door.post(hooks.hook(NUMBER, hooks.text())).status_code == 200


def test_a_door_with_a_wrong_address_of_the_database_answers_503(config: Config, engine: Engine) -> None:
    running = serve(Door(replace(config, database_url="postgresql+psycopg://x@127.0.0.1:9/none")), engine)
    door = next(running)
    try:
        assert door.post(hooks.hook(NUMBER, hooks.text())).status_code == 503
    finally:
        next(running, None)


HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": "verify-token-of-the-tests", "hub.challenge": "1158201444"}


def shake(door: RunningDoor, params: object) -> requests.Response:
    return requests.get(f"{door.url}/webhooks/whatsapp", params=params, timeout=5)


def test_f34_the_handshake_echoes_the_challenge_as_plain_text(door: RunningDoor) -> None:
    answer = shake(door, HANDSHAKE)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (HANDSHAKE | {"hub.verify_token": "guess"}, 403),
        (HANDSHAKE | {"hub.verify_token": "é"}, 403),
        (HANDSHAKE | {"hub.mode": "unsubscribe"}, 403),
        ({}, 400),
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-token-of-the-tests"}, 400),
        ([*HANDSHAKE.items(), ("hub.challenge", "2")], 400),
        ({"hub.mode[]": "subscribe", "hub.verify_token": "verify-token-of-the-tests", "hub.challenge": "1"}, 400),
        (HANDSHAKE | {"hub.challenge": "9" * 10_240}, 400),
    ],
)
def test_f34_any_other_handshake_is_refused(door: RunningDoor, params: object, expected: int) -> None:
    answer = shake(door, params)
    assert answer.status_code == expected
    assert "<" not in answer.text


def test_unknown_paths_and_methods_find_nothing(door: RunningDoor) -> None:
    assert requests.get(f"{door.url}/", timeout=5).status_code == 404
    assert requests.put(f"{door.url}/webhooks/whatsapp", timeout=5).status_code == 405


def test_metrics_are_shown_to_allowed_networks_only(door: RunningDoor, config: Config, engine: Engine) -> None:
    door.post(hooks.hook(NUMBER, hooks.text()))
    shown = requests.get(f"{door.url}/metrics", timeout=5)
    assert 'pasarbot_webhooks_total{status="200"}' in shown.text
    assert "pasarbot_ack_seconds_bucket" in shown.text
    running = serve(Door(replace(config, metrics_allow=())), engine)
    closed = next(running)
    try:
        assert requests.get(f"{closed.url}/metrics", timeout=5).status_code == 404
    finally:
        next(running, None)
