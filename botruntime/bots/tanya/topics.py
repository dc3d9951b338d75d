"""The owner's questions and answers: which one is meant, and how it reads in a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

from botruntime.sdk import Ctx, hours, matching

CLOSE = 0.1
"""Two scores nearer than this are both shown."""
MOST = 9


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the settings table `faq`, in the contact's language."""

    code: str
    """Follows from the title, so an old list still finds its topic after rows moved."""
    title: str
    answer: str
    keywords: tuple[str, ...]
    other_title: str
    link: str
    attachment: str

    def row(self) -> dict[str, str]:
        """Values of the topic's row in a list."""
        return {"i": self.code, "topik24": self.title, "ringkas72": self.answer}


def every(ctx: Ctx) -> list[Topic]:
    """Topics that are answered at this hour, in the owner's order."""
    is_open = hours.is_open(ctx.settings["jam_staf"], ctx.local)
    hidden = "luar_jam" if is_open else "jam_staf"
    return [_topic(row, ctx.language) for row in ctx.settings["faq"] if row.get("aktif") != hidden]


def find(ctx: Ctx, code: str) -> Topic | None:
    """The topic with this code, or None when the owner removed or renamed it."""
    return next((topic for topic in every(ctx) if topic.code == code), None)


def meant(ctx: Ctx, question: str) -> list[Topic]:
    """Topics the question may mean: one, several of nearly the same score, or none."""
    topics = {topic.code: topic for topic in every(ctx)}
    known = [matching.Topic(topic.code, topic.title, (*topic.keywords, topic.other_title)) for topic in topics.values()]
    found = matching.rank(question, known, float(ctx.settings["ambang_cocok"]))
    return [topics[match.key] for match in found if match.score >= found[0].score - CLOSE][:MOST]


def _topic(row: dict[str, Any], language: str) -> Topic:
    english = language == "en"
    title, other = row["topik"], row.get("topik_en") or ""
    if english and other:
        title, other = other, title
    return Topic(
        code=f"{crc32(row['topik'].casefold().encode()):08x}",
        title=title,
        answer=(english and row.get("jawaban_en")) or row["jawaban_id"],
        keywords=tuple(word.strip() for word in (row.get("kata_kunci") or "").split(",") if word.strip()),
        other_title=other,
        link=row.get("tautan") or "",
        attachment=row.get("lampiran") or "",
    )
