"""A message in, a reply in the outbox, state kept: once, in order, by whom it concerns."""

from botruntime.sdk.contract import Outcome, Turn
from catalog.models import Business
from tests import factories
from tests.botruntime import hooks
from tests.botruntime.stage import ScriptedHost, Stage, say


def test_a_message_is_answered_once_and_the_conversation_remembers(stage: Stage) -> None:
    def count(turn: Turn, tables: object) -> Outcome:
        seen = turn.state.get("seen", 0) + 1
        return say(f"{seen}: {turn.event.text}", state={"seen": seen})

    stage.host.behaviour = count
    stage.say("satu", "dua")
    stage.work()
    stage.say("tiga")
    stage.work()
    assert stage.sent() == ["1: satu", "2: dua", "3: tiga"]
    assert stage.conversation()["state"] == {"seen": 3}
    assert stage.events() == [("done", None)] * 3
    (row,) = stage.rows("SELECT DISTINCT installation_id, generation, author, policy, state FROM outbound_message")
    assert row == {
        "installation_id": stage.installation.id,
        "generation": 1,
        "author": "bot",
        "policy": "reply",
        "state": "queued",
    }


def test_the_turn_tells_the_bot_who_writes_where_and_when(stage: Stage) -> None:
    stage.say(hooks.text("Halo", hooks.person("6281290001111", "ID.1", "Budi", username="budi.s")), "Lagi")
    stage.work()
    first = stage.host.turns[0]
    assert first.contact is not None
    assert (first.contact.name, first.contact.username, first.contact.phone) == ("Budi", "budi.s", "+6281290001111")
    assert (first.installation.business.name, first.installation.business.zone) == ("Klinik Melati", "Asia/Jakarta")
    assert first.installation.settings == {"greeting": "Halo"}
    assert (first.event.text, first.mode, first.first) == ("Halo", "bot", True)
    assert stage.host.turns[1].first is False


def test_the_phone_is_withheld_from_a_bot_that_was_not_granted_it(stage: Stage) -> None:
    stage.execute("UPDATE installation SET consent = '{\"permissions\": []}'")
    stage.say("Halo")
    stage.work()
    assert stage.host.turns[0].contact.phone is None


def test_a_contact_without_a_phone_number_is_answered_like_any_other(stage: Stage) -> None:
    stage.say(hooks.text("Halo", hooks.person(None, "ID.9920014477003311", "Sari", username="sari.cantik")))
    stage.work()
    (contact,) = stage.rows("SELECT bsuid, wa_id, name, username FROM contact")
    assert contact == {"bsuid": "ID.9920014477003311", "wa_id": None, "name": "Sari", "username": "sari.cantik"}
    assert stage.sent() == ["re: Halo"]


def test_f26_events_of_one_contact_are_worked_off_in_the_order_of_arrival(stage: Stage) -> None:
    said = [str(number) for number in range(40)]
    stage.say(*said)
    stage.work()
    assert stage.host.heard == said
    assert stage.sent() == [f"re: {text}" for text in said]


def test_many_contacts_share_a_commit_and_each_keeps_its_own_state(stage: Stage) -> None:
    people = [hooks.person(f"62857{i:08}", f"ID.{i}", f"Orang {i}") for i in range(100)]
    stage.say(*(hooks.text(person["name"], person) for person in people for _ in range(2)))
    stage.work()
    assert sorted(stage.sent()) == sorted(f"re: {person['name']}" for person in people for _ in range(2))
    assert len(stage.rows("SELECT 1 FROM conversation WHERE waiting_since IS NULL AND lease_holder IS NULL")) == 100


def test_f31_a_message_to_an_unknown_number_is_ignored_with_a_reason(stage: Stage) -> None:
    stage.keep(hooks.hook("999", hooks.text("Halo")))
    stage.work()
    assert stage.events() == [("ignored", "unknown_number")]
    assert stage.rows("SELECT 1 FROM contact") == []


def test_a_number_without_a_bot_ignores_with_a_reason_and_keeps_the_window(stage: Stage) -> None:
    stage.installation.uninstall(stage.session, stage.owner)
    stage.session.commit()
    stage.say("Halo")
    stage.work()
    assert stage.events() == [("ignored", "no_bot")]
    assert stage.sent() == []
    assert stage.conversation()["last_inbound_at"].timestamp() == hooks.NOON


def test_a_disconnected_number_is_not_answered(stage: Stage) -> None:
    stage.number.disconnect(stage.session, "numbers.lost.token")
    stage.session.commit()
    stage.say("Halo")
    stage.work()
    assert stage.events() == [("ignored", "number_not_live")]
    assert stage.host.turns == []


def test_a_paused_bot_says_so_once_in_24_hours_and_answers_again_after_resume(stage: Stage) -> None:
    stage.installation.pause(stage.session, stage.owner)
    stage.session.commit()
    stage.say("Halo", "Halo?")
    stage.work()
    told = "Layanan otomatis sedang tidak aktif. Pesan Anda diteruskan ke Klinik Melati."
    assert stage.sent() == [told]
    assert stage.events() == [("ignored", "paused")] * 2
    stage.advance(24 * 3600)
    stage.say("Masih tutup?")
    stage.work()
    assert stage.sent() == [told, told]
    assert {row["author"] for row in stage.rows("SELECT author FROM outbound_message")} == {"system"}
    stage.installation.resume(stage.session, stage.owner)
    stage.session.commit()
    stage.say("Buka?")
    stage.work()
    assert stage.host.heard == ["Buka?"]


def test_another_bot_on_the_number_starts_with_a_fresh_state(stage: Stage) -> None:
    stage.host.behaviour = lambda turn, tables: say("ok", state={"old": True})
    stage.say("satu")
    stage.work()
    stage.installation.uninstall(stage.session, stage.owner)
    stage.session.commit()
    factories.installation(stage.session, stage.number, factories.listing(stage.session), stage.owner)
    stage.session.commit()
    stage.say("dua")
    stage.work()
    assert stage.host.turns[1].state == {}
    assert stage.host.turns[1].first is True


def test_numbers_of_two_businesses_do_not_share_contacts(stage: Stage) -> None:
    stranger = factories.user(stage.session)
    other: Business = factories.business(stage.session, stranger, name="Toko")
    number = factories.number(stage.session, other)
    factories.installation(stage.session, number, factories.listing(stage.session), stranger)
    stage.session.commit()
    stage.say("Halo")
    stage.say("Halo", number=number)
    stage.work()
    codes = {turn.contact.code for turn in stage.host.turns}
    assert len(codes) == 2
    assert len(stage.rows("SELECT 1 FROM contact")) == 2


def test_f30_a_type_nobody_knows_reaches_the_bot_as_unsupported(stage: Stage) -> None:
    stage.say(hooks.message({"type": "hologram", "hologram": {"x": 1}}))
    stage.work()
    assert (stage.host.turns[0].event.kind, stage.host.turns[0].event.title) == ("unsupported", "hologram")


def test_wishes_of_the_outcome_reach_contact_conversation_and_mail(stage: Stage) -> None:
    from botruntime.sdk.contract import Handover, Notice

    stage.host.behaviour = lambda turn, tables: say(
        "baik",
        language="en",
        opt_out=True,
        mode="queued",
        handover=Handover(note="tolong"),
        notices=(Notice("handover_wished", {"contact": "Budi"}),),
    )
    stage.say("ADMIN")
    stage.work()
    (contact,) = stage.rows("SELECT language, opted_out_at FROM contact")
    assert contact["language"] == "en"
    assert contact["opted_out_at"] is not None
    conversation = stage.conversation()
    assert (conversation["mode"], conversation["handover"]) == ("queued", {"team": "", "note": "tolong"})
    (notice,) = stage.rows("SELECT kind, email, language, params FROM notice")
    assert (notice["kind"], notice["email"], notice["language"]) == ("handover_wished", "owner@example.com", "id")
    assert notice["params"]["contact"] == "Budi"
    assert notice["params"]["business"] == "Klinik Melati"


def test_erasing_removes_name_and_words_but_not_the_record_that_something_was_said(stage: Stage) -> None:
    stage.say("rahasia")
    stage.work()
    stage.execute("UPDATE outbound_message SET state = 'sent'")
    stage.host.behaviour = lambda turn, tables: say("Data Anda dihapus.", erase=True)
    stage.say("hapus")
    stage.work()
    (contact,) = stage.rows("SELECT name, username, language, erased_at FROM contact")
    assert (contact["name"], contact["username"], contact["language"]) == ("", None, None)
    assert {bytes(row["raw"]) for row in stage.rows("SELECT raw FROM inbound_event")} == {b""}
    assert [row["payload"].get("body") for row in stage.rows("SELECT payload FROM outbound_message ORDER BY id")] == [
        None,
        "Data Anda dihapus.",
    ]
    assert [row["kind"] for row in stage.rows("SELECT kind FROM event WHERE subject_kind = 'contact'")] == [
        "contact.erased"
    ]


def test_a_reply_to_another_contact_of_the_business_goes_there_and_to_a_stranger_nowhere(stage: Stage) -> None:
    from botruntime.sdk.contract import Reply

    stage.say(hooks.text("saya staf", hooks.person("628111", None, "Staf")))
    stage.work()
    (staff,) = stage.rows("SELECT code FROM contact")
    stranger = "00000000-0000-0000-0000-000000000000"
    replies = (
        Reply(body="terima kasih"),
        Reply(body="ada pesanan", to=str(staff["code"])),
        Reply(body="?", to=stranger),
    )
    stage.host.behaviour = lambda turn, tables: Outcome(replies=replies)
    stage.say("pesan kopi")
    stage.work()
    rows = stage.rows(
        "SELECT o.payload ->> 'body' AS body, o.policy, c.name FROM outbound_message o "
        "JOIN contact c ON c.id = o.contact_id ORDER BY o.id OFFSET 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("terima kasih", "reply", "Budi"),
        ("ada pesanan", "notice", "Staf"),
    ]


def test_the_same_update_seen_by_two_workers_has_one_effect(stage: Stage) -> None:
    message = hooks.text("sekali")
    stage.say(message, message)
    stage.work()
    stage.say(message)
    stage.work(ScriptedHost())
    assert stage.sent() == ["re: sekali"]


def test_f40_a_stamp_from_the_future_opens_the_window_no_longer_than_one_from_now(stage: Stage) -> None:
    stage.say(hooks.text("Halo", timestamp="253402300799"))
    stage.work()
    (row,) = stage.rows("SELECT last_inbound_at <= clock_timestamp() + interval '1 minute' AS is_now FROM conversation")
    assert row == {"is_now": True}
    assert stage.sent() == ["re: Halo"]
