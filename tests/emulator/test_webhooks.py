"""Delivery of webhooks: signature, retries on the virtual clock, and every fault switch."""

import json
from typing import Any

import pytest
import requests

from tests.emulator.stage import Receiver, Stage, is_signed, text

BUDI = "6281290001111"


@pytest.fixture
def made(stage: Stage) -> dict[str, str]:
    return stage.number()


def say(stage: Stage, made: dict[str, str], words: str = "halo") -> str:
    wamid: str = stage.post("say", number=made["phone_number_id"], user=BUDI, text=words)["wamid"]
    return wamid


def send(stage: Stage, made: dict[str, str], **rest: Any) -> requests.Response:
    return stage.graph("POST", f"{made['phone_number_id']}/messages", made["access_token"], text("ya", to=BUDI, **rest))


def test_conformance_webhook_is_signed_over_escaped_bytes(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    say(stage, made, "https://toko.example/ café ✨")
    door.wait(1)
    headers, body = door.posts[0]
    assert is_signed(headers, body)
    assert headers["Content-Type"] == "application/json"
    assert b"https:\\/\\/toko.example\\/ caf\\u00e9 \\u2728" in body
    assert b"\n" not in body


def test_conformance_unacknowledged_webhook_is_retried_on_the_virtual_clock(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    door.status = 503
    say(stage, made)
    door.wait(2)  # at once and immediately again
    assert stage.control("GET", "deliveries")["pending"] == 1
    for attempt, pause in enumerate((60, 300, 1800, 7200, 21600, 43200), 3):
        stage.pass_time(pause - 5)
        assert len(door.posts) == attempt - 1, f"attempt {attempt} came early"
        stage.pass_time(6)
        door.wait(attempt)
    door.status = 200
    stage.pass_time(86401)
    door.wait(9)
    assert len({body for _, body in door.posts}) == 1, "a retry is the same POST"
    assert stage.control("GET", "deliveries")["pending"] == 0


@pytest.mark.parametrize("status", [201, 204, 301, 401, 500])
def test_conformance_anything_but_200_is_retried(
    stage: Stage, made: dict[str, str], door: Receiver, status: int
) -> None:
    door.status = status
    say(stage, made)
    door.wait(2)  # at once and immediately again
    stage.settle()
    assert stage.control("GET", "deliveries")["pending"] == 1
    door.status = 200
    assert stage.post("retry")["retried"] == 1
    stage.settle()
    assert stage.control("GET", "deliveries")["pending"] == 0
    assert len(door.posts) == 3


def test_conformance_retries_end_after_seven_days(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    door.status = 500
    say(stage, made)
    for _ in range(12):
        stage.pass_time(86400)
    assert stage.control("GET", "deliveries")["pending"] == 0
    seen = len(door.posts)
    door.status = 200
    stage.pass_time(86400 * 7)
    assert len(door.posts) == seen


def test_fault_dup_delivers_the_same_post_n_times(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    stage.post("faults", dup=3)
    say(stage, made)
    door.wait(3)
    assert len({body for _, body in door.posts}) == 1


def test_fault_dup_overlap_repeats_the_last_update_beside_the_next(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    stage.post("faults", dup="overlap")
    wamids = [say(stage, made, word) for word in ("a", "b", "c")]
    door.wait(3)
    seen = [[message["id"] for entry in body["entry"] for message in entry["changes"][0]["value"]["messages"]]
            for body in door.bodies()]  # fmt: skip
    assert seen[1] == wamids[:2]
    assert seen[2] == wamids[1:]


def test_fault_batch_puts_several_updates_into_one_post(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    other = stage.number()
    stage.post("faults", batch=3)
    say(stage, made, "a")
    say(stage, other, "b")
    stage.post("quality", number=made["phone_number_id"], quality="YELLOW")
    door.wait(1)
    body = door.bodies()[0]
    assert [entry["id"] for entry in body["entry"]] == [made["waba_id"], other["waba_id"], made["waba_id"]]
    assert [entry["changes"][0]["field"] for entry in body["entry"]] == [
        "messages", "messages", "phone_number_quality_update",
    ]  # fmt: skip
    say(stage, made, "alone")
    stage.pass_time(2)
    door.wait(2)


def test_fault_reorder_swaps_messages_and_turns_statuses_round(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    stage.post("faults", reorder=True)
    first, second = say(stage, made, "a"), say(stage, made, "b")
    door.wait(2)
    stage.settle()
    assert {row["id"] for row in door.messages()} == {first, second}
    assert door.messages()[0]["id"] == second
    send(stage, made)
    stage.pass_time(5)
    assert [row["status"] for row in door.statuses()] == ["read", "delivered", "sent"]


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ({"skip_delivered": True}, ["sent", "read"]),
        ({"no_read": True}, ["sent", "delivered"]),
        ({"late_failed": 131049}, ["sent", "failed"]),
    ],
)
def test_fault_status_gaps(
    stage: Stage, made: dict[str, str], door: Receiver, switch: dict[str, Any], expected: list[str]
) -> None:
    say(stage, made)
    stage.post("faults", **switch)
    send(stage, made)
    stage.pass_time(5)
    assert [row["status"] for row in door.statuses()] == expected
    if "failed" in expected:
        assert door.statuses()[-1]["errors"][0]["code"] == 131049


def test_fault_ack_timeout_sends_again_what_was_acknowledged(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    stage.post("faults", ack_timeout={"value": True, "times": 1})
    say(stage, made)
    door.wait(2)
    assert door.posts[0][1] == door.posts[1][1]


def test_fault_http_timeout_after_accept_drops_the_answer_but_keeps_the_message(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    say(stage, made)
    stage.post("faults", http_timeout_after_accept=True)
    with pytest.raises(requests.ConnectionError):
        send(stage, made, biz_opaque_callback_data="send:lost")
    stage.pass_time(5)
    assert {row["biz_opaque_callback_data"] for row in door.statuses()} == {"send:lost"}


@pytest.mark.parametrize(
    ("switch", "status", "code"),
    [
        ({"throttle": 130429}, 400, 130429),
        ({"throttle": 131056}, 400, 131056),
        ({"throttle": 80007}, 400, 80007),
        ({"throttle": 4}, 400, 4),
        ({"maintenance": True}, 500, 131057),
        ({"token_expired": True}, 401, 190),
        ({"token_revoked": True}, 401, 190),
    ],
)
def test_fault_send_is_refused(
    stage: Stage, made: dict[str, str], switch: dict[str, Any], status: int, code: int
) -> None:
    say(stage, made)
    stage.post("faults", **switch)
    refused = send(stage, made)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    stage.control("DELETE", "faults")
    assert send(stage, made).ok


def test_fault_with_times_works_that_often(stage: Stage, made: dict[str, str]) -> None:
    say(stage, made)
    stage.post("faults", throttle={"value": 130429, "times": 2})
    assert [send(stage, made).status_code for _ in range(3)] == [400, 400, 200]


def test_fault_bsuid_only_hides_every_phone(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    stage.post("faults", bsuid_only=True)
    say(stage, made)
    send(stage, made)
    stage.pass_time(5)
    assert BUDI not in json.dumps(door.bodies())
    assert door.messages()[0]["from_user_id"].startswith("ID.")


@pytest.mark.parametrize("switch", ["bad_signature", "other_app_secret", "no_signature", "sha1_only"])
def test_fault_signature(stage: Stage, made: dict[str, str], door: Receiver, switch: str) -> None:
    stage.post("faults", **{switch: True})
    say(stage, made)
    door.wait(1)
    headers, body = door.posts[0]
    assert not is_signed(headers, body)
    assert ("X-Hub-Signature" in headers) == (switch != "no_signature")
    assert ("X-Hub-Signature-256" in headers) == (switch in {"bad_signature", "other_app_secret"})


def test_fault_strange_payloads_stay_signed(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    for place, switch in enumerate(("unknown_field", "unknown_type", "extra_keys", "null_values", "big_payload"), 1):
        stage.control("DELETE", "faults")
        stage.post("faults", **{switch: True})
        say(stage, made)
        door.wait(place)
        stage.settle()
    assert all(is_signed(headers, body) for headers, body in door.posts)
    bodies = door.bodies()
    assert bodies[0]["entry"][0]["changes"][0]["field"] == "brand_new_field"
    assert bodies[1]["entry"][0]["changes"][0]["value"]["messages"][0]["type"] == "hologram"
    assert "brand_new_key" in bodies[2]["entry"][0]["changes"][0]["value"]["messages"][0]
    assert bodies[3]["entry"][0]["changes"][0]["value"]["messages"][0]["context"] is None
    assert 2_900_000 < len(door.posts[4][1]) <= 3 * 1024 * 1024


def test_fault_escape_off_sends_plain_utf8(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    stage.post("faults", escape=False)
    say(stage, made, "a/b é")
    door.wait(1)
    assert "a/b é".encode() in door.posts[0][1]
    assert is_signed(*door.posts[0])


def test_fault_foreign_app_subscribed(stage: Stage, made: dict[str, str]) -> None:
    stage.post("faults", foreign_app_subscribed=True)
    rows = stage.graph("GET", f"{made['waba_id']}/subscribed_apps", made["access_token"]).json()["data"]
    assert len(rows) == 2


def test_fault_mid_flight_uninstall_kills_the_token_before_the_reply(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    stage.post("faults", mid_flight_uninstall={"value": True, "times": 1})
    say(stage, made)
    door.wait(3)
    assert send(stage, made).status_code == 401
    events = [change["value"]["event"] for change in door.changes("account_update")]
    assert sorted(events) == ["PARTNER_APP_UNINSTALLED", "PARTNER_REMOVED"]


def test_unknown_switch_is_refused_by_name(stage: Stage) -> None:
    assert "nonsense" in stage.control("POST", "faults", {"nonsense": 1}, expect=400)["error"]


def test_conformance_edit_revoke_and_echo(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    number = made["phone_number_id"]
    wamid = say(stage, made, "jam 9")
    stage.post("edit", number=number, user=BUDI, wamid=wamid, text="jam 10")
    stage.post("revoke", number=number, user=BUDI, wamid=wamid)
    stage.settle()
    edited, revoked = door.messages()[1:]
    assert edited["edit"]["original_message_id"] == wamid
    assert edited["edit"]["message"]["text"]["body"] == "jam 10"
    assert revoked["revoke"] == {"original_message_id": wamid}
    stage.control("POST", "echo", {"number": number, "user": BUDI, "text": "saya sendiri"}, expect=400)
    both = stage.number(coexistence=True)
    stage.post("echo", number=both["phone_number_id"], user=BUDI, text="saya sendiri")
    stage.settle()
    echo = door.changes("smb_message_echoes")[0]["value"]["message_echoes"][0]
    assert echo["text"]["body"] == "saya sendiri"
    assert echo["to"] == BUDI


def test_conformance_changed_phone_tells_every_number(stage: Stage, door: Receiver) -> None:
    made = stage.number()
    user = stage.post("users", name="Yuni", phone=f"62814{made['phone_number_id'][-8:]}")
    stage.post("say", number=made["phone_number_id"], user=user["id"], text="halo")
    door.wait(1)
    before = door.messages()[0]["from_user_id"]
    stage.control("PATCH", f"users/{user['id']}", {"phone": f"62815{made['phone_number_id'][-8:]}"})
    door.wait(2)
    value = door.changes("messages")[1]["value"]
    assert "contacts" not in value
    system = value["messages"][0]["system"]
    assert system["type"] == "user_changed_number"
    assert system["previous_user_id"] == before
    assert system["user_id"] != before
