"""Small bots for tests, written into a folder as an author would."""

from pathlib import Path
from typing import Any

from botruntime.sdk import Bot

MANIFEST = """
id = "contoh"
version = "1.0.0"
category = "jasa"
name = { id = "Contoh", en = "Sample" }
tagline = { id = "Sebuah contoh.", en = "A sample." }
description = { id = "Contoh.", en = "Sample." }
budget = { unit = { id = "satu tanya", en = "one question" }, messages = 2 }
support = { email = "bantuan@example.com" }
[[data.collections]]
name = "pesanan"
label = { id = "Pesanan", en = "Orders" }
pii = ["alamat"]
keep = true
[[data.collections]]
name = "catatan"
label = { id = "Catatan", en = "Notes" }
pii = ["isi"]
"""

TEXTS = """
halo = "Halo {nama}"
terima = "Diterima: {nilai}"
panjang = "{isi}"
[menu_utama]
body = "Menu {usaha}"
buttons = [["pesan", "Pesan"], ["human", "Staf"]]
[tanya]
body = "Berapa?"
[pilih]
body = "Pilih satu"
buttons = [["a", "Apel"], ["b", "Belimbing"]]
[daftar]
body = "Daftar"
list = { button = "Lihat", rows = [["x:{i}", "{judul24}", "{isi72}"], ["x:more", "Lainnya..."]] }
"""


def write(folder: Path, manifest: str = MANIFEST, id_texts: str = TEXTS, en_texts: str | None = None) -> Path:
    """A bot's folder without code."""
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    (folder / "manifest.toml").write_text(manifest, encoding="utf-8")
    (folder / "texts" / "id.toml").write_text(id_texts, encoding="utf-8")
    (folder / "texts" / "en.toml").write_text(en_texts if en_texts is not None else id_texts, encoding="utf-8")
    return folder


def bot(folder: Path, **parts: Any) -> Bot:
    """A bot without handlers; the test hangs its own on it."""
    return Bot.load(write(folder, **parts))
