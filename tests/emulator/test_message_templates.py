"""Message templates: created, reviewed, sent outside the window, pressed."""

from typing import Any

import pytest

from tests.emulator.stage import Receiver, Stage

BUDI = "6281290001111"
QUEUE: dict[str, Any] = {
    "name": "pengingat_antrian", "category": "UTILITY", "language": "id", "parameter_format": "POSITIONAL",
    "components": [
        {"type": "BODY", "text": "Halo {{1}}, nomor antrian {{2}} sebentar lagi dipanggil.",
         "example": {"body_text": [["Budi", "A-012"]]}},
        {"type": "FOOTER", "text": "Klinik Sehat"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Batalkan"}]},
    ],
}  # fmt: skip


@pytest.fixture
def made(stage: Stage) -> dict[str, str]:
    return stage.number()


def create(stage: Stage, made: dict[str, str], **changes: Any) -> Any:
    return stage.graph("POST", f"{made['waba_id']}/message_templates", made["access_token"], {**QUEUE, **changes})


def send(stage: Stage, made: dict[str, str], *words: str, name: str = "pengingat_antrian", language: str = "id") -> Any:
    parameters = [{"type": "text", "text": word} for word in words]
    template = {
        "name": name, "language": {"code": language},
        "components": [
            {"type": "body", "parameters": parameters},
            {"type": "button", "sub_type": "quick_reply", "index": "0",
             "parameters": [{"type": "payload", "payload": "batal:A-012"}]},
        ],
    }  # fmt: skip
    body = {"messaging_product": "whatsapp", "to": f"+{BUDI}", "type": "template", "template": template}
    return stage.graph("POST", f"{made['phone_number_id']}/messages", made["access_token"], body)


def test_conformance_template_is_pending_then_approved_and_can_be_sent(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    row = create(stage, made).json()
    assert row["status"] == "PENDING"
    refused = send(stage, made, "Budi", "A-012")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, 132001)
    stage.pass_time(61)
    update = door.changes("message_template_status_update")[0]["value"]
    assert update["event"] == "APPROVED"
    assert str(update["message_template_id"]) == row["id"]
    door.clear()
    answer = send(stage, made, "Budi", "A-012").json()
    assert answer["messages"][0]["message_status"] == "accepted"
    stage.pass_time(5)
    sent = door.statuses()[0]
    assert sent["pricing"] == {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    entry = stage.control("GET", f"chat?number={made['phone_number_id']}&user={BUDI}")["messages"][0]
    assert entry["rendered"]["body"] == "Halo Budi, nomor antrian A-012 sebentar lagi dipanggil."
    stage.post("tap", number=made["phone_number_id"], user=BUDI, wamid=entry["wamid"], id="0")
    stage.settle()
    pressed = door.messages()[0]
    assert pressed["type"] == "button"
    assert pressed["button"] == {"payload": "batal:A-012", "text": "Batalkan"}


def test_conformance_template_states_refuse_sends(stage: Stage, made: dict[str, str]) -> None:
    create(stage, made)
    named = {"waba_id": made["waba_id"], "name": "pengingat_antrian", "language": "id"}
    for verb, code in (("reject", 132001), ("pause", 132015), ("disable", 132016)):
        stage.post(f"templates/{verb}", **named)
        assert send(stage, made, "Budi", "A-012").json()["error"]["code"] == code
    stage.post("templates/approve", **named)
    assert send(stage, made, "Budi", "A-012").ok
    assert send(stage, made, "Budi").json()["error"]["code"] == 132000
    assert send(stage, made, "Budi", "A-012", language="en").json()["error"]["code"] == 132001


def test_conformance_opted_out_person_gets_no_marketing_131050(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    create(stage, made, category="MARKETING")
    stage.post("templates/approve", waba_id=made["waba_id"], name="pengingat_antrian")
    stage.post("preference", number=made["phone_number_id"], user=BUDI, value="stop")
    try:
        assert send(stage, made, "Budi", "A-012").json()["error"]["code"] == 131050
        stage.settle()
        preference = door.changes("user_preferences")[0]["value"]["user_preferences"][0]
        assert (preference["category"], preference["value"]) == ("marketing_messages", "stop")
    finally:
        stage.post("preference", number=made["phone_number_id"], user=BUDI, value="resume")


@pytest.mark.parametrize(
    ("changes", "subcode"),
    [
        ({"name": "Bukan Nama"}, None),
        ({"category": "FUN"}, None),
        ({"components": [{"type": "BODY", "text": "{{1}} di depan", "example": {"body_text": [["a"]]}}]}, 2388299),
        ({"components": [{"type": "BODY", "text": "x" * 1025}]}, 2388072),
        ({"components": [{"type": "BODY", "text": "Halo"}, {"type": "FOOTER", "text": "x" * 61}]}, 2388073),
        ({"components": [{"type": "FOOTER", "text": "tanpa isi"}]}, None),
    ],
)
def test_conformance_malformed_template_is_refused(
    stage: Stage, made: dict[str, str], changes: dict[str, Any], subcode: int | None
) -> None:
    refused = create(stage, made, **changes)
    assert refused.status_code == 400
    assert refused.json()["error"].get("error_subcode") == subcode


def test_conformance_templates_are_listed_edited_and_deleted(stage: Stage, made: dict[str, str]) -> None:
    row, token = create(stage, made).json(), made["access_token"]
    assert create(stage, made).json()["error"]["error_subcode"] == 2388024
    path = f"{made['waba_id']}/message_templates"
    assert stage.graph("GET", f"{path}?fields=name,status", token).json()["data"] == [
        {"name": "pengingat_antrian", "status": "PENDING", "id": row["id"]}
    ]
    assert stage.graph("GET", f"{path}?status=APPROVED", token).json()["data"] == []
    assert stage.graph("POST", row["id"], token, {"components": QUEUE["components"]}).status_code == 400
    stage.post("templates/reject", id=row["id"], reason="TAG_CONTENT_MISMATCH")
    assert stage.graph("POST", row["id"], token, {"components": QUEUE["components"]}).json() == {"success": True}
    assert stage.graph("DELETE", f"{path}?name=pengingat_antrian", token).json() == {"success": True}
    assert stage.graph("GET", path, token).json()["data"] == []


def test_conformance_new_portfolio_reaches_250_people_a_day(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    create(stage, made)
    stage.post("templates/approve", waba_id=made["waba_id"], name="pengingat_antrian")
    stage.control("PATCH", f"numbers/{made['phone_number_id']}", {"mps": 1000})
    template = {"name": "pengingat_antrian", "language": {"code": "id"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]}  # fmt: skip
    path = f"{made['phone_number_id']}/messages"
    last = ""
    for place in range(251):
        body = {
            "messaging_product": "whatsapp",
            "to": f"+62816000{place:05d}",
            "type": "template",
            "template": template,
        }
        last = stage.graph("POST", path, made["access_token"], body).json()["messages"][0]["id"]
    stage.pass_time(5)
    failed = [row for row in door.statuses() if row["status"] == "failed"]
    assert [row["id"] for row in failed] == [last]
    assert failed[0]["errors"][0]["code"] == 131064
