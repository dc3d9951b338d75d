"""Connecting without JavaScript: an OAuth redirect whose state belongs to one browser, once."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from catalog import clock
from catalog.models import Connection, ConnectionState, Variant
from catalog.texts import text
from marketplace.config import Config
from tests.marketplace.numbers.desk import Desk, is_live
from tests.marketplace.numbers.emulating import Emulator


def leave_for_meta(desk: Desk, **form: str) -> dict[str, str]:
    """Press the button without a popup; what the dialog is asked for."""
    answer = desk.post(f"/businesses/{desk.business.code}/connections", data={"how": "cloud", **form})
    assert answer.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def come_back(desk: Desk, **query: str) -> TestResponse:
    """Meta sends the browser back."""
    return desk.get("/connections/callback", query_string=query)


def arrived(desk: Desk, answer: TestResponse) -> Connection:
    """The connection the browser was led to."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return desk.connection(answer.location.rpartition("/")[2])


def test_a_number_goes_live_by_redirect(desk: Desk, emulator: Emulator, settings: Config) -> None:
    made = emulator.number()
    asked = leave_for_meta(desk)
    assert asked["client_id"] == settings.meta_app_id
    assert asked["config_id"] == settings.meta_config_id
    assert asked["response_type"] == "code"
    assert asked["override_default_response_type"] == "true"
    assert asked["redirect_uri"] == f"{settings.store_url}/connections/callback"
    assert json.loads(asked["extras"])["setup"]["business"]["timezone"] == "UTC+07:00"
    code = emulator.signup(phone_number_id=made["phone_number_id"], redirect_uri=asked["redirect_uri"])["code"]
    connection = arrived(desk, come_back(desk, code=code, state=asked["state"]))
    assert connection.variant is Variant.REDIRECT
    assert is_live(desk.work(connection))


def test_the_dialog_accepts_what_we_send(desk: Desk, emulator: Emulator) -> None:
    from urllib.request import urlopen

    answer = desk.post(f"/businesses/{desk.business.code}/connections", data={"how": "app"})
    with urlopen(answer.location, timeout=10) as page:
        assert page.status == 200
        assert "/dialog/" in page.url


def test_leaving_metas_page_is_a_cancel(desk: Desk) -> None:
    asked = leave_for_meta(desk)
    answer = come_back(desk, error="access_denied", error_reason="user_denied", state=asked["state"])
    connection = arrived(desk, answer)
    assert connection.state is ConnectionState.CANCELLED
    assert text("id", "numbers.errors.cancelled") in desk.page(connection)


def test_an_error_of_meta_is_quoted(desk: Desk) -> None:
    asked = leave_for_meta(desk)
    answer = come_back(desk, error="server_error", error_description="Something <i>broke</i>", state=asked["state"])
    assert "Something &lt;i&gt;broke&lt;/i&gt;" in desk.page(arrived(desk, answer))


def test_a067_a_callback_without_a_state_is_refused(desk: Desk, emulator: Emulator) -> None:
    leave_for_meta(desk)
    before = len(emulator.calls("access_token"))
    for state in ("", "x", "..", "00000000-0000-0000-0000-000000000000.secret"):
        answer = come_back(desk, code="AQB", state=state)
        assert answer.status_code == 409
        assert text("id", "numbers.errors.state_foreign") in answer.get_data(as_text=True)
    assert len(emulator.calls("access_token")) == before


def test_a067_a_state_works_once(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    asked = leave_for_meta(desk)
    wishes = {"phone_number_id": made["phone_number_id"], "redirect_uri": asked["redirect_uri"]}
    assert come_back(desk, code=emulator.signup(**wishes)["code"], state=asked["state"]).status_code == 303
    assert come_back(desk, code=emulator.signup(**wishes)["code"], state=asked["state"]).status_code == 409


def test_a067_a_guessed_secret_is_refused_and_uses_nothing_up(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    asked = leave_for_meta(desk)
    code, _, _ = asked["state"].partition(".")
    assert come_back(desk, code="AQB", state=f"{code}.guess").status_code == 409
    done = emulator.signup(phone_number_id=made["phone_number_id"], redirect_uri=asked["redirect_uri"])
    assert come_back(desk, code=done["code"], state=asked["state"]).status_code == 303


def test_a067_the_state_of_another_session_is_refused(desk: Desk, strangers_desk: Desk) -> None:
    asked = leave_for_meta(desk)
    assert come_back(strangers_desk, code="AQB", state=asked["state"]).status_code == 409
    assert desk.connection(asked["state"].partition(".")[0]).state is ConnectionState.STARTED


def test_a067_a_state_is_dead_after_signing_out(desk: Desk) -> None:
    asked = leave_for_meta(desk)
    desk.sign_in()
    assert come_back(desk, code="AQB", state=asked["state"]).status_code == 409


def test_a067_without_a_sign_in_nothing_is_exchanged(desk: Desk, emulator: Emulator) -> None:
    asked = leave_for_meta(desk)
    before = len(emulator.calls("access_token"))
    anonymous = desk.app.test_client()
    answer = anonymous.get("/connections/callback", query_string={"code": "AQB", "state": asked["state"]})
    assert answer.status_code == 303
    assert "/sign-in" in answer.location
    assert len(emulator.calls("access_token")) == before


def test_a067_a_state_lives_ten_minutes(desk: Desk) -> None:
    asked = leave_for_meta(desk)
    clock.advance(desk.session, 601)
    desk.session.commit()
    answer = come_back(desk, code="AQB", state=asked["state"])
    assert answer.status_code == 409
    assert text("id", "numbers.errors.state_expired") in answer.get_data(as_text=True)


def test_a068_an_attackers_code_cannot_be_forced_on_a_victim(
    desk: Desk, strangers_desk: Desk, emulator: Emulator
) -> None:
    attackers = leave_for_meta(strangers_desk)
    made = emulator.number()
    code = emulator.signup(phone_number_id=made["phone_number_id"], redirect_uri=attackers["redirect_uri"])["code"]
    # The victim is lured to the callback with the attacker's code, and with any state the attacker can have.
    for state in (attackers["state"], ""):
        assert come_back(desk, code=code, state=state).status_code == 409
    assert desk.number(made["phone_number_id"]) is None


@pytest.mark.parametrize(
    "change",
    ["{}/", "{}?x=1", "{}@evil.example", "{}.evil.example/connections/callback", "{}/../callback"],
)
def test_a069_another_redirect_uri_makes_the_code_worthless(desk: Desk, emulator: Emulator, change: str) -> None:
    made = emulator.number()
    asked = leave_for_meta(desk)
    other = change.format(asked["redirect_uri"])
    done = emulator.signup(phone_number_id=made["phone_number_id"], redirect_uri=other)
    connection = arrived(desk, come_back(desk, code=done["code"], state=asked["state"]))
    assert connection.error == "numbers.errors.code_foreign"
    assert not connection.has_token


def test_a069_a_code_of_the_popup_does_not_work_by_redirect(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    asked = leave_for_meta(desk)
    done = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = arrived(desk, come_back(desk, code=done["code"], state=asked["state"]))
    assert connection.error == "numbers.errors.code_foreign"


def test_the_redirect_address_comes_from_the_settings_and_not_from_the_request(desk: Desk, settings: Config) -> None:
    answer = desk.post(
        f"/businesses/{desk.business.code}/connections?redirect_uri=https://evil.example",
        data={"how": "cloud", "redirect_uri": "https://evil.example"},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert "evil.example" not in answer.location
    assert replace(settings).store_url in parse_qs(urlsplit(answer.location).query)["redirect_uri"][0]
