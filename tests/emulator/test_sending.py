"""``/messages``: the order of the checks, what is refused, and what becomes of what is accepted."""

from typing import Any

import pytest
import requests

from tests.emulator.stage import Receiver, Stage, text

BUDI = "6281290001111"


@pytest.fixture
def made(stage: Stage) -> dict[str, str]:
    """A connected number Budi has just written to."""
    made = stage.number()
    stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo")
    stage.settle()
    stage.receiver.clear()
    return made


def send(stage: Stage, made: dict[str, str], body: dict[str, Any]) -> requests.Response:
    return stage.graph("POST", f"{made['phone_number_id']}/messages", made["access_token"], body)


def code_of(answer: requests.Response) -> int:
    return answer.json()["error"]["code"]


def entry_of(stage: Stage, made: dict[str, str], wamid: str, user: str = BUDI) -> dict[str, Any]:
    shown = stage.control("GET", f"chat?number={made['phone_number_id']}&user={user}")
    return {row["wamid"]: row for row in shown["messages"]}[wamid]


def test_conformance_accepted_send_answers_wamid_then_sent_delivered_read(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    body = text("Nomor antrian Anda: A-012", to=f"+{BUDI}", biz_opaque_callback_data="send:9f1c")
    answer = send(stage, made, body).json()
    assert answer["messaging_product"] == "whatsapp"
    assert answer["contacts"] == [{"input": f"+{BUDI}", "wa_id": BUDI}]
    wamid = answer["messages"][0]["id"]
    assert wamid.startswith("wamid.")
    door.wait(3)
    statuses = door.statuses()
    assert [row["status"] for row in statuses] == ["sent", "delivered", "read"]
    assert {row["id"] for row in statuses} == {wamid}
    assert {row["biz_opaque_callback_data"] for row in statuses} == {"send:9f1c"}
    assert {row["recipient_id"] for row in statuses} == {BUDI}
    priced = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
    assert [row.get("pricing") for row in statuses] == [priced, priced, None]
    assert entry_of(stage, made, wamid)["status"] == "read"


def test_conformance_checks_come_in_metas_order(stage: Stage) -> None:
    """One send with everything wrong; each repair uncovers the next refusal."""
    made = stage.post("numbers")
    other = stage.number()
    path, wrong = f"{made['phone_number_id']}/messages", {"messaging_product": "whatsapp", "to": "628119", "text": {}}

    def attempt(token: str, body: dict[str, Any]) -> int:
        return code_of(stage.graph("POST", path, token, body))

    assert attempt("EAAnobody", wrong) == 190
    assert attempt(other["access_token"], wrong) == 200
    granted = stage.post("signup", phone_number_id=made["phone_number_id"])
    given = {"client_id": "100000000000001", "client_secret": "demo-app-secret", "code": granted["code"]}
    token = stage.http.get(f"{stage.url}/v25.0/oauth/access_token", params=given, timeout=5).json()["access_token"]
    assert attempt(token, wrong) == 133010
    stage.control("PATCH", f"numbers/{made['phone_number_id']}", {"registered": True, "mps": 0, "payment": False})
    user = stage.post("users", name="Tanpa Akun", phone="6281233344455", on_whatsapp=False)
    assert attempt(token, wrong) == 131008
    right = text("halo", to=user["phone"])
    assert attempt(token, right) == 130429
    stage.control("PATCH", f"numbers/{made['phone_number_id']}", {"mps": 1000})
    stage.post("faults", window="sync")
    for _ in range(45):
        assert attempt(token, right) == 131047
    assert attempt(token, right) == 131056
    stage.pass_time(400)
    assert attempt(token, right) == 131047
    stage.post("say", number=made["phone_number_id"], user=user["phone"], text="halo")
    assert attempt(token, right) == 131026
    stage.control("PATCH", f"users/{user['id']}", {"on_whatsapp": True})
    assert attempt(token, right) == 131042
    stage.control("PATCH", f"numbers/{made['phone_number_id']}", {"payment": True})
    assert stage.graph("POST", path, token, right).ok


def _interactive(**inner: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": BUDI, "type": "interactive", "interactive": inner}


def _button(button_id: str, title: str) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": button_id, "title": title}}


def _buttons(*buttons: dict[str, Any]) -> dict[str, Any]:
    return _interactive(type="button", body={"text": "Pilih"}, action={"buttons": list(buttons)})


def _list(*sections: dict[str, Any]) -> dict[str, Any]:
    return _interactive(type="list", body={"text": "Pilih"}, action={"button": "Lihat", "sections": list(sections)})


def _rows(number: int, start: int = 0) -> list[dict[str, str]]:
    return [{"id": f"r{place}", "title": f"Baris {place}"} for place in range(start, start + number)]


NEGATIVES = {
    "text over 4096": (text("x" * 4097, to=BUDI), 131009),
    "missing text body": (text("x", to=BUDI) | {"text": {}}, 131008),
    "missing to": (text("x"), 100),
    "missing messaging_product": ({"to": BUDI, "type": "text", "text": {"body": "x"}}, 100),
    "four buttons": (_buttons(*[_button(str(place), f"B{place}") for place in range(4)]), 131009),
    "button of 21 characters": (_buttons(_button("a", "x" * 21)), 131009),
    "row title of 25 characters": (_list({"rows": [{"id": "a", "title": "x" * 25}]}), 131009),
    "row description of 73": (_list({"rows": [{"id": "a", "title": "x", "description": "x" * 73}]}), 131009),
    "media with both id and link": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "image",
         "image": {"id": "1", "link": "https://a.example/b"}},
        131009,
    ),
    "media with neither id nor link": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "image", "image": {"caption": "x"}},
        131008,
    ),
    "unknown media id": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "image", "image": {"id": "880000000099999"}},
        131009,
    ),
    "unknown type": ({"messaging_product": "whatsapp", "to": BUDI, "type": "hologram", "hologram": {}}, 100),
    "template without language": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "template", "template": {"name": "halo"}},
        131008,
    ),
    "caption over 1024": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "image",
         "image": {"link": "https://a.example/b", "caption": "x" * 1025}},
        131009,
    ),
    "eleven rows in all": (_list({"title": "A", "rows": _rows(6)}, {"title": "B", "rows": _rows(5, 6)}), 131009),
    "duplicate row ids": (_list({"title": "A", "rows": _rows(2)}, {"title": "B", "rows": _rows(2)}), 131009),
    "duplicate button titles": (_buttons(_button("a", "Sama"), _button("b", "Sama")), 131009),
    "two sections, one without title": (_list({"title": "A", "rows": _rows(1)}, {"rows": _rows(1, 1)}), 131008),
    "footer over 60": (
        _interactive(type="button", body={"text": "x"}, footer={"text": "x" * 61},
                     action={"buttons": [_button("a", "A")]}),
        131009,
    ),
    "image header on a list": (
        _interactive(type="list", body={"text": "x"}, header={"type": "image", "image": {"link": "https://a.example"}},
                     action={"button": "Lihat", "sections": [{"rows": _rows(1)}]}),
        131009,
    ),
    "interactive body over 1024": (
        _interactive(type="button", body={"text": "x" * 1025}, action={"buttons": [_button("a", "A")]}),
        131009,
    ),
    "callback data over 512": (text("x", to=BUDI, biz_opaque_callback_data="x" * 513), 131009),
    "to nobody": (text("x", to="halo"), 131009),
    "latitude beyond the pole": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "location", "location": {"latitude": 91, "longitude": 0}},
        131009,
    ),
    "unknown template": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "template",
         "template": {"name": "tidak_ada", "language": {"code": "id"}}},
        132001,
    ),
    "reaction to nothing": (
        {"messaging_product": "whatsapp", "to": BUDI, "type": "reaction",
         "reaction": {"message_id": "wamid.x", "emoji": "👍"}},
        131009,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(NEGATIVES))
def test_conformance_negative_gets_its_code(stage: Stage, made: dict[str, str], case: str) -> None:
    body, code = NEGATIVES[case]
    refused = send(stage, made, body)
    assert code_of(refused) == code, refused.text
    assert refused.status_code == (404 if code == 132001 else 400)
    error = refused.json()["error"]
    assert error["type"] == "OAuthException"
    assert error["fbtrace_id"]
    if code > 130000:
        assert error["error_data"]["messaging_product"] == "whatsapp"
        assert error["error_data"]["details"]


def test_conformance_recipient_equal_to_sender_131021(stage: Stage, made: dict[str, str]) -> None:
    mine = stage.control("GET", "state")["numbers"]
    digits = next(row["wa_id"] for row in mine if row["id"] == made["phone_number_id"])
    assert send(stage, made, text("x", to=digits)).json()["error"]["code"] == 131021


def test_conformance_test_number_refuses_strangers_131030(stage: Stage, made: dict[str, str]) -> None:
    stage.control("PATCH", f"numbers/{made['phone_number_id']}", {"allowed_recipients": ["6281200000000"]})
    assert code_of(send(stage, made, text("x", to=BUDI))) == 131030


def test_conformance_closed_window_fails_async_131047_by_default(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    stage.pass_time(86401)
    door.clear()
    answer = send(stage, made, text("masih di sana?", to=BUDI, biz_opaque_callback_data="send:1"))
    assert answer.ok
    door.wait(1)
    failed = door.statuses()[0]
    assert failed["status"] == "failed"
    assert failed["errors"][0]["code"] == 131047
    assert failed["errors"][0]["title"] == "Re-engagement message"
    assert failed["biz_opaque_callback_data"] == "send:1"
    assert entry_of(stage, made, answer.json()["messages"][0]["id"])["status"] == "failed"


def test_conformance_both_shapes_of_failed_status_occur(stage: Stage, made: dict[str, str], door: Receiver) -> None:
    stage.pass_time(86401)
    door.clear()
    send(stage, made, text("satu", to=BUDI))
    door.wait(1)
    send(stage, made, text("dua", to=BUDI))
    door.wait(2)
    shapes = ["contacts" in change["value"] for change in door.changes("messages")]
    assert sorted(shapes) == [False, True]


def test_conformance_person_without_phone_is_reached_by_bsuid_only(stage: Stage, door: Receiver) -> None:
    made = stage.number()
    stage.post("say", number=made["phone_number_id"], user="u-sari", text="antrian nomor berapa?")
    door.wait(1)
    value = door.changes("messages")[0]["value"]
    bsuid = value["contacts"][0]["user_id"]
    assert value["messages"][0]["from_user_id"] == bsuid
    assert "from" not in value["messages"][0]
    assert "wa_id" not in value["contacts"][0]
    assert value["contacts"][0]["profile"] == {"name": "Sari", "username": "sari.cantik"}
    answer = send(stage, made, text("A-007", recipient=bsuid)).json()
    assert answer["contacts"] == [{"input": bsuid, "user_id": bsuid}]
    door.wait(2)
    assert "recipient_id" not in door.statuses()[0]
    assert door.statuses()[0]["recipient_user_id"] == bsuid
    elsewhere = stage.number()
    assert code_of(send(stage, elsewhere, text("x", recipient=bsuid))) == 131026, "a BSUID is worth nothing elsewhere"


def test_conformance_pair_rate_allows_a_burst_of_45_then_one_in_six_seconds(stage: Stage, made: dict[str, str]) -> None:
    answers = [send(stage, made, text(str(place), to=BUDI)) for place in range(46)]
    assert all(answer.ok for answer in answers[:45])
    assert code_of(answers[45]) == 131056
    stage.pass_time(7)
    assert send(stage, made, text("lagi", to=BUDI)).ok


def test_conformance_read_receipt_marks_earlier_messages_and_shows_typing(stage: Stage, made: dict[str, str]) -> None:
    last = stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo lagi")["wamid"]
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": last, "typing_indicator": {"type": "text"}}
    assert send(stage, made, body).json() == {"success": True}
    shown = stage.control("GET", f"chat?number={made['phone_number_id']}&user={BUDI}")
    assert [row["status"] for row in shown["messages"]] == ["read", "read"]
    assert shown["typing_until"] is not None
    send(stage, made, text("ya?", to=BUDI))
    assert stage.control("GET", f"chat?number={made['phone_number_id']}&user={BUDI}")["typing_until"] is None
    assert code_of(send(stage, made, {**body, "message_id": "wamid.unknown"})) == 131009


def test_conformance_quoted_reply_is_kept_and_an_unknown_quote_is_ignored(stage: Stage, made: dict[str, str]) -> None:
    asked = stage.post("say", number=made["phone_number_id"], user=BUDI, text="berapa?")["wamid"]
    answer = send(stage, made, text("tiga", to=BUDI, context={"message_id": asked})).json()["messages"][0]["id"]
    assert entry_of(stage, made, answer)["message"]["context"] == {"id": asked}
    lost = send(stage, made, text("empat", to=BUDI, context={"message_id": "wamid.gone"})).json()["messages"][0]["id"]
    assert "context" not in entry_of(stage, made, lost)["message"]


def test_conformance_reaction_is_only_sent_and_marks_the_message(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    asked = stage.post("say", number=made["phone_number_id"], user=BUDI, text="bagus")["wamid"]
    door.wait(1)
    body = {
        "messaging_product": "whatsapp",
        "to": BUDI,
        "type": "reaction",
        "reaction": {"message_id": asked, "emoji": "👍"},
    }
    assert send(stage, made, body).ok
    stage.pass_time(5)
    assert [row["status"] for row in door.statuses()] == ["sent"]
    assert entry_of(stage, made, asked)["reactions"] == {"business": "👍"}


def test_conformance_buttons_lists_and_templates_are_pressed(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    number = made["phone_number_id"]
    asked = send(stage, made, _buttons(_button("poli:gigi", "Poli Gigi"))).json()["messages"][0]["id"]
    stage.post("tap", number=number, user=BUDI, wamid=asked, id="poli:gigi")
    listed = send(stage, made, _list({"rows": [{"id": "t:1", "title": "09.00", "description": "sisa 3"}]})).json()
    stage.post("tap", number=number, user=BUDI, wamid=listed["messages"][0]["id"], id="t:1")
    stage.settle()
    pressed = [row for row in door.messages() if row["type"] == "interactive"]
    assert pressed[0]["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "poli:gigi", "title": "Poli Gigi"},
    }
    assert pressed[0]["context"]["id"] == asked
    row = {"id": "t:1", "title": "09.00", "description": "sisa 3"}
    assert pressed[1]["interactive"] == {"type": "list_reply", "list_reply": row}
    stage.control("POST", "tap", {"number": number, "user": BUDI, "wamid": asked, "id": "nothing"}, expect=400)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"read_receipts": False}, ["sent", "delivered"]),
        ({"read_after": None}, ["sent", "delivered"]),
        ({"offline": True}, ["sent"]),
        ({"blocked": True}, ["failed"]),
    ],
)
def test_conformance_people_differ_in_what_becomes_of_a_message(
    stage: Stage, door: Receiver, settings: dict[str, Any], expected: list[str]
) -> None:
    made = stage.number()
    user = stage.post("users", name="Wati", phone=f"62813{made['phone_number_id'][-8:]}", **settings)
    stage.post("say", number=made["phone_number_id"], user=user["id"], text="halo")
    door.wait(1)
    send(stage, made, text("ya", to=user["phone"]))
    stage.pass_time(10)
    assert [row["status"] for row in door.statuses()] == expected
    stage.control("PATCH", f"users/{user['id']}", {"offline": False})
    stage.pass_time(10)
    if settings.get("offline"):
        assert [row["status"] for row in door.statuses()] == ["sent", "delivered", "read"]


def test_conformance_ad_referral_makes_answers_free_for_72_hours(stage: Stage, door: Receiver) -> None:
    made = stage.number()
    referral = {"source_url": "https://fb.me/abc", "source_id": "1", "source_type": "ad", "headline": "Klinik"}
    stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo", referral=referral)
    send(stage, made, text("ya", to=BUDI))
    door.wait(2)
    assert door.messages()[0]["referral"] == referral
    sent = door.statuses()[0]
    assert sent["pricing"]["type"] == "free_entry_point"
    assert sent["conversation"]["origin"] == {"type": "referral_conversion"}


def test_conformance_restricted_account_368_and_banned_131031(
    stage: Stage, made: dict[str, str], door: Receiver
) -> None:
    stage.post("restrict", waba_id=made["waba_id"], kind="RESTRICTED_CUSTOMER_INITIATED_MESSAGING")
    refused = send(stage, made, text("x", to=BUDI))
    assert (refused.status_code, code_of(refused)) == (403, 368)
    stage.post("restrict", waba_id=made["waba_id"], kind="DISABLE")
    assert code_of(send(stage, made, text("x", to=BUDI))) == 131031
    stage.post("restrict", waba_id=made["waba_id"], kind="REINSTATE")
    assert send(stage, made, text("x", to=BUDI)).ok
    stage.settle()
    events = [change["value"]["event"] for change in door.changes("account_update")]
    assert events == ["ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "DISABLED_UPDATE"]
