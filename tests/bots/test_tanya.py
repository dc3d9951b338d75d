"""TANYA's acceptance scenarios (bots.md 7.2) and the rules beside them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from botruntime import bots
from botruntime.sdk import texts
from botruntime.sdk.simulator import Simulator, User
from botruntime.sdk.simulator.user import choices

NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday 22.00 WIB."""


def world(settings: dict[str, Any] | None = None, **options: Any) -> Simulator:
    """A fresh installation of TANYA."""
    return bots.load("tanya").sim(settings, **options)


def greeted(sim: Simulator, name: str = "Andi", **options: Any) -> User:
    """A contact who has been welcomed."""
    user = sim.user(name, **options)
    user.says("halo")
    return user


def test_scenario_7_2_1_a_typo_finds_the_opening_hours() -> None:
    user = greeted(world())
    user.says("jam bkuka")
    assert user.sees("Senin sampai Sabtu pukul 08.00-17.00")


def test_scenario_7_2_2_two_misses_in_a_row_reach_the_staff() -> None:
    sim = world()
    user = greeted(sim)
    user.says("jual kucing?")
    assert user.last.key == "nomatch"
    user.says("kalau kelinci?")
    assert user.last.key == "queue"
    assert user.chat.mode == "queued"
    assert sim.handovers[0][1].note == "kalau kelinci?"
    assert [notice.kind for notice in sim.notices] == ["handover_wished"]


def test_scenario_7_2_3_an_answer_from_the_phone_silences_the_bot_for_an_hour() -> None:
    sim = world()
    user = greeted(sim)
    sim.person_answers(user, "Saya bantu ya")
    sim.advance("59m")
    user.says("jam buka?")
    assert not user.news
    sim.advance("1m")
    user.says("jam buka?")
    assert user.sees("08.00-17.00")


def test_scenario_7_2_5_a_wish_from_the_night_is_first_in_the_morning() -> None:
    sim = world(start=NIGHT)
    early, late = greeted(sim, "Andi"), sim.user("Sari")
    early.says("ADMIN")
    assert early.sees("Staf kami bertugas Sen-Sab 08.00-17.00 WIB.")
    early.says("mau pesan 50 kotak")
    assert [notice.kind for notice in sim.notices] == ["handover_wished", "message_left"]
    sim.advance("11h")
    late.says("admin")
    assert late.sees("Posisi 2")
    waiting = sim.tables.find("percakapan", where={"state": "menunggu"})
    assert [record.contact for record in waiting] == [early.code, late.code]
    assert waiting[0].data["pesan"] == "mau pesan 50 kotak"


def test_scenario_7_2_6_a_lead_from_an_ad_carries_the_ads_id() -> None:
    sim = world()
    user = sim.user()
    user.says("halo", referral={"source": "ad", "id": "120200000000001", "headline": "Nasi kotak"})
    user.taps("Minta penawaran")
    sim.restart()
    for answer in ("Budi", "50 kotak", "besok"):
        user.says(answer)
    (lead,) = sim.tables.find("prospek")
    assert (lead.data["iklan"], lead.data["sumber"], lead.contact) == ("120200000000001", "ad", user.code)


def test_scenario_7_2_7_an_unanswered_question_is_collected_and_answered_after_the_owner_adds_it() -> None:
    sim = world()
    user = greeted(sim)
    user.says("ada layanan katering pernikahan?")
    (missed,) = sim.tables.find("tak_terjawab")
    assert missed.data == {"pertanyaan": "ada layanan katering pernikahan?", "bahasa": "id"}
    row = {"topik": "Katering", "kata_kunci": "katering, pernikahan", "jawaban_id": "Ada, mulai 100 porsi."}
    sim.change_settings(faq=[*sim.installation.settings["faq"], row])
    user.says("ada layanan katering pernikahan?")
    assert user.last.body == "Ada, mulai 100 porsi."


def test_scenario_7_2_8_stop_ends_what_would_follow() -> None:
    sim = world()
    user = greeted(sim)
    user.says("ADMIN")
    user.says("STOP")
    count = len(user.received)
    sim.advance("30h")
    assert len(user.received) == count


def test_answers_are_the_owners_words_to_the_letter() -> None:
    words = "Buka  {usaha} *tebal*\n\n- baris {i}\n👍 https://contoh.com"
    sim = world({"faq": [{"topik": "Jam", "jawaban_id": words}]})
    user = greeted(sim)
    user.says("jam")
    assert user.last.body == words


def test_an_answer_of_a_thousand_characters_arrives_whole() -> None:
    sim = world({"faq": [{"topik": "Jam", "jawaban_id": "x" * 1000}]})
    user = greeted(sim)
    user.says("jam")
    assert user.last.body == "x" * 1000


def test_a_link_and_an_attachment_go_with_the_answer() -> None:
    row = {"topik": "Menu", "kata_kunci": "daftar menu", "jawaban_id": "Ini.", "tautan": "https://contoh.com/menu"}
    for file, kind in (("https://contoh.com/menu.pdf?v=2", "document"), ("https://contoh.com/menu.JPG", "image")):
        sim = world({"faq": [{**row, "lampiran": file}]})
        user = greeted(sim)
        user.says("daftar menu")
        assert [reply.kind for reply in user.news] == ["buttons", kind]
        assert user.sees("Ini.\nhttps://contoh.com/menu", file)


def test_near_matches_are_offered_as_a_list() -> None:
    faq = [{"topik": "Harga kue", "jawaban_id": "A"}, {"topik": "Harga roti", "jawaban_id": "B"}]
    user = greeted(world({"faq": faq}))
    user.says("harga berapa")
    assert user.last.key == "several"
    assert [title for _, title, _ in choices(user.last)] == ["Harga kue", "Harga roti", "Bukan semuanya"]
    user.taps("Harga roti")
    assert user.last.body == "B"


def test_none_of_these_reaches_a_person_with_the_question() -> None:
    faq = [{"topik": "Harga kue", "jawaban_id": "A"}, {"topik": "Harga roti", "jawaban_id": "B"}]
    sim = world({"faq": faq})
    user = greeted(sim)
    user.says("harga")
    user.taps("Bukan semuanya")
    assert sim.handovers


def test_sixty_topics_are_paged_and_every_one_can_be_chosen() -> None:
    faq = [{"topik": f"Topik {number}", "jawaban_id": f"Jawaban {number}."} for number in range(60)]
    user = greeted(world({"faq": faq}))
    user.taps("Tanya jawab")
    seen = []
    while True:
        rows = choices(user.last)
        assert len(rows) <= 10
        seen += [title for _, title, _ in rows if title != "Lainnya..."]
        if rows[-1][1] != "Lainnya...":
            break
        user.presses(*rows[-1])
    assert seen == [row["topik"] for row in faq]
    user.taps("Topik 59")
    assert user.last.body == "Jawaban 59."


def test_an_old_list_still_finds_its_topic_after_rows_moved() -> None:
    sim = world()
    user = greeted(sim)
    user.taps("Tanya jawab")
    faq = sim.installation.settings["faq"]
    sim.change_settings(faq=faq[::-1])
    user.taps("Alamat")
    assert user.sees("profil WhatsApp")
    sim.change_settings(faq=[row for row in faq if row["topik"] != "Alamat"])
    user.presses(*next(choice for choice in choices(user.received[1]) if choice[1] == "Alamat"))
    assert [reply.key for reply in user.news] == ["stale", "topics"]


@pytest.mark.parametrize("page", ["²", "x", "9" * 400, "-1"])
def test_f20_a_page_that_is_no_number_shows_the_first(page: str) -> None:
    user = greeted(world())
    user.presses(f"f:more:{page}", "Lagi")
    assert user.last.key == "topics"


def test_without_topics_the_list_leads_to_a_person() -> None:
    user = greeted(world({"faq": []}))
    user.taps("Tanya jawab")
    assert user.last.key == "queue"


@pytest.mark.parametrize(("when", "start", "answered"), [
    ("jam_staf", None, True), ("jam_staf", NIGHT, False), ("luar_jam", None, False), ("luar_jam", NIGHT, True),
])  # fmt: skip
def test_a_topic_can_be_answered_at_some_hours_only(when: str, start: datetime | None, answered: bool) -> None:
    faq = [{"topik": "Antar cepat", "jawaban_id": "Bisa.", "aktif": when}]
    user = greeted(world({"faq": faq}, **({"start": start} if start else {})))
    user.says("antar cepat")
    assert (user.last.body == "Bisa.") is answered


def test_misses_must_be_in_a_row() -> None:
    user = greeted(world())
    for text, key in (
        ("kucing", "nomatch"),
        ("jam buka", "answer"),
        ("kelinci", "nomatch"),
        ("menu", "welcome"),
        ("ikan", "nomatch"),
    ):
        user.says(text)
        assert user.last.key == key


def test_a_first_question_without_answer_is_welcomed_and_kept() -> None:
    sim = world()
    user = sim.user()
    user.says("jual kucing?")
    assert [reply.key for reply in user.news] == ["welcome"]
    assert sim.tables.count("tak_terjawab") == 1


def test_waiting_customers_see_their_place() -> None:
    sim = world({"sla_menit": 7})
    users = [greeted(sim, name) for name in ("Andi", "Sari", "Budi")]
    for place, user in enumerate(users, start=1):
        user.says("ADMIN")
        assert user.sees(f"Posisi {place}, perkiraan {7 * place} menit")
    users[0].says("MENU")
    users[2].says("ADMIN")
    assert users[2].sees("Posisi 2")


def test_a_wait_over_the_promise_alerts_the_owner_and_asks_the_customer() -> None:
    sim = world({"sla_menit": 5})
    user = greeted(sim)
    user.says("ADMIN")
    sim.advance("5m")
    assert user.last.key == "sla_wait"
    assert [notice.kind for notice in sim.notices] == ["handover_wished", "handover_waiting"]
    user.taps("Tunggu")
    sim.advance("5m")
    assert user.last.key == "sla_wait"


def test_a_person_who_came_is_not_followed_by_an_alert() -> None:
    sim = world({"sla_menit": 5})
    user = greeted(sim)
    user.says("ADMIN")
    sim.person_answers(user, "Halo kak")
    count = len(user.received)
    sim.advance("10m")
    assert len(user.received) == count
    assert len(sim.notices) == 1


def test_a_wish_nobody_answers_is_closed_after_the_set_hours() -> None:
    sim = world({"tutup_otomatis_jam": 3})
    user = greeted(sim)
    user.says("ADMIN")
    sim.advance("3h")
    assert user.chat.mode == "bot"
    assert [record.data["state"] for record in sim.tables.find("percakapan")] == ["kedaluwarsa"]
    user.says("jam buka")
    assert user.sees("08.00-17.00")


def test_offhours_is_said_once_in_eight_hours() -> None:
    sim = world(start=NIGHT)
    user = greeted(sim)
    said = []
    for _ in range(4):
        user.says("ADMIN")
        said.append(user.last.key)
        sim.advance("3h")
    assert said == ["offhours", "lead_need", "lead_need", "offhours"]


def test_a_team_with_its_own_hours_takes_the_night() -> None:
    night = {"nama": "Jaga malam", "jam": "setiap hari 20.00-24.00"}
    sim = world({"tim": [{"nama": "Siang"}, night]}, start=NIGHT)
    user = greeted(sim)
    user.says("ADMIN")
    assert user.last.key == "queue"
    assert sim.handovers[0][1].team == "Jaga malam"


def test_a_business_that_never_opens_promises_no_time() -> None:
    sim = world({"jam_staf": {}})
    user = greeted(sim)
    user.says("ADMIN")
    assert user.sees("Staf kami bertugas tutup WIB.")
    user.says("tolong hubungi")
    assert user.sees("sesuai perjanjian")


def test_the_lead_form_follows_the_settings_and_checks_answers() -> None:
    form = [
        {"jenis": "teks", "pertanyaan": "Untuk acara apa?"},
        {"jenis": "telepon", "pertanyaan": "Nomor Anda?"},
        {"jenis": "email"},
    ]
    sim = world({"form_prospek": form, "tujuan_prospek": ["konsol"]})
    user = greeted(sim)
    user.taps("Minta penawaran")
    assert user.last.body == "Untuk acara apa?"
    user.says("Arisan")
    user.says("nol delapan")
    assert user.last.key == "invalid_phone"
    user.says("0812 3456 7890")
    user.says("budi@example.com")
    (lead,) = sim.tables.find("prospek")
    assert lead.data["fields"] == {
        "Untuk acara apa?": "Arisan",
        "Nomor Anda?": "+6281234567890",
        "email": "budi@example.com",
    }
    assert user.last.body == "Terima kasih Andi. Toko Melati akan menghubungi Anda secepatnya."
    assert not sim.notices


def test_a_lead_is_mailed_to_the_owner_with_its_answers() -> None:
    sim = world()
    user = greeted(sim, phone_visible=False, username="andi.k")
    user.taps("Minta penawaran")
    for answer in ("Budi", "50 kotak", "Bulan ini"):
        user.says(answer)
    (notice,) = sim.notices
    assert notice.kind == "lead_received"
    assert notice.params["fields"] == {"Nama": "Budi", "Kebutuhan": "50 kotak", "Waktu": "Bulan ini"}
    assert (notice.params["username"], notice.params["phone"]) == ("andi.k", None)


def test_the_form_cannot_ask_for_identity_numbers() -> None:
    _, problems = bots.load("tanya").manifest.validate_settings(
        {"form_prospek": [{"jenis": "teks", "pertanyaan": "Nomor KTP?"}]}
    )
    assert problems["form_prospek.0.pertanyaan"].code == "identity_number"


def test_helpful_answers_are_counted() -> None:
    sim = world()
    for name in ("Andi", "Sari"):
        user = greeted(sim, name)
        user.says("jam buka")
        user.taps("Terjawab")
        assert not user.news
    (helped,) = sim.tables.find("terjawab")
    assert (helped.data["kali"], helped.contact) == (2, None)


def test_erasing_takes_leads_questions_and_wishes_along() -> None:
    sim = world()
    user = greeted(sim)
    for text in ("jual kucing", "penawaran", "Budi", "kucing", "besok", "ADMIN", "DATA"):
        user.says(text)
    assert "3 transaksi" in user.last.body
    user.taps("Hapus data saya")
    user.taps("Ya, hapus")
    assert not [record for record in sim.tables.records.values() if record.contact == user.code]
    assert user.last.body.endswith("wajib kami simpan: tidak ada.")


@pytest.mark.parametrize(
    ("language", "key", "body"),
    [
        ("id", "welcome", "Halo, ini {usaha}. Saya asisten otomatis."),
        ("en", "topics", "Choose a topic or type your question"),
        ("id", "several", "Maksud Anda yang mana?"),
        ("id", "nomatch", "Maaf, saya belum punya jawabannya. Sambungkan ke staf?"),
        ("en", "lead_need", "What do you need?"),
        ("id", "lead_ok", "Terima kasih {nama}. {usaha} akan menghubungi Anda {kapan}."),
        (
            "en",
            "queue",
            "OK, connecting you. Position {n}, about {menit} minutes. Type MENU to return to the assistant.",
        ),
        ("id", "offhours", "Staf kami bertugas {jam}. Tinggalkan pesan; kami balas saat buka."),
        ("id", "sla_wait", "Maaf menunggu. Staf masih melayani pelanggan lain. Tetap menunggu?"),
        ("id", "answer", "{jawaban}"),
    ],
)
def test_texts_are_word_for_word_those_of_the_script(language: str, key: str, body: str) -> None:
    assert texts.load(bots.load("tanya").folder / "texts").get(language, key).body == body
