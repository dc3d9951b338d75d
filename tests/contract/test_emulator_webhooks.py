"""The emulator against independent judges: Meta's published schemas, pywa, and the signature vector."""

import importlib.util
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pywa.handlers
from pywa import WhatsApp

from tests.emulator.stage import APP_SECRET, Receiver, Stage, text

BUDI = "6281290001111"
ORACLE = os.environ.get("PASARBOT_ORACLE", "")
needs_oracle = pytest.mark.skipif(
    not (Path(ORACLE) / "check.py").is_file(), reason="PASARBOT_ORACLE names no folder with the platform schemas"
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    receiver = Receiver()
    running = Stage(tmp_path_factory.mktemp("emulator"), receiver)
    yield running
    running.stop()
    receiver.stop()


@pytest.fixture(scope="module")
def violations() -> Callable[[str, Any], list[str]]:
    """What the oracle has against a document."""
    spec = importlib.util.spec_from_file_location("oracle_check", Path(ORACLE) / "check.py")
    assert spec is not None
    assert spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    judges = {name: check.validator(name) for name in ("WebhookPayload", "Message")}

    def judge(name: str, document: Any) -> list[str]:
        return [" ".join(check.deepest(error)) for error in judges[name].iter_errors(document)]

    return judge


def everything(stage: Stage) -> list[dict[str, Any]]:
    """Bodies of all kinds of ``messages`` webhooks the emulator emits."""
    stage.receiver.clear()
    made = stage.number()
    number, token = made["phone_number_id"], made["access_token"]
    path = f"{number}/messages"
    for user in (BUDI, "u-sari"):
        stage.post("say", number=number, user=user, text="halo / ✨")
    card = {"name": {"formatted_name": "Admin"}, "phones": [{"phone": "+6281110002009"}]}
    order = {"catalog_id": "1", "text": "", "product_items": [
        {"product_retailer_id": "SKU", "quantity": 2, "item_price": 45000, "currency": "IDR"}]}  # fmt: skip
    for kind, inner in (
        ("location", {"latitude": -6.9, "longitude": 107.6, "name": "Klinik"}),
        ("contacts", [card]),
        ("order", order),
    ):
        stage.post("say", number=number, user=BUDI, message={"type": kind, kind: inner})
    unknown = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}
    unsupported = {"type": "unsupported", "unsupported": {"type": "poll_creation"}, "errors": [unknown]}
    stage.post("say", number=number, user=BUDI, message=unsupported)
    for kind, mime in (
        ("image", "image/png"),
        ("audio", "audio/ogg"),
        ("document", "application/pdf"),
        ("sticker", "image/webp"),
    ):
        stage.post("media", number=number, user=BUDI, kind=kind, mime_type=mime, data="aGFsbw==", filename="a.b")
    reply = {"type": "button", "body": {"text": "?"}, "action": {
        "buttons": [{"type": "reply", "reply": {"id": "a", "title": "A"}}]}}  # fmt: skip
    rows = {"type": "list", "body": {"text": "?"}, "action": {
        "button": "Lihat", "sections": [{"rows": [{"id": "r", "title": "R"}]}]}}  # fmt: skip
    for pressed, inner in (("a", reply), ("r", rows)):
        body = {"messaging_product": "whatsapp", "to": BUDI, "type": "interactive", "interactive": inner}
        wamid = stage.graph("POST", path, token, body).json()["messages"][0]["id"]
        stage.post("tap", number=number, user=BUDI, wamid=wamid, id=pressed)
        stage.post("react", number=number, user=BUDI, wamid=wamid, emoji="👍")
        stage.post("react", number=number, user=BUDI, wamid=wamid, emoji="")
    stage.post("faults", failed_contacts=True, late_failed={"value": 131026, "times": 1})
    stage.graph("POST", path, token, text("gagal", to=BUDI, biz_opaque_callback_data="send:1"))
    stage.pass_time(10)
    user = stage.post("users", name="Yuni", phone=f"62817{number[-8:]}")
    stage.post("say", number=number, user=user["id"], text="halo")
    stage.control("PATCH", f"users/{user['id']}", {"phone": f"62818{number[-8:]}"})
    stage.settle()
    stage.control("DELETE", "faults")
    return stage.receiver.bodies()


@needs_oracle
def test_conformance_every_emitted_webhook_passes_metas_schema(
    stage: Stage, violations: Callable[[str, Any], list[str]]
) -> None:
    bodies = everything(stage)
    kinds = {row["type"] for row in stage.receiver.messages()}
    assert kinds == {
        "text", "location", "contacts", "order", "unsupported", "image", "audio", "document", "sticker", "interactive",
        "reaction", "system",
    }  # fmt: skip
    assert {row["status"] for row in stage.receiver.statuses()} == {"sent", "delivered", "read", "failed"}
    wrong = {json.dumps(body): found for body in bodies if (found := violations("WebhookPayload", body))}
    assert wrong == {}


@needs_oracle
def test_conformance_the_oracle_is_not_blind_to_a_broken_webhook(
    stage: Stage, violations: Callable[[str, Any], list[str]]
) -> None:
    body = next(body for body in everything(stage) if "messages" in body["entry"][0]["changes"][0]["value"])
    del body["entry"][0]["changes"][0]["value"]["metadata"]
    assert violations("WebhookPayload", body)


@needs_oracle
def test_conformance_metas_own_send_examples_are_accepted(stage: Stage) -> None:
    spec = json.loads((Path(ORACLE) / "whatsapp-v23.json").read_text())
    operation = spec["paths"]["/{Version}/{Phone-Number-ID}/messages"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    made = stage.number(mps=1000)
    number, path = made["phone_number_id"], f"{made['phone_number_id']}/messages"
    refused = {}
    for place, (name, example) in enumerate(examples.items()):
        body, user = json.loads(json.dumps(example["value"])), f"62819{place:08d}"
        if not is_whole(body):
            continue
        inbound = stage.post("say", number=number, user=user, text="halo")["wamid"]
        if "to" in body:
            body["to"] = user
        for holder in (body, body.get("reaction", {})):
            if "message_id" in holder:
                holder["message_id"] = inbound
        medium = body.get(body.get("type", "text"), {})
        if "id" in medium:
            files = {"file": ("a", b"x", "image/png")}
            form = {"messaging_product": "whatsapp", "type": "image/png"}
            headers = {"Authorization": f"Bearer {made['access_token']}"}
            address = f"{stage.url}/v25.0/{number}/media"
            medium["id"] = stage.http.post(address, data=form, files=files, headers=headers, timeout=5).json()["id"]
        answer = stage.graph("POST", path, made["access_token"], body)
        if not answer.ok:
            refused[name] = answer.json()["error"]
    assert refused == {}


def is_whole(body: dict[str, Any]) -> bool:
    """Meta's example names nothing that only its own account has, and has no words in angle brackets for values."""
    dumped = json.dumps(body)
    return not ("<" in dumped or "{{" in dumped or body.get("type") == "template")


class Heard:
    """What pywa made of the webhooks."""

    def __init__(self) -> None:
        handlers = pywa.handlers
        self.updates: list[Any] = []
        self.client = WhatsApp(phone_id="1", token="x", server=None, app_secret=APP_SECRET, filter_updates=False)
        for kind in (
            handlers.MessageHandler, handlers.MessageStatusHandler, handlers.CallbackButtonHandler,
            handlers.CallbackSelectionHandler, handlers.PhoneNumberChangeHandler, handlers.TemplateStatusUpdateHandler,
            handlers.UserMarketingPreferencesHandler,
        ):  # fmt: skip
            self.client.add_handlers(kind(self.keep))

    def keep(self, _client: WhatsApp, update: Any) -> None:
        self.updates.append(update)

    def hear(self, headers: dict[str, str], body: bytes) -> None:
        assert self.client.webhook_update_validator(body, headers["X-Hub-Signature-256"]) is None
        assert self.client.webhook_update_handler(body) == ("ok", 200)


def test_conformance_pywa_verifies_and_parses_what_the_emulator_emits(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    everything(stage)
    heard = Heard()
    for headers, body in stage.receiver.posts:
        heard.hear(headers, body)
    assert [row for row in caplog.records if row.levelno >= logging.ERROR] == []
    wamids = {row["id"] for row in [*stage.receiver.messages(), *stage.receiver.statuses()]}
    assert {update.id for update in heard.updates} == wamids
    kinds = {type(update).__name__ for update in heard.updates}
    assert kinds >= {"Message", "MessageStatus", "CallbackButton", "CallbackSelection"}


def test_conformance_pywa_parses_account_and_template_updates(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.receiver.clear()
    made = stage.number()
    template = {
        "name": "halo",
        "category": "MARKETING",
        "language": "id",
        "components": [{"type": "BODY", "text": "Halo"}],
    }
    path = f"{made['waba_id']}/message_templates"
    assert stage.graph("POST", path, made["access_token"], template).ok
    for verb in ("approve", "reject", "pause", "disable"):
        stage.post(f"templates/{verb}", waba_id=made["waba_id"], name="halo")
    stage.post("preference", number=made["phone_number_id"], user=BUDI, value="stop")
    stage.post("preference", number=made["phone_number_id"], user=BUDI, value="resume")
    stage.post("signup", phone_number_id=made["phone_number_id"])
    stage.post("quality", number=made["phone_number_id"], quality="RED")
    stage.post("revoke_grant", waba_id=made["waba_id"])
    stage.settle()
    heard = Heard()
    for headers, body in stage.receiver.posts:
        heard.hear(headers, body)
    assert [row for row in caplog.records if row.levelno >= logging.ERROR] == []
    kinds = [type(update).__name__ for update in heard.updates]
    assert kinds.count("TemplateStatusUpdate") == 4
    assert kinds.count("UserMarketingPreferences") == 2


def test_conformance_signature_vector_is_reproduced(stage: Stage) -> None:
    stage.receiver.clear()
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "6281110002001", "phone_number_id": "730000000000001"},
        "contacts": [{"profile": {"name": "Budi ✨"}, "wa_id": BUDI, "user_id": "ID.5810023344556677"}],
        "messages": [
            {"from": BUDI, "from_user_id": "ID.5810023344556677", "id": "wamid.VEVTVDAwMDE=", "timestamp": "1795312800",
             "type": "text", "text": {"body": "https://toko.example/ café"}}
        ],
    }  # fmt: skip
    stage.post("webhook", entry_id="720000000000001", field="messages", value=value)
    stage.receiver.wait(1)
    headers, body = stage.receiver.posts[0]
    assert len(body) == 532
    digest = "b780ca917336da72546fda26b75448d2aaf77ac8fcea8343d36842d36c884cbb"
    assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    if (Path(ORACLE) / "signature-vector.json").is_file():
        assert body == (Path(ORACLE) / "signature-vector.json").read_bytes()
