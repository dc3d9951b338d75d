"""Every step that can fail does: what the owner reads, what is kept, and that it goes on from there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from catalog import clock
from catalog.models import Connection, ConnectionState, NumberState, StepName, StepState, connection_lease
from catalog.texts import text
from marketplace.config import Config
from marketplace.embedded_signup import machine
from marketplace.embedded_signup.stand import Stand, Stop
from marketplace.embedded_signup.steps import inspect as inspecting
from marketplace.graph.facts import MANAGEMENT, MESSAGING, TokenFacts
from tests.marketplace.numbers.desk import Desk, is_live
from tests.marketplace.numbers.emulating import Emulator


def due_now(desk: Desk, connection: Connection) -> None:
    """As if the pause before the next try were over."""
    past = datetime.now(UTC) - timedelta(seconds=10)
    desk.session.execute(update(Connection).where(Connection.id == connection.id).values(next_try_at=past))
    desk.session.commit()


def answer_pin(desk: Desk, connection: Connection, pin: str) -> Connection:
    """The owner types a PIN."""
    assert desk.post(f"/connections/{connection.code}/pin", data={"pin": pin}).status_code == 303
    return desk.work(connection)


def test_f56_a_wrong_pin_is_asked_for_until_it_fits(desk: Desk, emulator: Emulator, settings: Config) -> None:
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", {"pin": "482913"}, "PATCH")
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.state is ConnectionState.ASKING
    assert text("id", "numbers.errors.pin_needed") in desk.page(connection)
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.state is NumberState.CONNECTING
    emulator.control("clock", {"advance": 5})
    connection = answer_pin(desk, connection, "111111")
    assert connection.state is ConnectionState.ASKING
    assert text("id", "numbers.errors.pin_wrong") in desk.page(connection)
    emulator.control("clock", {"advance": 5})
    connection = answer_pin(desk, connection, "482 913")
    assert is_live(connection)
    assert connection.pin is None
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.show_pin(desk.session, settings.sealer, desk.user) == "482913"


@pytest.mark.parametrize("pin", ["", "48291", "4829133", "abcdef", "٤٨٢٩١٣"])
def test_a_pin_that_is_none_is_refused_at_the_field(desk: Desk, emulator: Emulator, pin: str) -> None:
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", {"pin": "482913"}, "PATCH")
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    answer = desk.post(f"/connections/{connection.code}/pin", data={"pin": pin})
    assert answer.status_code == 422
    assert text("id", "numbers.timeline.pin_invalid") in answer.get_data(as_text=True)


def test_f56_too_many_wrong_pins_say_how_long_to_wait(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", {"pin": "482913"}, "PATCH")
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    for guess in ("111111", "222222", "333333", "444444"):
        emulator.control("clock", {"advance": 5})
        connection = answer_pin(desk, connection, guess)
    assert connection.error == "numbers.errors.pin_too_often"
    assert "3600" in desk.page(connection)
    emulator.control("clock", {"advance": 3700})
    assert is_live(answer_pin(desk, connection, "482913"))


def test_a_pin_is_taken_only_while_it_is_asked_for(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert desk.post(f"/connections/{connection.code}/pin", data={"pin": "123456"}).status_code == 409


def test_f56_an_unverified_number_goes_on_once_it_is_verified(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number(verified=False)
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.error == "numbers.errors.not_verified"
    assert connection.is_retryable
    emulator.control(f"numbers/{made['phone_number_id']}", {"verified": True}, "PATCH")
    desk.post(f"/connections/{connection.code}/retries")
    assert is_live(desk.work(connection))


def test_a_number_deleted_a_moment_ago_is_tried_again_by_itself(desk: Desk, emulator: Emulator) -> None:
    first = emulator.number()
    digits = first["display_phone_number"]
    emulator.control(f"numbers/{first['phone_number_id']}", method="DELETE")
    made = emulator.number(display_phone_number=digits)
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.state is ConnectionState.WORKING
    assert connection.error == "numbers.errors.just_deleted"
    assert text("id", "numbers.errors.just_deleted") in desk.page(connection)
    assert connection.next_try_at is not None
    assert timedelta(minutes=4) < connection.next_try_at - datetime.now(UTC) < timedelta(minutes=6)
    emulator.control("clock", {"advance": 301})
    due_now(desk, connection)
    assert is_live(desk.work(connection))


def test_the_limit_of_registrations_waits_72_hours(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    emulator.control(f"numbers/{made['phone_number_id']}", {"pin": "482913"}, "PATCH")
    connection = desk.connect(signup)
    for _ in range(12):
        emulator.control("clock", {"advance": 3601})
        if connection.state is not ConnectionState.ASKING:
            break
        connection = answer_pin(desk, connection, "111111")
    assert connection.error == "numbers.errors.register_limit"
    assert connection.state is ConnectionState.WORKING
    assert connection.next_try_at is not None
    assert connection.next_try_at - datetime.now(UTC) > timedelta(hours=71)


def test_f56_a_number_meta_does_not_call_connected_is_never_shown_as_live(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    desk.report(connection, signup["code"], signup["event"])
    graph, sealer = machine.Graph.of(machine.jobs.settings()), machine.jobs.settings().sealer
    for _ in range(3):
        assert machine.step(connection.code, graph, sealer)
    emulator.control(f"numbers/{made['phone_number_id']}", {"status": "FLAGGED"}, "PATCH")
    connection = desk.work(connection)
    assert connection.state is ConnectionState.WORKING
    assert connection.step is not None
    assert connection.step.name is StepName.LIVE
    assert connection.error == "numbers.errors.not_connected_yet"
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.state is NumberState.CONNECTING
    assert number.connected_at is None
    assert text("id", "numbers.number.connecting_title") in desk.get(f"/numbers/{number.code}").get_data(as_text=True)
    for _ in range(12):
        due_now(desk, connection)
        connection = desk.work(connection)
    assert connection.state is ConnectionState.FAILED
    assert "FLAGGED" in desk.page(connection)
    emulator.control(f"numbers/{made['phone_number_id']}", {"status": "CONNECTED"}, "PATCH")
    desk.post(f"/connections/{connection.code}/retries")
    assert is_live(desk.work(connection))


def test_f56_graph_down_is_tried_again_with_pauses_and_then_left_to_the_owner(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    desk.report(connection, signup["code"], signup["event"])
    emulator.faults(throttle=4)
    connection = desk.work(connection)
    assert connection.state is ConnectionState.WORKING
    assert connection.error == "numbers.errors.graph_down"
    assert text("id", "numbers.errors.graph_down") in desk.page(connection)
    for _ in machine.PAUSES:
        due_now(desk, connection)
        connection = desk.work(connection)
    assert connection.state is ConnectionState.FAILED
    assert connection.error == "numbers.errors.graph_gave_up"
    emulator.faults(throttle=None)
    desk.post(f"/connections/{connection.code}/retries")
    connection = desk.work(connection)
    assert is_live(connection)
    assert connection.steps[0].tries == 1, "what was done is not repeated"


def test_graph_silent_at_the_exchange_fails_at_once(desk: Desk, app: Any, settings: Config) -> None:
    connection = desk.begin()
    dead = {**settings.__dict__, "graph_base_url": "http://localhost:9"}
    app.extensions["marketplace.config"] = type(settings)(**dead)
    desk.report(connection, "AQB-any")
    connection = desk.connection(connection.code)
    assert connection.error == "numbers.errors.graph_silent"
    assert connection.state is ConnectionState.FAILED


def test_f56_a_token_taken_back_on_the_way_is_forgotten(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    desk.report(connection, signup["code"], signup["event"])
    graph, sealer = machine.Graph.of(machine.jobs.settings()), machine.jobs.settings().sealer
    assert machine.step(connection.code, graph, sealer)
    emulator.control("revoke_grant", {"waba_id": made["waba_id"], "webhook": False})
    connection = desk.work(connection)
    assert connection.error == "numbers.errors.token_dead"
    assert not connection.has_token
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.state is NumberState.RELEASED
    assert "/retries" not in desk.page(connection)


def test_a_token_that_was_revoked_before_anyone_looked_is_refused(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    connection = desk.begin()
    desk.report(connection, signup["code"], signup["event"])
    emulator.control("revoke_grant", {"waba_id": made["waba_id"], "webhook": False})
    connection = desk.work(connection)
    assert connection.error == "numbers.errors.token_invalid"
    assert not connection.has_token


def facts(**changes: Any) -> TokenFacts:
    """A good token of our app."""
    known: dict[str, Any] = {
        "app_id": "1",
        "is_valid": True,
        "scopes": frozenset({MANAGEMENT, MESSAGING}),
        "waba_ids": ("30", "20"),
        "expires_at": None,
    }
    return TokenFacts(**{**known, **changes})


def test_a069_a_token_of_another_app_is_refused() -> None:
    with pytest.raises(Stop) as stop:
        inspecting.prove_token(facts(app_id="2"), "1")
    assert stop.value.key == "numbers.errors.other_app"
    assert stop.value.is_final


@pytest.mark.parametrize("missing", [MANAGEMENT, MESSAGING])
def test_a072_the_missing_permission_is_named(missing: str) -> None:
    with pytest.raises(Stop) as stop:
        inspecting.prove_token(facts(scopes=frozenset({MANAGEMENT, MESSAGING} - {missing})), "1")
    assert stop.value.params == {"scope": missing}
    assert missing in text("id", stop.value.key, **stop.value.params)


def test_without_a_claim_the_newest_waba_is_meant() -> None:
    assert inspecting.proven_waba(facts(), None) == "30"
    assert inspecting.proven_waba(facts(), "20") == "20"
    with pytest.raises(Stop) as stop:
        inspecting.proven_waba(facts(waba_ids=()), None)
    assert stop.value.key == "numbers.errors.no_waba"


def test_a_stand_never_shows_its_secrets() -> None:
    stand = Stand(StepName.REGISTER, 1, "EAA-secret", None, None, False, "1", "2", "123456", False, frozenset())
    assert "secret" not in f"{stand!r} {stand}"
    assert "123456" not in f"{stand!r} {stand}"


def test_f56_a_browser_that_never_comes_back_ends_after_an_hour(desk: Desk) -> None:
    connection = desk.begin()
    clock.advance(desk.session, 3601)
    desk.session.commit()
    connection_lease.expire_old(desk.session)
    desk.session.commit()
    connection = desk.connection(connection.code)
    assert connection.state is ConnectionState.EXPIRED
    assert text("id", "numbers.errors.closed") in desk.page(connection)
    assert desk.report(connection, "AQB").status_code == 200
    assert desk.connection(connection.code).state is ConnectionState.EXPIRED


def test_f56_a_store_that_dies_with_the_code_in_hand_says_so(desk: Desk) -> None:
    connection = desk.begin()
    assert connection.begin_exchange(desk.session)
    connection.steps[0].started_at = datetime.now(UTC) - timedelta(seconds=61)
    desk.session.commit()
    connection_lease.expire_old(desk.session)
    desk.session.commit()
    connection = desk.connection(connection.code)
    assert connection.state is ConnectionState.FAILED
    assert text("id", "numbers.errors.exchange_lost") in desk.page(connection)


def test_a_failure_left_lying_gives_the_number_back_after_14_days(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number(verified=False)
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    clock.advance(desk.session, 14 * 86400 + 1)
    desk.session.commit()
    connection_lease.expire_old(desk.session)
    desk.session.commit()
    assert desk.connection(connection.code).state is ConnectionState.EXPIRED
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.state is NumberState.RELEASED


def test_giving_up_frees_the_number_and_forgets_the_token(desk: Desk, emulator: Emulator) -> None:
    from marketplace.embedded_signup import leaving

    made = emulator.number(verified=False)
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert desk.post(f"/connections/{connection.code}/abandonment").status_code == 303
    connection = desk.connection(connection.code)
    assert connection.state is ConnectionState.CANCELLED
    number = desk.number(made["phone_number_id"])
    assert number is not None
    assert number.state is NumberState.RELEASED
    assert connection.waba is not None
    leaving.leave(str(connection.waba.code))
    assert not desk.connection(connection.code).has_token
    assert not emulator.waba(made["waba_id"])["subscribed"]


def test_f56_metas_update_before_the_browsers_report_does_no_harm(desk: Desk, emulator: Emulator) -> None:
    """The emulator sends PARTNER_ADDED when the dialog ends; the report comes only after it."""
    made = emulator.number()
    connection = desk.begin()
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    emulator.control("settle", {"timeout": 2})
    desk.report(connection, signup["code"], signup["event"])
    assert is_live(desk.work(connection))


def test_steps_may_be_repeated_without_harm(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    for step in connection.steps[2:]:
        step.state = StepState.WAITING
    connection.state = ConnectionState.WORKING
    desk.session.commit()
    assert is_live(desk.work(connection))
    assert len(emulator.calls(f"{made['phone_number_id']}/register")) == 1, "it is CONNECTED already"
