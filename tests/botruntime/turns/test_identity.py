"""Who a contact is: BSUID first, phone second, back-filled, merged only on the platform's word (faults F30)."""

from typing import Any

from tests.botruntime import hooks
from tests.botruntime.stage import Stage, say

OLD, NEW = "ID.5810023344556677", "ID.7710099887766554"
PHONE, OTHER = "6281290001111", "6281290002222"


def contacts(stage: Stage) -> list[tuple[Any, ...]]:
    rows = stage.rows("SELECT bsuid, wa_id FROM contact WHERE merged_into_id IS NULL ORDER BY id")
    return [tuple(row.values()) for row in rows]


def write(stage: Stage, wa_id: str | None, bsuid: str | None, text: str = "Halo", name: str = "Budi") -> None:
    stage.say(hooks.text(text, hooks.person(wa_id, bsuid, name)))
    stage.work()


def changed(**system: str) -> dict[str, Any]:
    content = {"type": "system", "system": {"type": "user_changed_number", "body": "User changed", **system}}
    return hooks.message(content, hooks.person(PHONE, None))


def test_a_contact_known_by_phone_gets_the_bsuid_when_it_comes(stage: Stage) -> None:
    write(stage, PHONE, None)
    write(stage, PHONE, OLD)
    write(stage, None, OLD)
    assert contacts(stage) == [(OLD, PHONE)]
    assert len(stage.rows("SELECT 1 FROM conversation")) == 1


def test_a_contact_known_by_bsuid_gets_the_phone_when_it_comes(stage: Stage) -> None:
    write(stage, None, OLD)
    write(stage, PHONE, OLD, name="Budi Santoso")
    assert contacts(stage) == [(OLD, PHONE)]
    assert stage.rows("SELECT name FROM contact") == [{"name": "Budi Santoso"}]


def test_two_contacts_that_turn_out_to_be_one_are_merged_with_all_they_have(stage: Stage) -> None:
    write(stage, None, OLD, "satu")
    write(stage, PHONE, None, "dua")
    stage.execute("UPDATE contact SET opted_out_at = now() WHERE wa_id = :phone", phone=PHONE)
    assert contacts(stage) == [(OLD, None), (None, PHONE)]
    write(stage, PHONE, OLD, "tiga")
    assert contacts(stage) == [(OLD, PHONE)]
    (kept,) = stage.rows("SELECT id, opted_out_at FROM contact WHERE merged_into_id IS NULL")
    assert kept["opted_out_at"] is not None
    rows = stage.rows(
        "SELECT DISTINCT c.contact_id FROM inbound_event e JOIN conversation c ON c.id = e.conversation_id"
    )
    assert rows == [{"contact_id": kept["id"]}]
    assert {row["contact_id"] for row in stage.rows("SELECT contact_id FROM outbound_message")} == {kept["id"]}


def test_a_phone_that_comes_with_another_bsuid_has_a_new_owner(stage: Stage) -> None:
    stage.host.behaviour = lambda turn, tables: say("ok", state={"secret": turn.event.text})
    write(stage, PHONE, OLD, "rahasia", name="Budi")
    write(stage, PHONE, NEW, "Halo", name="Sari")
    assert contacts(stage) == [(OLD, None), (NEW, PHONE)]
    assert stage.host.turns[1].state == {}


def test_a_changed_number_with_linkage_keeps_contact_and_conversation(stage: Stage) -> None:
    write(stage, PHONE, OLD)
    stage.say(changed(wa_id=OTHER, user_id=NEW, previous_user_id=OLD))
    stage.work()
    write(stage, OTHER, NEW, "lagi")
    assert contacts(stage) == [(NEW, OTHER)]
    assert len(stage.rows("SELECT 1 FROM conversation")) == 1


def test_a_changed_number_without_linkage_moves_nothing(stage: Stage) -> None:
    write(stage, PHONE, OLD)
    stage.say(changed(wa_id=OTHER))
    stage.work()
    write(stage, OTHER, NEW, "lagi")
    assert contacts(stage) == [(OLD, PHONE), (NEW, OTHER)]


def test_a_change_told_after_the_new_ids_were_seen_merges_the_two(stage: Stage) -> None:
    write(stage, PHONE, OLD, "dulu")
    write(stage, OTHER, NEW, "baru")
    stage.say(changed(wa_id=OTHER, user_id=NEW, previous_user_id=OLD))
    stage.work()
    write(stage, OTHER, NEW, "lagi")
    assert contacts(stage) == [(NEW, OTHER)]
    assert len({row["contact_id"] for row in stage.rows("SELECT contact_id FROM outbound_message")}) == 1


def test_all_changes_of_one_batch_are_followed_in_their_order(stage: Stage) -> None:
    stage.say(
        hooks.text("a", hooks.person(PHONE, None)),
        hooks.text("b", hooks.person(PHONE, OLD)),
        changed(wa_id=OTHER, user_id=NEW, previous_user_id=OLD),
        hooks.text("c", hooks.person(None, NEW)),
        hooks.text("d", hooks.person(PHONE, "ID.3")),
    )
    stage.work()
    assert contacts(stage) == [(NEW, OTHER), ("ID.3", PHONE)]
    assert [text for text in stage.host.heard if len(text) == 1] == ["a", "b", "c", "d"]


def test_one_person_is_two_contacts_in_two_portfolios(stage: Stage) -> None:
    from tests import factories

    other = factories.number(stage.session, stage.business)
    other.waba.portfolio_id = "710000000000009"
    factories.installation(stage.session, other, factories.listing(stage.session), stage.owner)
    stage.session.commit()
    stage.say(hooks.text("satu", hooks.person(PHONE, OLD)))
    stage.say(hooks.text("dua", hooks.person(PHONE, NEW)), number=other)
    stage.work()
    assert contacts(stage) == [(OLD, PHONE), (NEW, PHONE)]
