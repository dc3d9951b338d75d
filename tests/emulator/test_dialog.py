"""The signup dialog over plain HTTP: no JavaScript, forms only."""

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.emulator.stage import APP_ID, APP_SECRET, CONFIG_ID, STORE, Receiver, Stage

CLINIC_WABA, CLINIC_NUMBER = "720000000000001", "730000000000001"
BACK = f"{STORE}/numbers/signup/return"


class Visitor:
    """Somebody in a browser without JavaScript."""

    def __init__(self, stage: Stage, **ask: str) -> None:
        self.stage = stage
        self.http = requests.Session()
        given = {"client_id": APP_ID, "config_id": CONFIG_ID, "response_type": "code", "locale": "id_ID", **ask}
        self.page = self.http.get(f"{stage.url}/v25.0/dialog/oauth", params=given, timeout=10)

    def send(self, **form: str) -> requests.Response:
        step = re.search(r'name="step" value="(\w+)"', self.page.text)
        assert step, self.page.text
        self.page = self.http.post(self.page.url, data={"step": step[1], **form}, timeout=10, allow_redirects=False)
        while self.page.is_redirect and self.page.headers["Location"].startswith("/"):
            following = self.stage.url + self.page.headers["Location"]
            self.page = self.http.get(following, timeout=10, allow_redirects=False)
        return self.page

    def to_permissions(self) -> None:
        self.send(login="clinic")
        self.send(portfolio="710000000000001")
        self.send(waba=CLINIC_WABA)
        self.send(number=CLINIC_NUMBER)

    def told(self) -> dict[str, Any]:
        found = re.search(r'data-handover="([^"]*)"', self.page.text)
        assert found, self.page.text
        return json.loads(html.unescape(found[1]))

    def close(self) -> None:
        self.http.close()


@pytest.fixture
def redirected(stage: Stage) -> Any:
    visitor = Visitor(stage, redirect_uri=BACK, state="s1")
    yield visitor
    visitor.close()


@pytest.fixture
def popup(stage: Stage) -> Any:
    visitor = Visitor(stage, display="popup", channel_origin=STORE, cb="f123")
    yield visitor
    visitor.close()


def exchange(stage: Stage, code: str, **rest: str) -> requests.Response:
    given = {"client_id": APP_ID, "client_secret": APP_SECRET, "code": code, **rest}
    return stage.http.get(f"{stage.url}/v25.0/oauth/access_token", params=given, timeout=10)


def inspected(stage: Stage, token: str) -> dict[str, Any]:
    """What ``/debug_token`` says of a token."""
    return stage.graph("GET", f"debug_token?input_token={token}", f"{APP_ID}|{APP_SECRET}").json()["data"]


def test_conformance_redirect_walk_ends_with_code_and_state(redirected: Visitor, stage: Stage) -> None:
    redirected.to_permissions()
    redirected.send()
    redirected.send()
    target = urlsplit(redirected.page.headers["Location"])
    answer = parse_qs(target.query)
    assert redirected.page.status_code == 303
    assert f"{target.scheme}://{target.netloc}{target.path}" == BACK
    assert answer["state"] == ["s1"]
    token = exchange(stage, answer["code"][0], redirect_uri=BACK).json()["access_token"]
    shown = inspected(stage, token)
    assert shown["app_id"] == APP_ID
    assert shown["is_valid"] is True
    assert {row["scope"]: row["target_ids"][0] for row in shown["granular_scopes"]} == {
        "whatsapp_business_management": CLINIC_WABA,
        "whatsapp_business_messaging": CLINIC_WABA,
    }


def test_conformance_cancelled_redirect_returns_access_denied_and_state(redirected: Visitor) -> None:
    redirected.send(login="clinic")
    redirected.send(action="cancel")
    answer = parse_qs(urlsplit(redirected.page.headers["Location"]).query)
    assert answer["error"] == ["access_denied"]
    assert answer["error_reason"] == ["user_denied"]
    assert answer["state"] == ["s1"]


@pytest.mark.parametrize(
    ("forms", "current"),
    [
        ([], "BUSINESS_ACCOUNT_SELECTION"),
        ([{"login": "clinic"}], "BUSINESS_ACCOUNT_SELECTION"),
        ([{"login": "clinic"}, {"portfolio": "710000000000001"}], "WABA_PHONE_PROFILE_PICKER"),
        ([{"login": "clinic"}, {"portfolio": "710000000000001"}, {"waba": CLINIC_WABA}], "PHONE_NUMBER_SETUP"),
        (
            [{"login": "clinic"}, {"portfolio": "710000000000001"}, {"waba": CLINIC_WABA},
             {"number": "new", "phone": "0811 9900 1122"}],
            "WHATSAPP_BUSINESS_PROFILE_SETUP",
        ),
        (
            [{"login": "coffee"}, {"portfolio": "710000000000002"}, {"waba": "720000000000002"},
             {"number": "730000000000004"}],
            "PHONE_NUMBER_VERIFICATION",
        ),
        (
            [{"login": "clinic"}, {"portfolio": "710000000000001"}, {"waba": CLINIC_WABA}, {"number": CLINIC_NUMBER}],
            "PERMISSIONS",
        ),
    ],
)  # fmt: skip
def test_conformance_popup_cancelled_at_each_step_names_the_step(
    popup: Visitor, forms: list[dict[str, str]], current: str
) -> None:
    for form in forms:
        popup.send(**form)
    closed = popup.told()
    assert closed["when"] == "closed"
    assert json.loads(closed["event"])["data"] == {"current_step": current}
    popup.send(action="cancel")
    told = popup.told()
    assert told["when"] == "now"
    assert told["code"] == ""
    assert told["origin"] == STORE
    assert json.loads(told["event"]) == {
        "type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "version": 3, "data": {"current_step": current},
    }  # fmt: skip


def test_conformance_popup_finish_tells_ids_and_a_code_for_no_redirect_uri(
    popup: Visitor, stage: Stage, door: Receiver
) -> None:
    popup.to_permissions()
    popup.send()
    popup.send()
    told = popup.told()
    event = json.loads(told["event"])
    assert event["event"] == "FINISH"
    assert event["data"]["phone_number_id"] == CLINIC_NUMBER
    assert event["data"]["waba_id"] == CLINIC_WABA
    assert event["data"]["business_id"] == "710000000000001"
    assert exchange(stage, told["code"], redirect_uri=BACK).json()["error"]["error_subcode"] == 36008
    assert exchange(stage, told["code"]).json()["access_token"].startswith("EAA")
    stage.settle()
    added = [change for change in door.changes("account_update") if change["value"]["event"] == "PARTNER_ADDED"]
    assert added[0]["entry_id"] == "700000000000001"
    assert added[0]["value"]["waba_info"] == {"waba_id": CLINIC_WABA, "owner_business_id": "710000000000001"}


def test_conformance_popup_closed_on_the_final_screen_counts_as_success(popup: Visitor, stage: Stage) -> None:
    popup.to_permissions()
    popup.send()
    told = popup.told()
    assert told["when"] == "closed"
    assert json.loads(told["event"])["event"] == "FINISH"
    assert stage.http.post(stage.url + told["release"], timeout=5).status_code == 204
    assert exchange(stage, told["code"]).ok


def test_conformance_new_number_is_verified_with_the_code_of_the_sms(popup: Visitor, stage: Stage) -> None:
    popup.send(login="newcomer")
    popup.send(portfolio="new", name="Warung Baru")
    popup.send(waba="new", name="Warung Baru")
    popup.send(number="new", phone="0812 0000")
    assert 'role="alert"' in popup.page.text
    popup.send(number="new", phone="+62 811 7700 8899")
    popup.send(name="Warung Baru", digits="6281177008899")
    popup.send(code="000000" if "000-000" not in popup.page.text else "111111")
    assert 'role="alert"' in popup.page.text
    bubble = popup.page.text.partition('class="sms"')[2].partition("<p>")[2]
    popup.send(code=bubble[:7].replace("-", ""))
    popup.send()
    popup.send()
    number_id = json.loads(popup.told()["event"])["data"]["phone_number_id"]
    numbers = {row["id"]: row for row in stage.control("GET", "state")["numbers"]}
    assert numbers[number_id]["verified"] is True
    assert numbers[number_id]["wa_id"] == "6281177008899"


def test_conformance_finish_without_number(popup: Visitor) -> None:
    popup.send(login="clinic")
    popup.send(portfolio="710000000000001")
    popup.send(waba=CLINIC_WABA)
    popup.send(number="none")
    popup.send()
    popup.send()
    event = json.loads(popup.told()["event"])
    assert event["event"] == "FINISH_ONLY_WABA"
    assert event["data"] == {"waba_id": CLINIC_WABA, "business_id": "710000000000001"}


def test_conformance_reported_error_ends_as_cancel_with_message_and_session(popup: Visitor) -> None:
    popup.send(login="clinic")
    popup.send(action="report")
    event = json.loads(popup.told()["event"])
    assert event["event"] == "CANCEL"
    assert set(event["data"]) == {"error_message", "error_code", "session_id", "timestamp"}


def test_conformance_coexistence_tells_only_the_waba_and_connects_the_number(stage: Stage) -> None:
    made = stage.post("numbers", verified_name="Toko Rukun")
    login = {"extras": json.dumps({"featureType": "whatsapp_business_app_onboarding", "setup": {}})}
    signup = stage.post("signup", phone_number_id=made["phone_number_id"], coexistence=True)
    assert signup["event"]["event"] == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    assert signup["event"]["data"] == {"waba_id": made["waba_id"]}
    token = exchange(stage, signup["code"]).json()["access_token"]
    shown = stage.graph("GET", f"{made['phone_number_id']}?fields=is_on_biz_app,platform_type", token).json()
    assert (shown["is_on_biz_app"], shown["platform_type"]) == (True, "CLOUD_API")
    pin = {"messaging_product": "whatsapp", "pin": "123456"}
    refused = stage.graph("POST", f"{made['phone_number_id']}/register", token, pin)
    assert refused.status_code == 400
    visitor = Visitor(stage, display="popup", channel_origin=STORE, cb="f1", **login)
    visitor.send(login="clinic")
    visitor.send(portfolio="710000000000001")
    visitor.send(waba=CLINIC_WABA)
    visitor.send(number="new", phone="0811 4455 6677")
    visitor.send(name="Klinik di Ponsel", digits="6281144556677")
    visitor.send(confirmed="1")
    visitor.send()
    visitor.send()
    event = json.loads(visitor.told()["event"])
    visitor.close()
    assert event["event"] == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    assert event["data"] == {"waba_id": CLINIC_WABA}


@pytest.mark.parametrize(
    ("ask", "word"),
    [
        ({"client_id": "1", "redirect_uri": BACK}, "META_APP_ID"),
        ({"config_id": "1", "redirect_uri": BACK}, "META_CONFIG_ID"),
        ({"redirect_uri": "https://evil.example/"}, "pengalihan"),
        ({"redirect_uri": f"{STORE}.evil.example/"}, "pengalihan"),
        ({"display": "popup", "channel_origin": "https://evil.example"}, "domain"),
        ({"redirect_uri": BACK, "response_type": "token"}, "response_type"),
    ],
)
def test_conformance_dialog_refuses_on_a_page_and_never_redirects(stage: Stage, ask: dict[str, str], word: str) -> None:
    visitor = Visitor(stage, **ask)
    assert visitor.page.status_code == 400
    assert not visitor.page.history
    assert word in visitor.page.text
    visitor.close()


@pytest.mark.parametrize(
    ("switch", "check"),
    [
        ({"event_missing": True}, lambda told: told["event"] == "" and told["code"]),
        ({"event_before_code": True}, lambda told: told["order"] == "event-code"),
        ({"forged_waba_id": True}, lambda told: json.loads(told["event"])["data"]["waba_id"] != CLINIC_WABA),
        ({"forged_origin": True}, lambda told: told["forger"].startswith("http://localhost:")),
    ],
)
def test_conformance_dialog_fault_switches(stage: Stage, popup: Visitor, switch: dict[str, Any], check: Any) -> None:
    popup.to_permissions()
    stage.post("faults", **switch)
    popup.send()
    popup.send()
    assert check(popup.told())


@pytest.mark.parametrize(("switch", "subcode"), [("code_expired", 36007), ("code_reused", 36009)])
def test_conformance_code_faults_are_refused_at_exchange(stage: Stage, switch: str, subcode: int) -> None:
    stage.post("faults", **{switch: True})
    signup = stage.post("signup", phone_number_id=CLINIC_NUMBER)
    assert exchange(stage, signup["code"]).json()["error"]["error_subcode"] == subcode


def test_conformance_code_works_once_and_for_thirty_seconds(stage: Stage) -> None:
    first = stage.post("signup", phone_number_id=CLINIC_NUMBER)["code"]
    assert exchange(stage, first).ok
    assert exchange(stage, first).json()["error"]["error_subcode"] == 36009
    second = stage.post("signup", phone_number_id=CLINIC_NUMBER)["code"]
    stage.pass_time(31)
    late = exchange(stage, second)
    assert (late.status_code, late.json()["error"]["error_subcode"]) == (400, 36007)
    third = stage.post("signup", phone_number_id=CLINIC_NUMBER, redirect_uri=BACK)["code"]
    assert exchange(stage, third, redirect_uri=BACK + "x").json()["error"]["error_subcode"] == 36008
    assert exchange(stage, third, client_secret="wrong").json()["error"]["code"] == 1
    assert exchange(stage, third, client_id="999").json()["error"]["code"] == 101
    assert exchange(stage, third, redirect_uri=BACK).ok


def test_conformance_granular_scopes_name_the_newest_waba_first(stage: Stage) -> None:
    first = stage.post("numbers")
    second = stage.post("numbers", portfolio_id=first["portfolio_id"])
    stage.post("signup", phone_number_id=first["phone_number_id"])
    signup = stage.post("signup", phone_number_id=second["phone_number_id"])
    token = exchange(stage, signup["code"]).json()["access_token"]
    shown = inspected(stage, token)
    assert shown["granular_scopes"][0]["target_ids"] == [second["waba_id"], first["waba_id"]]
    stage.post("revoke_grant", waba_id=first["waba_id"])
    stage.post("revoke_grant", waba_id=second["waba_id"])
    assert inspected(stage, token)["is_valid"] is False
    dead = stage.graph("GET", second["waba_id"], token)
    assert (dead.status_code, dead.json()["error"]["code"]) == (401, 190)


def test_dialog_speaks_both_languages_and_names_itself_an_emulator(stage: Stage) -> None:
    for locale, word in (("id_ID", "Masuk sebagai siapa?"), ("en_US", "Who are you?")):
        visitor = Visitor(stage, redirect_uri=BACK, locale=locale)
        assert word in visitor.page.text
        assert "Emulator" in visitor.page.text
        policy = visitor.page.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "<script>" not in visitor.page.text
        assert "style=" not in visitor.page.text
        visitor.close()


def test_sdk_is_a_script_any_page_may_load(stage: Stage) -> None:
    answer = stage.http.get(f"{stage.url}/en_US/sdk.js", timeout=5)
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "fbAsyncInit" in answer.text
