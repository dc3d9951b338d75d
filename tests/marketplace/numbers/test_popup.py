"""Connecting by the popup: what the page reports, what the server proves, what the owner reads."""

from typing import Any

import pytest

from catalog.models import ConnectionState, NumberState, StepName, StepState
from catalog.texts import text
from tests.marketplace.numbers.desk import Desk, is_live
from tests.marketplace.numbers.emulating import Emulator


def say(key: str, **params: Any) -> str:
    """A sentence as it stands in a page."""
    return text("id", f"numbers.{key}", **params)


def test_a_number_goes_live_from_code_and_event(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number(verified_name="Klinik Sehat")
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert is_live(connection)
    assert [step.state for step in connection.steps] == [StepState.DONE] * 5
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.state is NumberState.LIVE
    assert number.verified_name == "Klinik Sehat"
    assert number.waba is not None
    assert number.waba.waba_id == made["waba_id"]
    assert number.waba.portfolio_id == made["portfolio_id"]
    seen = emulator.state_of(made["phone_number_id"])
    assert seen["registered"]
    assert seen["subscribed"]
    assert say("timeline.title_live") in desk.page(connection)


def test_the_code_alone_is_enough_when_the_event_never_came(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = desk.begin()
    desk.report(connection, emulator.signup(phone_number_id=made["phone_number_id"])["code"])
    connection = desk.work(connection)
    assert is_live(connection)
    assert connection.number is not None
    assert connection.number.phone_number_id == made["phone_number_id"]


def test_secrets_are_sealed_and_never_shown(desk: Desk, emulator: Emulator, settings: Any) -> None:
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.token is None
    assert connection.waba is not None
    assert connection.waba.business_token is not None
    token = connection.waba.open_token(settings.sealer)
    assert token is not None
    assert token.startswith("EAA")
    assert token not in connection.waba.business_token
    number = desk.number(made["phone_number_id"])
    assert number is not None
    pin = number.ensure_pin(settings.sealer)
    desk.page(connection)
    desk.get(f"/numbers/{number.code}")
    desk.get("/numbers")
    assert not [body for body in desk.seen if token in body or pin in body]


@pytest.mark.parametrize(
    "step",
    [
        "BUSINESS_ACCOUNT_SELECTION",
        "WABA_PHONE_PROFILE_PICKER",
        "WHATSAPP_BUSINESS_PROFILE_SETUP",
        "PHONE_NUMBER_SETUP",
        "PHONE_NUMBER_VERIFICATION",
        "PERMISSIONS",
    ],
)
def test_f56_leaving_at_a_step_says_which_and_how_to_go_on(desk: Desk, step: str) -> None:
    connection = desk.begin()
    answer = desk.report(connection, None, {"event": "CANCEL", "data": {"current_step": step}})
    assert answer.status_code == 200
    connection = desk.connection(connection.code)
    assert connection.state is ConnectionState.CANCELLED
    page = desk.page(connection)
    assert say(f"errors.cancelled_{step.lower()}") in page
    assert f"/businesses/{desk.business.code}/numbers/new" in page


def test_closing_the_window_is_a_cancel_too(desk: Desk) -> None:
    connection = desk.begin()
    desk.report(connection, None)
    assert say("errors.cancelled") in desk.page(connection)


def test_an_error_the_owner_reported_to_meta_is_quoted_with_its_code(desk: Desk) -> None:
    connection = desk.begin()
    data = {"error_message": "Nama <b>ditolak</b>", "error_code": 524126, "session_id": "s-1", "timestamp": "1"}
    desk.report(connection, None, {"event": "CANCEL", "data": data})
    page = desk.page(connection)
    assert "Nama &lt;b&gt;ditolak&lt;/b&gt;" in page
    assert "524126" in page


def test_finishing_without_a_code_is_said(desk: Desk) -> None:
    connection = desk.begin()
    desk.report(connection, None, {"event": "FINISH", "data": {"waba_id": "1", "phone_number_id": "2"}})
    assert say("errors.no_code") in desk.page(connection)


@pytest.mark.parametrize(
    ("fault", "key"), [("code_expired", "errors.code_expired"), ("code_reused", "errors.code_used")]
)
def test_f56_a_bad_code_fails_at_once_and_leads_back(desk: Desk, emulator: Emulator, fault: str, key: str) -> None:
    made = emulator.number()
    emulator.faults(**{fault: True})
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.state is ConnectionState.FAILED
    assert connection.steps[0].state is StepState.FAILED
    page = desk.page(connection)
    assert say(key) in page
    assert say("timeline.again") in page
    assert "/retries" not in page
    assert desk.number(made["phone_number_id"]) is None


def test_a069_a_code_works_for_one_connection_only(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    assert is_live(desk.connect(signup))
    second = desk.connect(signup)
    assert second.state is ConnectionState.FAILED
    assert second.error == "numbers.errors.code_used"


def test_a069_a_code_that_meta_never_gave_is_refused(desk: Desk) -> None:
    connection = desk.begin()
    desk.report(connection, "AQB-made-up")
    assert say("errors.code_foreign") in desk.page(connection)


def test_reporting_twice_changes_nothing(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    first = desk.report(connection, signup["code"], signup["event"])
    second = desk.report(connection, signup["code"], signup["event"])
    cancelled = desk.report(connection, None)
    assert first.json == second.json == cancelled.json
    assert is_live(desk.work(connection))
    assert len([call for call in emulator.calls("oauth/access_token") if call["body"]["code"] == signup["code"][:8]])


def test_a071_a_waba_the_token_does_not_reach_is_refused_and_the_token_forgotten(
    desk: Desk, emulator: Emulator
) -> None:
    mine, theirs = emulator.number(), emulator.number()
    signup = emulator.signup(phone_number_id=mine["phone_number_id"])
    signup["event"]["data"] = {"waba_id": theirs["waba_id"], "phone_number_id": theirs["phone_number_id"]}
    connection = desk.connect(signup)
    assert connection.state is ConnectionState.FAILED
    assert connection.error == "numbers.errors.waba_forged"
    assert not connection.has_token
    assert say("errors.waba_forged") in desk.page(connection)
    assert desk.number(theirs["phone_number_id"]) is None


def test_a071_a_number_the_waba_does_not_hold_is_refused(desk: Desk, emulator: Emulator) -> None:
    mine, theirs = emulator.number(), emulator.number()
    signup = emulator.signup(phone_number_id=mine["phone_number_id"])
    signup["event"]["data"]["phone_number_id"] = theirs["phone_number_id"]
    connection = desk.connect(signup)
    assert connection.error == "numbers.errors.number_forged"
    assert not connection.has_token
    assert desk.number(theirs["phone_number_id"]) is None
    assert desk.number(mine["phone_number_id"]) is None


@pytest.mark.parametrize("waba_id", ["../me", "1/subscribed_apps", "https://evil.example", "1 or 1", "", "9" * 33])
def test_a070_ids_that_are_no_ids_are_refused_before_anything_is_called(
    desk: Desk, emulator: Emulator, waba_id: str
) -> None:
    connection = desk.begin()
    before = len(emulator.calls())
    answer = desk.report(connection, "AQB-any", {"event": "FINISH", "data": {"waba_id": waba_id}})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["message"] == say("errors.bad_report")
    assert len(emulator.calls()) == before


def test_a070_no_address_or_version_is_taken_from_the_report(desk: Desk) -> None:
    connection = desk.begin()
    body = {"code": "AQB", "message": None, "graph": "https://evil.example", "version": "v1.0"}
    assert desk.post(f"/connections/{connection.code}/report", json=body).status_code == 422


def test_only_the_browser_that_began_may_report(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    desk.sign_in()
    answer = desk.report(connection, signup["code"], signup["event"])
    assert answer.status_code == 409
    assert desk.connection(connection.code).state is ConnectionState.STARTED


def test_another_site_cannot_report(desk: Desk) -> None:
    connection = desk.begin()
    for headers in ({"Origin": "https://facebook.com.evil"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = desk.post(
            f"/connections/{connection.code}/report", json={"code": "AQB", "message": None}, headers=headers
        )
        assert answer.status_code == 403
    assert desk.connection(connection.code).state is ConnectionState.STARTED


def test_a_strangers_connection_does_not_exist(desk: Desk, strangers_desk: Desk) -> None:
    connection = desk.begin()
    assert strangers_desk.get(f"/connections/{connection.code}").status_code == 404
    assert strangers_desk.report(connection, "AQB").status_code == 404


def test_several_numbers_wait_for_the_owners_choice(desk: Desk, emulator: Emulator) -> None:
    first = emulator.number()
    second = emulator.number(waba_id=first["waba_id"])
    connection = desk.begin()
    desk.report(connection, emulator.signup(waba_id=first["waba_id"])["code"])
    connection = desk.work(connection)
    assert connection.state is ConnectionState.ASKING
    page = desk.page(connection)
    assert page.count('name="number"') == 2
    assert say("errors.choose_number") in page
    path = f"/connections/{connection.code}/number"
    assert desk.post(path, data={}).status_code == 422
    assert desk.post(path, data={"number": "999"}).status_code == 409
    assert desk.post(path, data={"number": second["phone_number_id"]}).status_code == 303
    connection = desk.work(connection)
    assert is_live(connection)
    assert connection.number is not None
    assert connection.number.phone_number_id == second["phone_number_id"]


def test_a_number_that_is_connected_already_is_not_meant_again(desk: Desk, emulator: Emulator) -> None:
    first = emulator.number()
    assert is_live(desk.connect(emulator.signup(phone_number_id=first["phone_number_id"])))
    second = emulator.number(waba_id=first["waba_id"])
    connection = desk.begin()
    desk.report(connection, emulator.signup(waba_id=first["waba_id"])["code"])
    connection = desk.work(connection)
    assert is_live(connection)
    assert connection.number is not None
    assert connection.number.phone_number_id == second["phone_number_id"]


def test_a_waba_without_a_number_says_so_and_goes_on_once_there_is_one(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", method="DELETE")
    connection = desk.connect(emulator.signup(waba_id=made["waba_id"]))
    assert connection.error == "numbers.errors.no_number"
    assert connection.is_retryable
    emulator.number(waba_id=made["waba_id"])
    assert desk.post(f"/connections/{connection.code}/retries").status_code == 303
    assert is_live(desk.work(connection))


def test_coexistence_is_never_registered(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number(coexistence=True)
    signup = emulator.signup(phone_number_id=made["phone_number_id"], coexistence=True)
    assert signup["event"]["event"] == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    connection = desk.connect(signup, how="app")
    assert is_live(connection)
    states = {step.name: step.state for step in connection.steps}
    assert states[StepName.REGISTER] is StepState.SKIPPED
    assert connection.number is not None
    assert connection.number.is_coexistence
    assert not emulator.calls(f"{made['phone_number_id']}/register")
    assert len(emulator.calls(f"{made['phone_number_id']}/smb_app_data")) == 2
    assert say("step.register_skipped") in desk.page(connection)


def test_another_provider_on_the_waba_is_shown(desk: Desk, emulator: Emulator) -> None:
    emulator.faults(foreign_app_subscribed=True)
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert "Another Provider" in desk.page(connection)
    assert connection.number is not None
    assert "Another Provider" in desk.get(f"/numbers/{connection.number.code}").get_data(as_text=True)


def test_a_missing_payment_method_is_a_hint_and_blocks_nothing(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", {"payment": False}, "PATCH")
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert is_live(connection)
    assert say("number.payment_title") in desk.page(connection)


def test_from_a_listing_the_end_leads_on_to_its_consent_page(desk: Desk, emulator: Emulator) -> None:
    from tests import factories

    listing = factories.listing(desk.session)
    desk.session.commit()
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]), listing=listing.slug)
    assert connection.number is not None
    assert f"/listings/{listing.slug}/install?number={connection.number.code}" in desk.page(connection)
