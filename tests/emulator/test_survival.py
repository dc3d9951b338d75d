"""Everything is still there after kill -9."""

from tests.emulator.stage import Stage, text

BUDI = "6281290001111"


def test_state_chats_tokens_mails_and_clock_survive_kill_9(own_stage: Stage) -> None:
    made = own_stage.number()
    own_stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo")
    path = f"{made['phone_number_id']}/messages"
    own_stage.graph("POST", path, made["access_token"], text("ya", to=BUDI))
    own_stage.http.post(f"{own_stage.url}/mail", data=b"Subject: satu\nTo: a@b.test\n\nisi", timeout=5)
    own_stage.pass_time(3600)
    before = own_stage.control("GET", f"chat?number={made['phone_number_id']}&user={BUDI}")
    state = own_stage.control("GET", "state")
    own_stage.kill()
    own_stage.start()
    after = own_stage.control("GET", f"chat?number={made['phone_number_id']}&user={BUDI}")
    assert after["messages"] == before["messages"]
    assert own_stage.control("GET", "clock")["offset"] == 3600
    assert own_stage.control("GET", "mails")["mails"][0]["subject"] == "satu"
    again = own_stage.control("GET", "state")
    assert {**again, "now": 0} == {**state, "now": 0}
    assert own_stage.graph("POST", path, made["access_token"], text("masih", to=BUDI)).ok


def test_statuses_and_unacknowledged_webhooks_go_on_after_kill_9(own_stage: Stage) -> None:
    made = own_stage.number()
    own_stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo")
    own_stage.settle()
    own_stage.receiver.status = 500
    own_stage.post("say", number=made["phone_number_id"], user=BUDI, text="ada?")
    own_stage.graph("POST", f"{made['phone_number_id']}/messages", made["access_token"], text("ya", to=BUDI))
    own_stage.kill()
    own_stage.receiver.clear()
    own_stage.start()
    own_stage.pass_time(61)
    own_stage.pass_time(301)
    bodies = [row["text"]["body"] for row in own_stage.receiver.messages()]
    assert "ada?" in bodies
    assert {row["status"] for row in own_stage.receiver.statuses()} == {"sent", "delivered", "read"}
    assert own_stage.control("GET", "deliveries")["pending"] == 0


def test_webhook_under_way_at_kill_9_is_sent_again(own_stage: Stage) -> None:
    made = own_stage.number()
    for seen in (0, 1):  # its first attempt, then a retry
        own_stage.receiver.clear()
        own_stage.receiver.status = 500
        own_stage.post("say", number=made["phone_number_id"], user=BUDI, text="halo")
        own_stage.receiver.wait(seen)
        own_stage.receiver.may_answer.clear()
        own_stage.receiver.wait(seen + 1)
        own_stage.kill()
        own_stage.receiver.clear()
        own_stage.receiver.may_answer.set()
        own_stage.start()
        own_stage.receiver.wait(1)
        own_stage.settle()
        assert own_stage.control("GET", "deliveries")["pending"] == 0
