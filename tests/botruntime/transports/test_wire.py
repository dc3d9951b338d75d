"""Replies become exactly the bodies Meta documents, and what breaks a limit never leaves."""

from typing import Any

import pytest

from botruntime.sdk import limits
from botruntime.sdk.contract import Button, File, Location, Reply, Row, Section, TemplateUse
from botruntime.transports.base import Action, Outgoing, TransportError
from botruntime.transports.cloud_api import wire


def outgoing(reply: Reply, **ids: Any) -> Outgoing:
    return Outgoing("code-1", "730000000000001", "token", reply, **(ids or {"wa_id": "6281290001111"}))


def body(reply: Reply, **ids: Any) -> dict[str, Any]:
    made = wire.body(outgoing(reply, **ids))
    assert made.pop("messaging_product") == "whatsapp"
    assert made.pop("recipient_type") == "individual"
    assert made.pop("biz_opaque_callback_data") == "code-1"
    return made


TO = {"to": "+6281290001111"}
BUTTONS = (Button("poli:gigi", "Poli Gigi"), Button("human", "Bicara petugas"))
LIST = Reply(
    kind="list",
    body="Jam praktik besok",
    label="Pilih jam",
    sections=(
        Section((Row("t:0900", "09.00", "sisa 3"), Row("t:0930", "09.30")), "Pagi"),
        Section((Row("t:1600", "16.00"),), "Sore"),
    ),
)
REPLIES: dict[str, tuple[Reply, dict[str, Any]]] = {
    "text": (
        Reply(body="Nomor antrian Anda: A-012", quoted="wamid.1"),
        {
            "type": "text",
            "text": {"body": "Nomor antrian Anda: A-012", "preview_url": False},
            "context": {"message_id": "wamid.1"},
        },
    ),
    "buttons": (
        Reply(kind="buttons", body="Pilih poli:", header="Klinik Sehat", footer="Ketik ADMIN", buttons=BUTTONS),
        {
            "type": "interactive",
            "interactive": {
                "type": "button",
                "header": {"type": "text", "text": "Klinik Sehat"},
                "body": {"text": "Pilih poli:"},
                "footer": {"text": "Ketik ADMIN"},
                "action": {
                    "buttons": [
                        {"type": "reply", "reply": {"id": "poli:gigi", "title": "Poli Gigi"}},
                        {"type": "reply", "reply": {"id": "human", "title": "Bicara petugas"}},
                    ]
                },
            },
        },
    ),
    "list": (
        LIST,
        {
            "type": "interactive",
            "interactive": {
                "type": "list",
                "body": {"text": "Jam praktik besok"},
                "action": {
                    "button": "Pilih jam",
                    "sections": [
                        {
                            "title": "Pagi",
                            "rows": [
                                {"id": "t:0900", "title": "09.00", "description": "sisa 3"},
                                {"id": "t:0930", "title": "09.30"},
                            ],
                        },
                        {"title": "Sore", "rows": [{"id": "t:1600", "title": "16.00"}]},
                    ],
                },
            },
        },
    ),
    "link": (
        Reply(kind="link", body="Bayar di sini", label="Bayar", url="https://pay.example/inv/12"),
        {
            "type": "interactive",
            "interactive": {
                "type": "cta_url",
                "body": {"text": "Bayar di sini"},
                "action": {
                    "name": "cta_url",
                    "parameters": {"display_text": "Bayar", "url": "https://pay.example/inv/12"},
                },
            },
        },
    ),
    "image": (
        Reply(kind="image", body="Katalog kopi", file=File(id="880000000000009", filename="kopi.png")),
        {"type": "image", "image": {"id": "880000000000009", "caption": "Katalog kopi"}},
    ),
    "document": (
        Reply(kind="document", body="Nota", file=File(link="https://f.example/12.pdf", filename="nota-12.pdf")),
        {
            "type": "document",
            "document": {"link": "https://f.example/12.pdf", "caption": "Nota", "filename": "nota-12.pdf"},
        },
    ),
    "video": (
        Reply(kind="video", body="Cara pakai", file=File(id="1")),
        {"type": "video", "video": {"id": "1", "caption": "Cara pakai"}},
    ),
    "audio": (Reply(kind="audio", body="x", file=File(id="1")), {"type": "audio", "audio": {"id": "1"}}),
    "sticker": (Reply(kind="sticker", file=File(id="1")), {"type": "sticker", "sticker": {"id": "1"}}),
    "location": (
        Reply(kind="location", location=Location(-6.9175, 107.6191, "Klinik Sehat", "Jl. Melati 5, Bandung")),
        {
            "type": "location",
            "location": {
                "latitude": "-6.9175",
                "longitude": "107.6191",
                "name": "Klinik Sehat",
                "address": "Jl. Melati 5, Bandung",
            },
        },
    ),
    "contacts": (
        Reply(kind="contacts", contacts=({"name": "Admin Klinik", "phones": ["+62 811-1000-2009"]},)),
        {
            "type": "contacts",
            "contacts": [
                {
                    "name": {"formatted_name": "Admin Klinik", "first_name": "Admin"},
                    "phones": [{"phone": "+6281110002009", "type": "WORK", "wa_id": "6281110002009"}],
                }
            ],
        },
    ),
    "reaction": (
        Reply(kind="reaction", emoji="👍", quoted="wamid.1"),
        {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
    ),
    "ask_location": (
        Reply(kind="ask_location", body="Kirim lokasi pengantaran", footer="tak dipakai"),
        {
            "type": "interactive",
            "interactive": {
                "type": "location_request_message",
                "body": {"text": "Kirim lokasi pengantaran"},
                "action": {"name": "send_location"},
            },
        },
    ),
    "ask_phone": (
        Reply(kind="ask_phone", body="Bagikan nomor Anda"),
        {
            "type": "interactive",
            "interactive": {
                "type": "contact_request",
                "body": {"text": "Bagikan nomor Anda"},
                "action": {"name": "request_contact_info"},
            },
        },
    ),
    "template": (
        Reply(kind="template", template=TemplateUse("pengingat_antrian", "id", ("Budi", "A-012"), ("batal:A-012",))),
        {
            "type": "template",
            "template": {
                "name": "pengingat_antrian",
                "language": {"code": "id"},
                "components": [
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "text": "Budi"}, {"type": "text", "text": "A-012"}],
                    },
                    {
                        "type": "button",
                        "sub_type": "quick_reply",
                        "index": "0",
                        "parameters": [{"type": "payload", "payload": "batal:A-012"}],
                    },
                ],
            },
        },
    ),
}


@pytest.mark.parametrize("kind", list(REPLIES))
def test_every_kind_of_reply_has_its_body(kind: str) -> None:
    reply, expected = REPLIES[kind]
    assert body(reply) == TO | expected


def test_every_kind_of_the_contract_is_known() -> None:
    from typing import get_args

    from botruntime.sdk.outcome import ReplyKind

    assert set(REPLIES) == set(get_args(ReplyKind)) == set(wire.KINDS)


def test_the_phone_wins_and_a_bsuid_serves_alone() -> None:
    assert body(Reply(body="a"), wa_id="6281", bsuid="ID.1")["to"] == "+6281"
    alone = body(Reply(body="a"), bsuid="ID.1")
    assert alone["recipient"] == "ID.1"
    assert "to" not in alone


def test_marking_read_with_and_without_typing() -> None:
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert wire.read("wamid.1", typing=False) == read
    assert wire.read("wamid.1", typing=True) == read | {"typing_indicator": {"type": "text"}}


def buttons(*titles: str, **more: Any) -> Reply:
    made = tuple(Button(f"b{n}", title) for n, title in enumerate(titles))
    return Reply(kind="buttons", body="Pilih", buttons=made, **more)


def rows(count: int, **more: Any) -> Reply:
    made = tuple(Row(f"r{n}", f"Baris {n}") for n in range(count))
    return Reply(kind="list", body="Pilih", label="Lihat", sections=(Section(made),), **more)


BROKEN: list[tuple[str, Reply]] = [
    ("body", Reply(body="")),
    ("body", Reply(body="  \n")),
    ("body", Reply(body="x" * (limits.BODY_TEXT + 1))),
    ("body", Reply(kind="buttons", body="x" * 1025, buttons=BUTTONS)),
    ("header", buttons("Ya", header="x" * 61)),
    ("footer", buttons("Ya", footer="x" * 61)),
    ("button_count", buttons()),
    ("button_count", buttons("1", "2", "3", "4")),
    ("button_title", buttons("")),
    ("button_title", buttons("x" * 21)),
    ("button_twice", buttons("Ya", "Ya")),
    ("button_id", Reply(kind="buttons", body="a", buttons=(Button("x" * 257, "Ya"),))),
    ("button_twice", Reply(kind="buttons", body="a", buttons=(Button("a", "Ya"), Button("a", "Tidak")))),
    ("label", Reply(kind="list", body="a", sections=LIST.sections)),
    ("label", Reply(kind="list", body="a", label="x" * 21, sections=LIST.sections)),
    ("row_count", rows(0)),
    ("row_count", rows(11)),
    ("row_count", Reply(kind="list", body="a", label="b", sections=(Section((), "A"), *LIST.sections))),
    ("row_title", Reply(kind="list", body="a", label="b", sections=(Section((Row("1", "x" * 25),)),))),
    ("row_description", Reply(kind="list", body="a", label="b", sections=(Section((Row("1", "a", "x" * 73),)),))),
    ("row_id", Reply(kind="list", body="a", label="b", sections=(Section((Row("x" * 201, "a"),)),))),
    ("row_twice", Reply(kind="list", body="a", label="b", sections=(Section((Row("1", "a"), Row("1", "b"))),))),
    ("section_title", Reply(kind="list", body="a", label="b", sections=(Section((Row("1", "a"),), "x" * 25),))),
    (
        "section_title",
        Reply(kind="list", body="a", label="b", sections=(Section((Row("1", "a"),)), Section((Row("2", "b"),), "B"))),
    ),
    ("url", Reply(kind="link", body="a", label="b", url="javascript:alert(1)")),
    ("url", Reply(kind="link", body="a", label="b", url="https://[")),
    ("file", Reply(kind="image")),
    ("file", Reply(kind="image", file=File(id="1", link="https://a.example"))),
    ("url", Reply(kind="image", file=File(link="file:///etc/passwd"))),
    ("caption", Reply(kind="image", body="x" * 1025, file=File(id="1"))),
    ("location", Reply(kind="location")),
    ("location", Reply(kind="location", location=Location(91, 0))),
    ("location", Reply(kind="location", location=Location(float("nan"), 0))),
    ("contact_count", Reply(kind="contacts")),
    ("contact_card", Reply(kind="contacts", contacts=({"phones": ["1"]},))),
    ("reaction", Reply(kind="reaction", emoji="👍")),
    ("template", Reply(kind="template")),
    ("body", Reply(kind="ask_phone")),
    ("characters", Reply(body="a\x00b")),
    ("characters", Reply(body="a\ud800b")),
]


@pytest.mark.parametrize(("rule", "reply"), BROKEN)
def test_what_breaks_a_rule_is_refused_by_its_name(rule: str, reply: Reply) -> None:
    with pytest.raises(TransportError) as refused:
        wire.body(outgoing(reply))
    assert (refused.value.kind, refused.value.key) == (Action.FINAL, f"sending.rules.{rule}")
    assert refused.value.permanent


def test_a_contact_without_any_id_is_refused() -> None:
    with pytest.raises(TransportError, match="recipient"):
        wire.body(outgoing(Reply(body="a"), wa_id=None))


def test_the_token_is_not_shown() -> None:
    assert "token" not in repr(outgoing(Reply(body="rahasia")))
    assert "rahasia" not in repr(outgoing(Reply(body="rahasia")))
