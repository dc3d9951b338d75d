"""Registering numbers: PIN, code, limits, fields, subscriptions."""

from typing import Any

import pytest
import requests

from tests.emulator.stage import APP_ID, APP_SECRET, VERIFY, Receiver, Stage


def signed_up(stage: Stage, **wishes: Any) -> tuple[str, str]:
    """A number that is granted but not registered, and its token."""
    made = stage.post("numbers", **wishes)
    code = stage.post("signup", phone_number_id=made["phone_number_id"])["code"]
    given = {"client_id": APP_ID, "client_secret": APP_SECRET, "code": code}
    answer = stage.http.post(f"{stage.url}/v25.0/oauth/access_token", data=given, timeout=5)
    return made["phone_number_id"], answer.json()["access_token"]


def register(stage: Stage, number: str, token: str, pin: Any = "482913", **rest: Any) -> requests.Response:
    body = {"messaging_product": "whatsapp", "pin": pin, **rest}
    return stage.graph("POST", f"{number}/register", token, body)


def code_of(answer: requests.Response) -> int:
    return answer.json()["error"]["code"]


def test_conformance_register_sets_the_pin_and_connects(stage: Stage) -> None:
    number, token = signed_up(stage)
    assert register(stage, number, token, data_localization_region="ID").json() == {"success": True}
    shown = stage.graph("GET", f"{number}?fields=status,is_pin_enabled,platform_type,throughput", token).json()
    assert shown == {
        "status": "CONNECTED", "is_pin_enabled": True, "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"}, "id": number,
    }  # fmt: skip
    assert register(stage, number, token).ok, "registering again with the same PIN is fine"
    assert stage.graph("POST", f"{number}/deregister", token).json() == {"success": True}


def test_conformance_wrong_pin_133005_then_133009_then_133008(stage: Stage) -> None:
    number, token = signed_up(stage)
    assert stage.graph("POST", number, token, {"pin": "111111"}).ok
    assert code_of(register(stage, number, token)) == 133005
    assert code_of(register(stage, number, token, "222222")) == 133009
    for _ in range(3):
        stage.pass_time(2)
        assert code_of(register(stage, number, token)) == 133005
    stage.pass_time(2)
    assert code_of(register(stage, number, token)) == 133008
    stage.pass_time(2)
    locked = register(stage, number, token, "111111")
    assert code_of(locked) == 133008
    assert "seconds" in locked.json()["error"]["error_data"]["details"]
    stage.pass_time(3601)
    assert register(stage, number, token, "111111").ok


@pytest.mark.parametrize("pin", [None, "12345", "1234567", "abcdef", 123456, ""])
def test_conformance_malformed_pin_is_code_100(stage: Stage, pin: Any) -> None:
    number, token = signed_up(stage)
    assert code_of(register(stage, number, token, pin)) == 100


def test_conformance_unverified_number_133006_until_the_code_is_given(stage: Stage) -> None:
    number, token = signed_up(stage, verified=False)
    assert code_of(register(stage, number, token)) == 133006
    assert stage.graph("POST", f"{number}/request_code", token, {"code_method": "SMS", "language": "id"}).ok
    otp = {row["id"]: row for row in stage.control("GET", "state")["numbers"]}[number]["otp"]
    wrong = "000000" if otp != "000000" else "111111"
    assert code_of(stage.graph("POST", f"{number}/verify_code", token, {"code": wrong})) == 136025
    assert stage.graph("POST", f"{number}/verify_code", token, {"code": otp}).json() == {"success": True}
    assert register(stage, number, token).ok


def test_conformance_signup_older_than_fourteen_days_133006(stage: Stage) -> None:
    number, token = signed_up(stage)
    stage.control("PATCH", f"numbers/{number}", {"onboarded_at": 0})
    assert code_of(register(stage, number, token)) == 133006


def test_conformance_eleventh_register_in_72_hours_133016(stage: Stage) -> None:
    number, token = signed_up(stage)
    for _ in range(10):
        assert register(stage, number, token).ok
    assert code_of(register(stage, number, token)) == 133016
    stage.pass_time(72 * 3600 + 1)
    assert register(stage, number, token).ok


def test_conformance_number_deleted_minutes_ago_133015(stage: Stage) -> None:
    number, _ = signed_up(stage, display_phone_number="6281155500011")
    stage.control("DELETE", f"numbers/{number}")
    again, token = signed_up(stage, display_phone_number="6281155500011")
    assert code_of(register(stage, again, token)) == 133015
    stage.pass_time(301)
    assert register(stage, again, token).ok


def test_conformance_unknown_id_unknown_field_unknown_version_unknown_edge(stage: Stage) -> None:
    made = stage.number()
    token, number = made["access_token"], made["phone_number_id"]
    gone = stage.graph("GET", "999000000000009", token)
    assert (gone.status_code, code_of(gone), gone.json()["error"]["error_subcode"]) == (400, 100, 33)
    assert "Object with ID '999000000000009' does not exist" in gone.json()["error"]["message"]
    assert code_of(stage.graph("GET", f"{number}?fields=id,colour", token)) == 100
    old = stage.http.get(f"{stage.url}/v12.0/{number}", timeout=5)
    assert (old.status_code, code_of(old)) == (400, 2635)
    assert code_of(stage.graph("GET", f"{number}/colours", token)) == 2500
    assert code_of(stage.graph("GET", f"{number}/messages", token)) == 100
    assert old.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert stage.graph("GET", number, token).headers["facebook-api-version"] == "v25.0"


def test_conformance_foreign_number_is_403_code_200_and_no_token_190(stage: Stage) -> None:
    mine, other = stage.number(), stage.number()
    foreign = stage.graph("GET", other["phone_number_id"], mine["access_token"])
    assert (foreign.status_code, code_of(foreign)) == (403, 200)
    for token in ("", "EAAnonsense", f"{APP_ID}|wrong"):
        refused = stage.graph("GET", mine["phone_number_id"], token)
        assert (refused.status_code, code_of(refused)) == (401, 190)


def test_conformance_number_list_has_cursors_and_pages(stage: Stage) -> None:
    made = stage.number()
    second = stage.post("numbers", waba_id=made["waba_id"])
    path = f"{made['waba_id']}/phone_numbers?fields=id&limit=1"
    first_page = stage.graph("GET", path, made["access_token"]).json()
    assert first_page["data"] == [{"id": made["phone_number_id"]}]
    after = first_page["paging"]["cursors"]["after"]
    next_page = stage.graph("GET", f"{path}&after={after}", made["access_token"]).json()
    assert next_page["data"] == [{"id": second["phone_number_id"]}]
    assert code_of(stage.graph("GET", f"{path}&after=zzz", made["access_token"])) == 131059


def test_conformance_subscription_decides_whether_anything_is_heard(stage: Stage, door: Receiver) -> None:
    made = stage.number()
    token, path = made["access_token"], f"{made['waba_id']}/subscribed_apps"
    listed = stage.graph("GET", path, token).json()["data"]
    assert listed[0]["whatsapp_business_api_data"]["id"] == APP_ID
    assert stage.graph("DELETE", path, token).json() == {"success": True}
    stage.post("say", number=made["phone_number_id"], user="6281290001111", text="halo?")
    stage.settle()
    assert door.messages() == []
    assert stage.graph("POST", path, token).json() == {"success": True}
    stage.post("say", number=made["phone_number_id"], user="6281290001111", text="halo!")
    door.wait(1)
    assert door.messages()[0]["text"]["body"] == "halo!"


def test_conformance_override_needs_a_handshake_and_number_wins_over_waba(stage: Stage, door: Receiver) -> None:
    made, elsewhere = stage.number(), Receiver()
    try:
        token, path = made["access_token"], f"{made['waba_id']}/subscribed_apps"
        refused = stage.graph("POST", path, token, {"override_callback_uri": elsewhere.url, "verify_token": "wrong"})
        assert code_of(refused) == 2200
        assert stage.graph("POST", path, token, {"override_callback_uri": elsewhere.url, "verify_token": VERIFY}).ok
        stage.post("say", number=made["phone_number_id"], user="6281290001111", text="satu")
        elsewhere.wait(1)
        configuration = {"override_callback_uri": door.url, "verify_token": VERIFY}
        assert stage.graph("POST", made["phone_number_id"], token, {"webhook_configuration": configuration}).ok
        stage.post("say", number=made["phone_number_id"], user="6281290001111", text="dua")
        door.wait(1)
        shown = stage.graph("GET", f"{made['phone_number_id']}?fields=webhook_configuration", token).json()
        assert shown["webhook_configuration"]["phone_number"] == door.url
        assert shown["webhook_configuration"]["whatsapp_business_account"] == elsewhere.url
        assert [row["text"]["body"] for row in elsewhere.messages()] == ["satu"]
        assert [row["text"]["body"] for row in door.messages()] == ["dua"]
    finally:
        elsewhere.stop()


def test_conformance_app_subscription_needs_app_token_and_handshake(own_stage: Stage) -> None:
    made = own_stage.number()
    body = {"object": "whatsapp_business_account", "callback_url": own_stage.receiver.url, "fields": "messages"}
    path = f"{APP_ID}/subscriptions"
    assert code_of(own_stage.graph("POST", path, made["access_token"], body)) == 10
    app_token = f"{APP_ID}|{APP_SECRET}"
    assert code_of(own_stage.graph("POST", path, app_token, {**body, "verify_token": "wrong"})) == 2200
    assert own_stage.graph("POST", path, app_token, {**body, "verify_token": VERIFY}).json() == {"success": True}
    own_stage.post("quality", number=made["phone_number_id"], quality="RED")
    own_stage.post("say", number=made["phone_number_id"], user="u-budi", text="halo")
    own_stage.receiver.wait(1)
    own_stage.settle()
    assert [change["field"] for change in own_stage.receiver.changes()] == ["messages"], "only subscribed fields come"


def test_conformance_params_are_taken_from_query_form_and_json(stage: Stage) -> None:
    number, token = signed_up(stage)
    form = {"messaging_product": "whatsapp", "pin": "482913", "access_token": token}
    assert stage.http.post(f"{stage.url}/v25.0/{number}/register", data=form, timeout=5).ok
    assert stage.http.get(f"{stage.url}/v25.0/{number}", params={"access_token": token, "fields": "id"}, timeout=5).ok
    garbage = stage.http.post(
        f"{stage.url}/v25.0/{number}/messages", data=b"{nonsense", timeout=5,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    assert (garbage.status_code, code_of(garbage)) == (400, 100)


def test_conformance_coexistence_sync_once_within_a_day(stage: Stage, door: Receiver) -> None:
    made = stage.number(coexistence=True)
    body = {"messaging_product": "whatsapp", "sync_type": "smb_app_state_sync"}
    path = f"{made['phone_number_id']}/smb_app_data"
    assert stage.graph("POST", path, made["access_token"], body).json()["request_id"]
    assert code_of(stage.graph("POST", path, made["access_token"], body)) == 2593108
    door.wait(1)
    assert door.changes("smb_app_state_sync")[0]["value"]["state_sync"][0]["type"] == "contact"
    stage.pass_time(86401)
    late = stage.graph("POST", path, made["access_token"], {**body, "sync_type": "history"})
    assert code_of(late) == 2593108
