"""Every inbound type of the platform's catalogue in house form; identities with and without a phone (fault F30)."""

from typing import Any

import pytest

from botruntime.inbound.payload import Malformed, echo_of, message_of, status_of
from botruntime.inbound.payload_account import account_of
from botruntime.inbound.updates import Identity
from botruntime.sdk.contract import Message
from tests.botruntime import hooks

NUMBER = "730000000000001"


def read(content: dict[str, Any], **fields: Any) -> Message:
    return message_of(hooks.hook(NUMBER, hooks.message(content, **fields))).message


def test_a_text_with_an_ad_referral() -> None:
    referral = {"source_url": "https://fb.me/abc", "source_id": "120", "source_type": "ad", "headline": "Klinik",
                "body": "Daftar", "ctwa_clid": "ARAk"}  # fmt: skip
    message = read({"type": "text", "text": {"body": "Halo"}}, id="wamid.A", referral=referral)
    assert (message.id, message.kind, message.text) == ("wamid.A", "text", "Halo")
    assert message.at is not None
    assert message.at.timestamp() == hooks.NOON
    assert message.referral == {
        "source": "ad", "id": "120", "url": "https://fb.me/abc", "headline": "Klinik", "click_id": "ARAk",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_media_bring_their_id_caption_and_kind(kind: str) -> None:
    content = {"id": "88", "mime_type": "image/jpeg", "sha256": "mDf=", "caption": "surat", "filename": "a.pdf",
               "voice": True, "url": "https://lookaside.example"}  # fmt: skip
    message = read({"type": kind, kind: content})
    assert message.kind == kind
    assert message.media is not None
    assert (message.media.id, message.media.mime, message.media.sha256) == ("88", "image/jpeg", "mDf=")
    assert (message.text, message.media.filename, message.media.is_voice) == ("surat", "a.pdf", True)


def test_media_too_large_to_fetch_are_unsupported() -> None:
    message = read({"type": "video", "errors": [{"code": 131052}]})
    assert (message.kind, message.title) == ("unsupported", "video")


def test_a_location_and_one_without_coordinates() -> None:
    message = read({"type": "location", "location": {"latitude": -6.9, "longitude": "107.6", "name": "Klinik"}})
    assert message.location is not None
    assert (message.location.latitude, message.location.longitude, message.location.name) == (-6.9, 107.6, "Klinik")
    assert read({"type": "location", "location": {"latitude": True}}).kind == "unsupported"


def test_shared_contacts_with_their_phones() -> None:
    card = {"name": {"formatted_name": "Sari"}, "phones": [{"phone": "+62 812", "wa_id": "62812"}, {"wa_id": "62813"}]}
    message = read({"type": "contacts", "contacts": [card, "junk"]})
    assert message.contacts == ({"name": "Sari", "phones": ["+62 812", "62813"]},)


@pytest.mark.parametrize(("wire", "kind"), [("button_reply", "button"), ("list_reply", "list")])
def test_presses_bring_payload_title_and_what_they_answer(wire: str, kind: str) -> None:
    content = {"type": "interactive", "interactive": {"type": wire, wire: {"id": "poli:gigi", "title": "Poli Gigi"}}}
    message = read(content, context={"from": "628", "id": "wamid.OUT"})
    assert (message.kind, message.payload, message.title, message.quoted) == (
        kind, "poli:gigi", "Poli Gigi", "wamid.OUT",
    )  # fmt: skip


def test_a_submitted_form_is_parsed_again() -> None:
    reply = {"name": "flow", "body": "Sent", "response_json": '{"flow_token":"ft-1","poli":"gigi"}'}
    message = read({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}})
    assert (message.kind, message.form) == ("form", {"flow_token": "ft-1", "poli": "gigi"})
    broken = {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{"}}}
    assert read(broken).form == {}


def test_a_template_button_is_told_apart_from_our_own() -> None:
    message = read({"type": "button", "button": {"payload": "batal:A-012", "text": "Batalkan"}})
    assert (message.kind, message.payload, message.title) == ("template_button", "batal:A-012", "Batalkan")


def test_reactions_and_their_removal() -> None:
    assert read({"type": "reaction", "reaction": {"message_id": "wamid.O", "emoji": "👍"}}).text == "👍"
    removal = read({"type": "reaction", "reaction": {"message_id": "wamid.O"}})
    assert (removal.kind, removal.text, removal.quoted) == ("reaction", "", "wamid.O")


def test_an_order_in_rupiah() -> None:
    items = [{"product_retailer_id": "SKU", "quantity": 2, "item_price": 45000, "currency": "IDR"},
             {"product_retailer_id": "USD", "quantity": "1", "item_price": 3, "currency": "USD"}]  # fmt: skip
    message = read({"type": "order", "order": {"catalog_id": "99", "text": "sore ya", "product_items": items}})
    assert (message.kind, message.text) == ("order", "sore ya")
    assert message.order == {
        "catalog": "99",
        "items": [{"sku": "SKU", "quantity": 2, "price_idr": 45000}, {"sku": "USD", "quantity": 1, "price_idr": 0}],
    }


def test_edits_and_revokes_name_the_message_they_change() -> None:
    edited = {"original_message_id": "wamid.O", "message": {"type": "text", "text": {"body": "baru"}}}
    message = read({"type": "edit", "edit": edited})
    assert (message.kind, message.text, message.quoted) == ("edit", "baru", "wamid.O")
    assert read({"type": "revoke", "revoke": {"original_message_id": "wamid.O"}}).quoted == "wamid.O"


@pytest.mark.parametrize("kind", ["unsupported", "hologram", "", "interactive", "location"])
def test_f30_what_nobody_knows_is_a_typed_unsupported(kind: str) -> None:
    message = read({"type": kind, "unsupported": {"type": "poll_creation"}, "errors": [{"code": 131051}]})
    assert (message.kind, message.title) == ("unsupported", kind)


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [1], {"a": None}, True])
def test_f20_every_type_with_junk_inside_is_read_without_an_exception(junk: Any) -> None:
    kinds = ("text", "image", "location", "contacts", "interactive", "button", "reaction", "order", "edit", "revoke",
             "system", "document")  # fmt: skip
    for kind in kinds:
        message = read({"type": kind, kind: junk}, context=junk, referral=junk, timestamp=junk)
        assert message.kind in (kind, "unsupported", "template_button")


def test_the_sender_is_named_by_bsuid_phone_or_both() -> None:
    def sender(**who: Any) -> Identity:
        return message_of(hooks.hook(NUMBER, hooks.text("x", hooks.person(**who)))).sender

    assert sender(wa_id="62812", bsuid="ID.1") == Identity("ID.1", None, "62812", "Budi")
    assert sender(wa_id=None, bsuid="ID.1", username="budi") == Identity("ID.1", None, None, "Budi", "budi")
    assert sender(wa_id="62812", bsuid=None) == Identity(None, None, "62812", "Budi")


def test_in_a_batch_each_message_finds_the_card_of_its_own_sender() -> None:
    from botruntime.inbound.payload_split import split

    body = hooks.hook(
        NUMBER,
        hooks.text("a", hooks.person("62811", "ID.1", "Ani")),
        hooks.text("b", hooks.person(None, "ID.2", "Budi", username="budi")),
    )
    senders = [message_of(row.raw).sender for row in split(body)]
    assert [(who.name, who.bsuid, who.wa_id) for who in senders] == [("Ani", "ID.1", "62811"), ("Budi", "ID.2", None)]


def test_a_message_from_nobody_is_malformed() -> None:
    with pytest.raises(Malformed):
        message_of(hooks.hook(NUMBER, hooks.text("x", hooks.person(None, None))))


def test_a_status_in_full() -> None:
    error = {"code": 131047, "title": "Re-engagement", "error_data": {"details": "more than 24 hours"}}
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
    given = hooks.status("wamid.O", "failed", biz_opaque_callback_data="c0de", errors=[error], pricing=pricing,
                         recipient_user_id="ID.1", parent_recipient_user_id="ID.ENT.1")  # fmt: skip
    update = status_of(hooks.hook(NUMBER, statuses=[given]), 7)
    assert (update.event_id, update.phone_number_id, update.wamid, update.status) == (7, NUMBER, "wamid.O", "failed")
    assert (update.code, update.error_code, update.error_title) == ("c0de", 131047, "Re-engagement")
    assert update.error_details == "more than 24 hours"
    assert update.recipient == Identity("ID.1", "ID.ENT.1", "6281290001111")
    assert update.pricing == {"category": "service", "type": "regular", "model": "PMP", "is_billable": True}


def test_a_status_nobody_knows_is_malformed() -> None:
    with pytest.raises(Malformed):
        status_of(hooks.hook(NUMBER, statuses=[hooks.status("wamid.O", "teleported")]), 1)


def test_an_echo_names_the_contact_it_went_to() -> None:
    value = {"metadata": {"phone_number_id": NUMBER},
             "message_echoes": [{"from": "628", "to": "62812", "id": "wamid.E", "timestamp": "1"}]}  # fmt: skip
    echo = echo_of(hooks.dump(hooks.envelope({"field": "smb_message_echoes", "value": value})))
    assert (echo.phone_number_id, echo.recipient.wa_id, echo.wamid) == (NUMBER, "62812", "wamid.E")


@pytest.mark.parametrize(
    ("value", "lost"),
    [
        ({"event": "PARTNER_REMOVED", "waba_info": {"waba_id": "72"}}, "partner_removed"),
        ({"event": "PARTNER_APP_UNINSTALLED", "waba_info": {"waba_id": "72"}}, "app_uninstalled"),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, "account_disabled"),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, None),
        ({"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "X"}]}, None),
    ],
)
def test_account_updates_say_whether_we_may_still_act(value: dict[str, Any], lost: str | None) -> None:
    update = account_of(hooks.dump(hooks.envelope({"field": "account_update", "value": value}, waba_id="72")))
    assert (update.waba_id, update.event, update.lost) == ("72", value["event"], lost)
