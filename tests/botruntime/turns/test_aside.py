"""Statuses and account events: applied once, in batches or one by one, whatever lies among them."""

import asyncio
from typing import Any

from botruntime.turns import aside
from catalog.db import session_factory
from catalog.models import Number, Waba
from tests.botruntime import hooks
from tests.botruntime.stage import Driven, Stage


def settle_statuses(stage: Stage) -> None:
    async def act(worker: Driven) -> None:
        while await aside.settle_statuses(worker.connection):
            continue

    asyncio.run(stage.working(act))


def settle_accounts(stage: Stage) -> None:
    while aside.settle_account(session_factory(stage.engine)):
        continue
    stage.session.expire_all()


def account(stage: Stage, field: str, waba_id: str | None = None, **value: Any) -> None:
    waba = stage.number.waba
    assert waba is not None
    body = hooks.envelope({"field": field, "value": value}, waba_id=waba_id or waba.waba_id, time=1)
    stage.keep(hooks.dump(body))


def test_statuses_move_the_message_and_are_done(stage: Stage) -> None:
    stage.say("Halo")
    stage.work()
    stage.execute("UPDATE outbound_message SET state = 'sent', wamid = 'wamid.OUT'")
    names = ("read", "delivered", "sent")
    stage.keep(*(hooks.hook(stage.number.phone_number_id, statuses=[hooks.status("wamid.OUT", n)]) for n in names))
    settle_statuses(stage)
    assert stage.rows("SELECT state FROM outbound_message") == [{"state": "read"}]
    assert stage.events()[1:] == [("done", None)] * 3


def test_a_status_nobody_knows_is_parked_and_its_neighbours_are_applied(stage: Stage) -> None:
    number = stage.number.phone_number_id
    stage.keep(hooks.hook(number, statuses=[hooks.status("wamid.X", "teleported"), hooks.status("wamid.Y", "sent")]))
    settle_statuses(stage)
    assert stage.events() == [("parked", "malformed"), ("done", None)]


def test_p3_a_settled_status_no_longer_names_the_person(stage: Stage) -> None:
    number = stage.number.phone_number_id
    stage.keep(hooks.hook(number, statuses=[hooks.status("wamid.X"), hooks.status("wamid.Y", "teleported")]))
    settle_statuses(stage)
    rows = stage.rows("SELECT state, raw FROM inbound_event ORDER BY id")
    named = [(row["state"], b"6281290001111" in bytes(row["raw"])) for row in rows]
    assert named == [("done", False), ("parked", True)]


def test_f57_a_partner_removed_disconnects_the_numbers_forgets_the_token_and_tells_the_owner(stage: Stage) -> None:
    waba = stage.number.waba
    assert waba is not None
    waba.business_token = "sealed"
    stage.session.commit()
    account(stage, "account_update", "700000000000001", event="PARTNER_REMOVED", waba_info={"waba_id": waba.waba_id})
    settle_accounts(stage)
    number = stage.session.get_one(Number, stage.number.id)
    assert (number.state.value, number.reason) == ("disconnected", "numbers.lost.partner_removed")
    assert stage.session.get_one(Waba, waba.id).business_token is None
    (notice,) = stage.rows("SELECT kind, email, params FROM notice")
    assert (notice["kind"], notice["email"]) == ("number_trouble", "owner@example.com")
    assert "Pasarbot dikeluarkan" in notice["params"]["reason"]
    kinds = [row["kind"] for row in stage.rows("SELECT kind FROM event ORDER BY id")]
    assert kinds[-2:] == ["meta.account_update", "number.disconnected"]


def test_an_event_of_an_account_nobody_has_is_ignored_with_a_reason(stage: Stage) -> None:
    account(stage, "account_update", "999", event="ACCOUNT_DELETED")
    settle_accounts(stage)
    assert stage.events() == [("ignored", "unknown_account")]


def test_quality_and_name_reach_the_number_they_name(stage: Stage) -> None:
    shown = "".join(filter(str.isdigit, stage.number.display_phone_number))
    account(stage, "phone_number_quality_update", display_phone_number=shown, event="FLAGGED", current_limit="TIER_1K")
    account(stage, "phone_number_name_update", display_phone_number=f"+{shown}", decision="APPROVED",
            requested_verified_name="Klinik Baru")  # fmt: skip
    settle_accounts(stage)
    number = stage.session.get_one(Number, stage.number.id)
    assert (number.quality, number.verified_name) == ("FLAGGED", "Klinik Baru")
    assert "TIER_1K" in number.health["phone_number_quality_update"]["detail"]


def test_metas_marketing_switch_is_kept_with_the_contact(stage: Stage) -> None:
    stage.say(hooks.text("Halo", hooks.person("62812999", "ID.1")))
    stage.work()
    preference = {"wa_id": "62812999", "user_id": "ID.1", "category": "marketing_messages", "value": "stop"}
    account(stage, "user_preferences", metadata={"phone_number_id": stage.number.phone_number_id},
            user_preferences=[preference])  # fmt: skip
    settle_accounts(stage)
    assert stage.rows("SELECT 1 FROM contact WHERE marketing_stopped_at IS NOT NULL") != []
