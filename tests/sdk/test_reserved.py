"""Words all bots share, and what DATA means for a contact."""

from pathlib import Path

import pytest

from botruntime.sdk import Bot, Ctx, reserved
from botruntime.sdk.contract import Lifecycle, Turn
from botruntime.sdk.engine import run
from tests.sdk.making import bot as make


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    """A bot that keeps orders and notes."""
    made = make(tmp_path)

    @made.fallback
    def keep(ctx: Ctx) -> None:
        ctx.table("pesanan").insert(barang=ctx.msg.text, alamat="Jl. Melati 5")
        ctx.table("catatan").insert(isi="suka pedas")
        ctx.state["x"] = 1
        ctx.say("halo", nama="tercatat")

    return made


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("BANTUAN", "help_reserved"), ("help!", "help_reserved"), (" Stop. ", "stop_ok"), ("mulai", "start_ok"),
        ("Berhenti", "stop_ok"),
        ("Bahasa", "lang"), ("DATA", "data_menu"), ("admin", "human_ok"), ("CS", "human_ok"), ("manusia?", "human_ok"),
        ("menu", "help_reserved"), ("batal", "help_reserved"),
    ],
)  # fmt: skip
def test_reserved_words_are_answered_before_the_bot(bot: Bot, typed: str, key: str) -> None:
    user = bot.sim().user()
    user.says(typed)
    assert [reply.key for reply in user.news] == [key]


def test_a_reserved_word_inside_a_sentence_is_the_bots(bot: Bot) -> None:
    user = bot.sim().user()
    user.says("saya mau bicara dengan admin")
    assert user.last.body == "Halo tercatat"


def test_admin_calls_a_person_and_silences_the_bot_until_menu(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    user.says("ADMIN")
    assert user.chat.mode == "queued"
    assert [(notice.kind, notice.params["contact"]) for notice in sim.notices] == [("handover_wished", "Andi")]
    user.says("halo?")
    assert not user.news
    user.says("admin")
    assert len(sim.notices) == 1, "one mail per waiting"
    user.says("menu")
    assert user.chat.mode == "bot"


def test_a_bots_own_answer_to_admin_is_used(bot: Bot) -> None:
    bot.human(lambda ctx: (ctx.handover("dapur", "lapar"), ctx.say("halo", nama="sebentar")))
    sim = bot.sim()
    user = sim.user()
    user.says("cs")
    assert user.last.body == "Halo sebentar"
    assert sim.handovers[0][1].team == "dapur"


def test_return_and_stop_tell_the_bot(bot: Bot) -> None:
    heard: list[str] = []
    bot.on_return(lambda ctx: heard.append("return"))
    bot.on_stop(lambda ctx: heard.append("stop"))
    user = bot.sim().user()
    for word in ("menu", "admin", "menu", "stop"):
        user.says(word)
    assert heard == ["return", "stop"]


def test_the_chosen_language_holds(bot: Bot) -> None:
    user = bot.sim().user()
    user.says("bahasa")
    user.taps("English")
    user.says("help")
    assert user.last.body.startswith("Type:")
    user.says("jam berapa kak")
    user.says("help")
    assert user.last.body.startswith("Type:")


def test_data_counts_copies_and_erases_what_is_held(bot: Bot) -> None:
    sim = bot.sim()
    user, other = sim.user("Andi"), sim.user("Sari")
    user.says("nasi kotak"), other.says("bunga")
    user.says("data")
    assert "2 transaksi" in user.last.body
    user.taps("Kirim salinan")
    assert user.sees("Andi", "+6281200000001", "nasi kotak", "Jl. Melati 5", "suka pedas")
    assert not user.sees("bunga")
    user.says("data")
    user.taps("Hapus data saya")
    assert sim.tables.count("pesanan", contact=user.code) == 1
    user.taps("Ya, hapus")
    assert user.last.body == "Data pribadi Anda dihapus. Catatan transaksi yang wajib kami simpan: Pesanan (1)."
    assert sim.erasures == [user.code]
    assert [record.data for record in sim.tables.find("pesanan", contact=user.code)] == [
        {"barang": "nasi kotak", "alamat": None}
    ]
    assert sim.tables.count("catatan", contact=user.code) == 0
    assert user.chat.state == {}
    assert sim.tables.count("pesanan", contact=other.code) == 1


def test_a_long_copy_stays_within_one_turns_messages(bot: Bot) -> None:
    sim = bot.sim()
    user = sim.user()
    for number in range(300):
        user.says(f"pesanan nomor {number} " + "x" * 200)
    user.says("data")
    user.taps("data:export")
    assert 2 < len(user.news) <= 10


def test_the_owner_can_erase_a_contact_without_a_word(bot: Bot) -> None:
    heard: list[str] = []
    bot.on_erase(lambda ctx: heard.append(ctx.contact.code))
    sim = bot.sim()
    user = sim.user()
    user.says("nasi kotak")
    turn = Turn(sim.installation, Lifecycle(id="e", kind="erase"), sim.now, user.chat.contact, user.chat.state)
    outcome = run(bot, turn, sim.tables)
    assert (outcome.replies, outcome.state, heard) == ((), {}, [user.code])
    assert sim.tables.count("catatan") == 0


def test_the_runtime_can_say_shared_messages_without_a_turn() -> None:
    assert reserved.common("id", "paused", usaha="Toko").body.endswith("diteruskan ke Toko.")
    assert reserved.common("en", "failed", usaha="Toko").body.startswith("Sorry")
