"""The control API, the mailbox and the live stream."""

import json
import threading
from email.message import EmailMessage

import pytest

from tests.emulator.stage import Stage, text


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:8765", "null"])
def test_control_refuses_pages_of_other_origins(stage: Stage, origin: str) -> None:
    headers = {"Origin": origin}
    assert stage.http.post(f"{stage.url}/__ctl/reset", json={}, headers=headers, timeout=5).status_code == 403
    assert stage.http.get(f"{stage.url}/__ctl/state", headers=headers, timeout=5).status_code == 403
    assert stage.http.get(f"{stage.url}/__ctl/stream", headers=headers, timeout=5).status_code == 403
    assert stage.http.post(f"{stage.url}/mail", data=b"Subject: x\n\nx", headers=headers, timeout=5).status_code == 403
    own = {"Origin": stage.url}
    assert stage.http.get(f"{stage.url}/__ctl/state", headers=own, timeout=5).status_code == 200


@pytest.mark.parametrize("path", ["__ctl/state", "__ctl/stream", "mail"])
def test_control_refuses_a_foreign_name_pointed_at_this_machine(stage: Stage, path: str) -> None:
    headers = {"Host": f"rebound.example:{stage.port}"}
    answer = stage.http.get(f"{stage.url}/{path}", headers=headers, timeout=5)
    assert answer.status_code == 403


def test_control_takes_json_only(stage: Stage) -> None:
    answer = stage.http.post(f"{stage.url}/__ctl/faults", data={"no_read": "1"}, timeout=5)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("say", {"number": "1", "user": "u-budi", "text": "x"}, 404),
        ("say", {"number": "730000000000001", "user": "u-nobody", "text": "x"}, 404),
        ("say", {"number": "730000000000001", "user": "u-budi"}, 400),
        ("say", {"number": "730000000000001", "user": "u-budi", "message": {"type": "text"}}, 400),
        ("tap", {"number": "730000000000001", "user": "u-budi", "wamid": "wamid.x", "id": "a"}, 400),
        ("clock", {"advance": -5}, 400),
        ("users", {"name": "Kembar", "phone": "6281290001111"}, 409),
        ("restrict", {"waba_id": "1"}, 404),
        ("templates/bless", {"id": "1"}, 404),
    ],
)
def test_control_says_what_is_wrong(stage: Stage, path: str, body: dict[str, object], status: int) -> None:
    assert stage.control("POST", path, body, expect=status)["error"]


def test_say_by_a_stranger_makes_a_person(stage: Stage) -> None:
    made = stage.number()
    stage.post("say", number=made["phone_number_id"], user="+62 819 0000 7788", text="halo")
    stage.post("say", number=made["phone_number_id"], user="ID.4455667788990011", text="halo")
    users = stage.control("GET", "state")["users"]
    by_phone = next(row for row in users if row["wa_id"] == "6281900007788")
    by_bsuid = next(row for row in users if row["bsuids"].get(made["portfolio_id"]) == "ID.4455667788990011")
    assert by_phone["phone_visible"] is True
    assert by_bsuid["wa_id"] is None
    chats = stage.control("GET", f"chats?number={made['phone_number_id']}")["chats"]
    assert {row["user"] for row in chats} == {by_phone["id"], by_bsuid["id"]}


def test_requests_are_remembered_without_secrets(stage: Stage) -> None:
    made = stage.number()
    stage.graph("POST", f"{made['phone_number_id']}/messages", made["access_token"], text("x", to="6281290001111"))
    row = stage.control("GET", f"requests?path={made['phone_number_id']}/messages")["requests"][-1]
    assert row["method"] == "POST"
    assert row["body"]["text"] == {"body": "x"}
    assert row["status"] == 200
    assert made["access_token"] not in json.dumps(stage.control("GET", "requests"))


def test_reset_brings_the_demo_world_back_and_repeats_no_id(own_stage: Stage) -> None:
    first = own_stage.number()
    own_stage.post("reset")
    state = own_stage.control("GET", "state")
    assert [row["id"] for row in state["numbers"]] == [f"73000000000000{place}" for place in range(1, 5)]
    assert [row["name"] for row in state["users"]] == ["Budi", "Sari", "Dewi"]
    assert own_stage.number()["phone_number_id"] != first["phone_number_id"]
    own_stage.post("reset", seed=False)
    assert own_stage.control("GET", "state")["numbers"] == []


def test_mail_is_kept_shown_and_its_html_cannot_run(stage: Stage) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Pasarbot <toko@pasarbot.test>", "Pemilik <Owner@demo.test>"
    mail["Subject"] = "Konfirmasi surel Anda – penting"
    mail.set_content("Halo, buka https://toko.test/confirm?token=abc&x=1.\nTerima kasih.")
    mail.add_alternative("<p>Halo</p><script>alert(1)</script>", subtype="html")
    sent = stage.http.post(f"{stage.url}/mail", data=mail.as_bytes(), timeout=5)
    assert sent.status_code == 201
    row = stage.control("GET", "mails?to=owner@demo.test")["mails"][0]
    assert row["subject"] == "Konfirmasi surel Anda – penting"
    assert row["links"] == ["https://toko.test/confirm?token=abc&x=1."[:-1]]
    listed = stage.http.get(f"{stage.url}/mail", timeout=5)
    assert "Konfirmasi surel Anda" in listed.text
    page = stage.http.get(f"{stage.url}/mail/{row['id']}", timeout=5)
    assert '<a href="https://toko.test/confirm?token=abc&amp;x=1"' in page.text
    assert "alert(1)" not in page.text
    html = stage.http.get(f"{stage.url}/mail/{row['id']}/html", timeout=5)
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert "allow-scripts" not in html.headers["Content-Security-Policy"]
    assert stage.http.get(f"{stage.url}/mail/nothing", timeout=5).status_code == 404
    assert stage.http.post(f"{stage.url}/mail", data=b"", timeout=5).status_code == 400


def test_pages_and_probes_answer(stage: Stage) -> None:
    for path in ("/", "/mail", "/healthz", "/readyz"):
        answer = stage.http.get(f"{stage.url}{path}", timeout=5)
        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_stream_tells_messages_statuses_typing_and_what_was_missed(stage: Stage) -> None:
    made = stage.number()
    seen: list[tuple[int, dict[str, object]]] = []
    ready = threading.Event()

    def listen(last: int | None, until: str) -> None:
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        with stage.http.get(f"{stage.url}/__ctl/stream", headers=headers, stream=True, timeout=10) as answer:
            ready.set()
            number = 0
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("data: "):
                    seen.append((number, json.loads(line[6:])))
                    if seen[-1][1].get("status") == until:
                        return

    thread = threading.Thread(target=listen, args=(None, "read"))
    thread.start()
    assert ready.wait(5)
    wamid = stage.post("say", number=made["phone_number_id"], user="u-dewi", text="halo")["wamid"]
    path = f"{made['phone_number_id']}/messages"
    reading = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": wamid,
        "typing_indicator": {"type": "text"},
    }
    stage.graph("POST", path, made["access_token"], reading)
    stage.graph("POST", path, made["access_token"], text("ya", to="6281290004444"))
    thread.join(10)
    mine = [event for _, event in seen if event.get("number") == made["phone_number_id"]]
    kinds = [event["type"] for event in mine]
    assert kinds[:4] == ["message", "change", "typing", "typing"]
    assert kinds[4:] == ["message", "status", "status", "status"]
    assert mine[4]["entry"]["message"]["text"] == {"body": "ya"}
    again = [numbered for numbered in seen if numbered[0] > seen[1][0]]
    last = seen[1][0]
    seen.clear()
    listen(last, "read")
    assert seen[: len(again)] == again
