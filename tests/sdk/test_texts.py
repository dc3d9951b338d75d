"""Catalogues are checked when they load; cards always fit the platform."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botruntime.sdk import cards, limits, texts
from botruntime.sdk.platform import refusals
from botruntime.sdk.texts import Text
from catalog.manifest import ManifestError

SHARED = Path(texts.__file__).parent / "texts"


def rules(folder: Path, id_text: str, en_text: str | None = None) -> list[str]:
    """Rules a catalogue breaks."""
    (folder / "id.toml").write_text(id_text, encoding="utf-8")
    (folder / "en.toml").write_text(en_text if en_text is not None else id_text, encoding="utf-8")
    try:
        texts.load(folder)
    except ManifestError as refusal:
        return [finding.rule for finding in refusal.findings]
    return []


def test_a_good_catalogue_loads(tmp_path: Path) -> None:
    assert rules(tmp_path, 'a = "Halo {nama}"\n[b]\nbody = "B"\nbuttons = [["x", "Ya"]]') == []


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("a = ", "text_unreadable"),
        ("[a]\nbody = 5", "text_unreadable"),
        ('[a]\nbody = "x"\ncolour = "red"', "text_unreadable"),
        ('a = ""', "text_empty"),
        (f'a = "{"x" * 4097}"', "text_too_long"),
        (f'[a]\nbody = "{"x" * 1025}"\nbuttons = [["x", "X"]]', "text_too_long"),
        ('[a]\nbody = "x"\nbuttons = [["x", "Bicara dengan staf ya"]]', "text_too_long"),
        ('[a]\nbody = "x"\nbuttons = [["x", "{nama}"]]', "text_too_long"),
        ('[a]\nbody = "x"\nbuttons = [["x", ""]]', "text_empty"),
        ('[a]\nbody = "x"\nbuttons = [["1","A"],["2","B"],["3","C"],["4","D"]]', "too_many_buttons"),
        ('[a]\nbody = "x"\nbuttons = [["1","A"],["2","A"]]', "same_button_twice"),
        ('[a]\nbody = "x"\nbuttons = [["1","A👍"]]', "emoji_in_button"),
        ('[a]\nbody = "x"\nbuttons = [["1","A"]]\nlist = {button = "B", rows = [["r", "R"]]}', "buttons_and_list"),
        ('[a]\nbody = "x"\nlist = {rows = [["r", "R"]]}', "list_incomplete"),
        ('[a]\nbody = "x"\nlist = {button = "B", rows = [["r", "{judul30}"]]}', "text_too_long"),
        ('[a]\nbody = "x"\nlist = {button = "B", rows = [' + "['r', 'R'], " * 11 + "]}", "too_many_rows"),
    ],
)
def test_what_the_platform_would_refuse_is_found_at_load(tmp_path: Path, source: str, rule: str) -> None:
    assert rule in rules(tmp_path, source)


@pytest.mark.parametrize(
    ("id_text", "en_text", "rule"),
    [
        ('a = "A"\nb = "B"', 'a = "A"', "text_missing"),
        ('a = "{x}"', 'a = "{y}"', "placeholders_differ"),
        ('[a]\nbody = "x"\nbuttons = [["1","A"]]', '[a]\nbody = "x"\nbuttons = [["2","A"]]', "buttons_differ"),
    ],
)
def test_both_languages_must_say_the_same(tmp_path: Path, id_text: str, en_text: str, rule: str) -> None:
    assert rule in rules(tmp_path, id_text, en_text)


def test_values_are_filled_once_and_never_read_again() -> None:
    assert texts.fill("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"
    with pytest.raises(KeyError):
        texts.fill("{a}", {})


def test_a_number_in_a_placeholder_is_its_longest_length() -> None:
    assert texts.fill("{topik8}", {"topik": "Pengiriman"}) == "Pengiri…"
    assert texts.fill("{topik8}", {"topik8": "Pendek"}) == "Pendek"


LIST = Text("l", "Pilih", label="Lihat", rows=(("f:{i}", "{t24}", "{d72}"), ("f:more", "Lainnya...", "")))
SEVERAL = Text("s", "Yang mana?", label="Pilih", rows=(("f:{i}", "{t24}", ""), ("human", "Bukan semuanya", "")))


def rows_of(reply: cards.Reply) -> list[str]:
    """Ids of a list's rows."""
    return [row.id for section in reply.sections for row in section.rows]


def items(count: int) -> list[dict[str, str]]:
    """Rows to list."""
    return [{"i": str(number), "t24": f"Topik {number}", "d72": ""} for number in range(count)]


@pytest.mark.parametrize(
    ("count", "page", "first", "length", "pager"),
    [
        (3, 0, "f:0", 3, False),
        (10, 0, "f:0", 10, False),
        (11, 0, "f:0", 10, True),
        (11, 1, "f:9", 2, False),
        (28, 1, "f:9", 10, True),
        (28, 3, "f:27", 1, False),
        (28, 9, "f:0", 10, True),
        (28, -1, "f:0", 10, True),
    ],
)
def test_long_lists_are_paged_by_nine(count: int, page: int, first: str, length: int, pager: bool) -> None:
    found = rows_of(cards.card(LIST, {}, rows=items(count), page=page))
    assert (found[0], len(found)) == (first, length)
    assert (found[-1].startswith("f:more:")) == pager


def test_every_row_is_on_exactly_one_page() -> None:
    seen: list[str] = []
    page = 0
    while True:
        found = rows_of(cards.card(LIST, {}, rows=items(60), page=page))
        seen += [row for row in found if not row.startswith("f:more")]
        if not found[-1].startswith("f:more:"):
            break
        page = int(found[-1].rpartition(":")[2])
    assert seen == [f"f:{number}" for number in range(60)]


def test_fixed_rows_stand_on_every_page() -> None:
    assert rows_of(cards.card(SEVERAL, {}, rows=items(2))) == ["f:0", "f:1", "human"]
    assert len(rows_of(cards.card(SEVERAL, {}, rows=items(30)))) == limits.LIST_ROWS


CARD = Text("c", "Halo {nama}, {isi}", buttons=(("ok:{i}", "{judul20}"), ("no", "Tidak")))


@given(st.text(max_size=3000), st.text(max_size=3000), st.text(max_size=60), st.text(min_size=1, max_size=300))
def test_no_value_makes_a_card_the_platform_refuses(name: str, body: str, title: str, key: str) -> None:
    reply = cards.card(CARD, {"nama": name, "isi": body, "judul": title, "i": key[:200]})
    assert not list(refusals(reply))


@given(
    st.lists(
        st.fixed_dictionaries({"i": st.text(max_size=300), "t24": st.text(max_size=90), "d72": st.text(max_size=200)}),
        min_size=1,
        max_size=30,
    ),
    st.integers(-2, 5),
)
def test_no_row_makes_a_list_the_platform_refuses(rows: list[dict[str, str]], page: int) -> None:
    reply = cards.card(SEVERAL, {}, rows=rows, page=page)
    assert not list(refusals(reply))


def test_an_overlong_value_gives_way_to_the_text_around_it() -> None:
    reply = cards.card(CARD, {"nama": "Sari", "isi": "x" * 5000, "judul": "Ya", "i": "1"})
    assert len(reply.body) == limits.BODY_CARD
    assert reply.body.startswith("Halo Sari, xxx")
    assert reply.body.endswith("…")


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        cards.card(Text("a", "{x}"), {"x": " "})


@pytest.mark.parametrize(
    ("language", "key", "body"),
    [
        ("en", "cancelled", "OK, this step is cancelled."),
        ("en", "stop_ok", "You will no longer receive notifications from {usaha}. Type MULAI to turn them back on."),
        ("id", "unknown", "Maaf, saya belum paham. Pilih menu di bawah atau ketik ADMIN."),
        ("id", "data_menu", "Data Anda di {usaha}: nama, nomor/ID WhatsApp, {n} transaksi. Pilih:"),
        ("en", "data_erased", "Your personal data is deleted. Records we must keep: {sisa}."),
        ("id", "paused", "Layanan otomatis sedang tidak aktif. Pesan Anda diteruskan ke {usaha}."),
    ],
)
def test_shared_messages_are_word_for_word_those_of_the_script(language: str, key: str, body: str) -> None:
    assert texts.load(SHARED).get(language, key).body == body
