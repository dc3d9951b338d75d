"""The pages of numbers: what each role sees and may do, in both languages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from catalog import clock, texts
from catalog.models import ConnectionState, Event, Number, NumberState, StepName, StepState, Waba
from catalog.texts import text
from marketplace.config import Config
from marketplace.embedded_signup import leaving, messages
from tests import factories
from tests.cast import Cast
from tests.marketplace.numbers.desk import Desk
from tests.marketplace.numbers.emulating import Emulator


def sentence(key: str, **params: Any) -> str:
    return text("id", f"numbers.{key}", **params)


def body(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


@pytest.fixture
def number(session: Session, people: Cast, settings: Config) -> Number:
    """A live number of business A with a token and a PIN."""
    row = factories.number(session, people.business_a)
    assert row.waba is not None
    row.waba.keep_token(settings.sealer, "EAAcanary", None)
    row.keep_pin(settings.sealer, "482913")
    session.commit()
    return row


@pytest.fixture
def viewer(app: Flask, session: Session, people: Cast) -> Desk:
    return Desk.of(app, session, people.viewer, people.business_a)


@pytest.fixture
def manager(app: Flask, session: Session, people: Cast) -> Desk:
    return Desk.of(app, session, people.manager, people.business_a)


def test_an_empty_list_says_how_to_begin(desk: Desk) -> None:
    page = body(desk, "/numbers")
    assert sentence("list.empty") in page
    assert f"/businesses/{desk.business.code}/numbers/new" in page


def test_a_viewer_sees_an_empty_list_without_a_button(viewer: Desk) -> None:
    page = body(viewer, "/numbers")
    assert sentence("list.empty_viewer") in page
    assert "/numbers/new" not in page


def test_somebody_without_a_business_is_led_to_found_one(app: Flask, session: Session, people: Cast) -> None:
    lonely = Desk.of(app, session, people.developer, people.business_a)
    assert sentence("list.no_business") in body(lonely, "/numbers")


def test_the_list_shows_state_name_bot_and_health(desk: Desk, number: Number) -> None:
    shelf = factories.listing(desk.session, name="Bot Antrean")
    factories.installation(desk.session, number, shelf, desk.user)
    number.health = {"sending": "LIMITED"}
    desk.session.commit()
    page = body(desk, "/numbers")
    for shown in (number.verified_name, "Bot Antrean", sentence("state.live"), sentence("health.limited")):
        assert shown in page


def test_a_strangers_number_is_not_in_the_list_and_has_no_page(strangers_desk: Desk, number: Number) -> None:
    assert number.display_phone_number[-4:] not in body(strangers_desk, "/numbers")
    assert strangers_desk.get(f"/numbers/{number.code}").status_code == 404


def test_the_connect_page_says_what_meta_asks_and_widens_its_own_policy_only(desk: Desk, settings: Config) -> None:
    answer = desk.get(f"/businesses/{desk.business.code}/numbers/new")
    page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    assert sentence("connect.ask_portfolio") in page
    assert "business.facebook.com/wa/manage" in page
    assert f"script-src 'self' {settings.graph_base_url}" in policy
    assert "unsafe" not in policy
    assert settings.meta_app_secret not in page
    assert settings.graph_base_url not in desk.get("/numbers").headers["Content-Security-Policy"]


def test_the_connect_page_works_in_the_forms_own_way_without_javascript(desk: Desk, settings: Config) -> None:
    answer = desk.get(f"/businesses/{desk.business.code}/numbers/new")
    page, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    assert f'action="/businesses/{desk.business.code}/connections"' in page
    form_action = next(part for part in policy.split(";") if "form-action" in part)
    assert settings.graph_base_url in form_action, "the browser follows the form's redirect to the dialog"


def test_a_listing_that_waits_is_named(desk: Desk) -> None:
    shelf = factories.listing(desk.session, name="Bot Antrean")
    desk.session.commit()
    page = body(desk, f"/businesses/{desk.business.code}/numbers/new?listing={shelf.slug}")
    assert sentence("connect.for_bot", bot="Bot Antrean") in page
    assert body(desk, f"/businesses/{desk.business.code}/numbers/new?listing=../../evil")


def test_a_viewer_may_not_connect(viewer: Desk) -> None:
    assert viewer.get(f"/businesses/{viewer.business.code}/numbers/new").status_code == 403
    assert viewer.post(f"/businesses/{viewer.business.code}/connections", data={}).status_code == 403


def test_a_manager_may_connect(manager: Desk) -> None:
    assert manager.get(f"/businesses/{manager.business.code}/numbers/new").status_code == 200


def test_the_pin_is_shown_to_owners_only_and_every_look_is_recorded(
    desk: Desk, manager: Desk, viewer: Desk, number: Number
) -> None:
    for one in (manager, viewer):
        assert one.post(f"/numbers/{number.code}/pin").status_code == 403
        assert "482913" not in body(one, f"/numbers/{number.code}")
    assert "482913" not in body(desk, f"/numbers/{number.code}")
    shown = desk.post(f"/numbers/{number.code}/pin")
    assert 'value="482913"' in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    looks = desk.session.query(Event).filter_by(kind="number.pin_shown").all()
    assert [look.actor_id for look in looks] == [desk.user.id]
    assert sentence("event.pin_shown") in body(desk, f"/numbers/{number.code}")


def test_disconnecting_keeps_everything_but_the_access(desk: Desk, number: Number) -> None:
    shelf = factories.listing(desk.session)
    installation = factories.installation(desk.session, number, shelf, desk.user)
    desk.session.commit()
    assert desk.post(f"/numbers/{number.code}/disconnection").status_code == 303
    desk.session.expire_all()
    assert number.state is NumberState.DISCONNECTED
    assert installation.ended_at is None
    page = body(desk, f"/numbers/{number.code}")
    assert sentence("lost.by_owner") in page
    assert sentence("number.reconnect") in page
    assert number.waba is not None
    leaving.leave(str(number.waba.code))
    desk.session.expire_all()
    assert number.waba.business_token is None


def test_a_number_with_a_bot_cannot_be_released(desk: Desk, number: Number) -> None:
    shelf = factories.listing(desk.session)
    factories.installation(desk.session, number, shelf, desk.user)
    desk.session.commit()
    assert desk.post(f"/numbers/{number.code}/release").status_code == 409
    assert sentence("number.release_confirm") not in body(desk, f"/numbers/{number.code}")


def test_a_released_number_leaves_the_list_and_keeps_its_pin_for_the_owner(desk: Desk, number: Number) -> None:
    assert desk.post(f"/numbers/{number.code}/release").status_code == 303
    desk.session.expire_all()
    assert number.state is NumberState.RELEASED
    assert sentence("number.released_title") in body(desk, f"/numbers/{number.code}")
    assert "482913" in desk.post(f"/numbers/{number.code}/pin").get_data(as_text=True)
    assert sentence("list.released") in body(desk, "/numbers")


def test_only_an_owner_releases(manager: Desk, number: Number) -> None:
    assert manager.post(f"/numbers/{number.code}/release").status_code == 403


def test_a_disconnected_number_goes_live_again_with_its_bot(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    first = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert first.number is not None
    code = first.number.code
    shelf = factories.listing(desk.session)
    installation = factories.installation(desk.session, first.number, shelf, desk.user)
    desk.session.commit()
    desk.post(f"/numbers/{code}/disconnection")
    leaving.leave(str(first.number.waba.code if first.number.waba else ""))
    again = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert again.state is ConnectionState.LIVE
    assert again.number is not None
    assert again.number.code == code
    assert again.number.state is NumberState.LIVE
    assert installation.number_id == again.number.id
    assert emulator.waba(made["waba_id"])["subscribed"]


def test_checking_asks_meta_now(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.number is not None
    emulator.control(f"numbers/{made['phone_number_id']}", {"payment": False, "quality": "RED"}, "PATCH")
    assert desk.post(f"/numbers/{connection.number.code}/check").status_code == 303
    page = body(desk, f"/numbers/{connection.number.code}")
    assert sentence("number.payment_title") in page
    assert sentence("health.red") in page


def test_checking_with_a_dead_token_disconnects(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    assert connection.number is not None
    emulator.control("revoke_grant", {"waba_id": made["waba_id"], "webhook": False})
    desk.post(f"/numbers/{connection.number.code}/check")
    page = body(desk, f"/numbers/{connection.number.code}")
    assert sentence("did.check_failed") in page
    assert sentence("lost.token") in page
    desk.session.expire_all()
    waba = desk.session.query(Waba).filter_by(waba_id=made["waba_id"]).one()
    assert waba.business_token is None


def test_a_permission_that_ends_within_a_week_is_announced(desk: Desk, number: Number) -> None:
    assert sentence("number.ends_text") not in body(desk, f"/numbers/{number.code}")
    assert number.waba is not None
    number.waba.token_expires_at = clock.now(desk.session) + timedelta(days=6)
    desk.session.commit()
    assert sentence("number.ends_text") in body(desk, f"/numbers/{number.code}")


def test_the_progress_mark_changes_with_every_step_and_settles(desk: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    connection = desk.begin()
    path = f"/connections/{connection.code}/progress"
    first = desk.get(path).json
    assert first is not None
    assert not first["is_settled"]
    signup = emulator.signup(phone_number_id=made["phone_number_id"])
    desk.report(connection, signup["code"], signup["event"])
    second = desk.get(path).json
    assert second is not None
    assert second["mark"] != first["mark"]
    desk.work(connection)
    third = desk.get(path).json
    assert third is not None
    assert third["is_settled"]


def test_without_javascript_the_timeline_reloads_itself_until_it_is_settled(desk: Desk) -> None:
    connection = desk.begin()
    assert 'http-equiv="refresh"' in desk.page(connection)
    desk.report(connection, None)
    assert 'http-equiv="refresh"' not in desk.page(connection)


def test_a_viewer_reads_the_timeline_but_answers_nothing(desk: Desk, viewer: Desk, emulator: Emulator) -> None:
    made = emulator.number()
    emulator.control(f"numbers/{made['phone_number_id']}", {"pin": "482913"}, "PATCH")
    connection = desk.connect(emulator.signup(phone_number_id=made["phone_number_id"]))
    page = viewer.page(connection)
    assert sentence("errors.pin_needed") in page
    assert f"/connections/{connection.code}/pin" not in page
    for act in ("pin", "number", "retries", "abandonment"):
        assert viewer.post(f"/connections/{connection.code}/{act}", data={}).status_code == 403


def errors_said() -> set[str]:
    """Every error key that code of this area can end with."""
    from tests.source import ROOT

    places = [*ROOT.glob("marketplace/embedded_signup/**/*.py"), *ROOT.glob("marketplace/blueprints/numbers/*.py")]
    places += [ROOT / f"catalog/models/{name}.py" for name in ("connection", "oauth_state")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in places)
    found = set(re.findall(r"numbers\.errors\.([a-z_]+)", source))
    for first, second in re.findall(r"\b(?:Stop|Ask|Later)\(\s*\"([a-z_]+)\"(?:, \"([a-z_]+)\")?", source):
        found |= {first, second}
    found |= {f"cancelled_{step.lower()}" for step in messages.STEPS}
    return found - {"", "cancelled_"}


def test_every_way_to_end_has_its_sentence_in_both_languages() -> None:
    said = errors_said()
    assert len(said) > 35
    for language in texts.LANGUAGES:
        assert [key for key in sorted(said) if not texts.has(language, f"numbers.errors.{key}")] == []
        sentences = [str(value) for value in texts.area(language, "numbers")["errors"].values()]
        assert len(set(sentences)) == len(sentences), "each ending has a sentence of its own"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_error_can_be_shown_on_the_timeline(desk: Desk, language: str) -> None:
    params = dict.fromkeys(("message", "number", "case", "scope", "details", "status"), "<i>x</i>")
    connection = desk.begin()
    connection.steps[0].end(StepState.DONE)
    step = connection.step
    assert step is not None
    assert step.name is StepName.INSPECT
    connection.state, step.state = ConnectionState.FAILED, StepState.FAILED
    connection.error_params = step.error_params = params
    for key in texts.area(language, "numbers")["errors"]:
        connection.error = step.error = f"numbers.errors.{key}"
        desk.session.commit()
        answer = desk.get(f"/connections/{connection.code}", headers={"Accept-Language": language})
        assert answer.status_code == 200, key
        assert "<i>x</i>" not in answer.get_data(as_text=True)
