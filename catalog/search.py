"""Finding listings in Indonesian and English: stems by PostgreSQL, synonyms by table, typos by edit distance."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import ColumnElement, and_, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import TSVECTOR, insert
from sqlalchemy.orm import Session

from catalog.models.category import Category
from catalog.models.listing import Listing
from catalog.models.plan import Interval, Plan
from catalog.models.search_word import SearchWord

MAX_WORDS = 8
MAX_WORD = 40
# Fewer letters than this are not corrected: too many words are one letter away.
SHORTEST_TYPO = 4
CONFIGS = {"id": "indonesian", "en": "english"}
# Words people use for one thing. Each group is expanded to all its members.
SYNONYMS = (
    ("antrian", "antrean", "antri", "queue", "booking", "reservasi", "janji"),
    ("toko", "shop", "store", "warung", "jualan", "perdagangan"),
    ("klinik", "clinic", "dokter", "kesehatan", "puskesmas"),
    ("tanya", "faq", "pertanyaan", "question"),
    ("lelang", "auction", "bid"),
    ("kursus", "les", "course", "sekolah", "pendidikan"),
    ("servis", "service", "jasa", "bengkel", "repair"),
    ("prospek", "lead", "leads"),
)
# Weight labels of the vector: where a word was found, strongest first.
FIELDS = {"a": "name", "b": "tagline", "c": "category", "d": "body"}


@dataclass(frozen=True)
class Hit:
    """A listing and why it was found: the field (``name tagline category body``) and the corrected words."""

    listing: Listing
    field: str | None
    corrected: dict[str, str]


def fold(text: str) -> list[str]:
    """Words in lower case, compatibility forms unified, marks and signs dropped."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return [word[:MAX_WORD] for word in re.findall(r"[a-z0-9]+", letters)]


def index(session: Session, listing: Listing) -> None:
    """Write the listing's search vector and its words. Call after its texts changed."""
    shelf = listing.category
    parts = [("A", listing.name), ("B", listing.tagline), ("C", shelf.name), ("D", listing.body)]
    vector: Any = func.setweight(func.to_tsvector("simple", " ".join(listing.tags)), _constant("C"))
    words: set[str] = set(fold(" ".join(listing.tags)))
    for weight, texts in parts:
        for language, config in CONFIGS.items():
            text = " ".join(fold(texts.get(language, "")))
            vector = vector.op("||")(func.setweight(func.to_tsvector(config, text), _constant(weight)))
            words |= {word for word in text.split() if len(word) >= SHORTEST_TYPO}
    listing.search = vector
    session.flush()
    session.execute(insert(SearchWord).on_conflict_do_nothing(), [{"word": word} for word in sorted(words)])


def find(
    session: Session, query: str = "", *, category: Category | None = None, is_free: bool | None = None, limit: int = 48
) -> list[Hit]:
    """Public listings that fit, best first. All words must match; where none has all, some do."""
    rules: list[ColumnElement[bool]] = [Listing.listed_at.is_not(None), Listing.unlisted_at.is_(None)]
    if category is not None:
        rules.append(Listing.category_id == category.id)
    if is_free is not None:
        free = select(Plan.listing_id).where(Plan.interval == Interval.FREE)
        rules.append(Listing.id.in_(free) if is_free else Listing.id.not_in(free))
    typed = fold(query)[:MAX_WORDS]
    if not typed:
        plain = select(Listing).where(*rules).order_by(Listing.listed_at.desc()).limit(limit)
        return [Hit(listing, None, {}) for listing in session.scalars(plain)]
    corrected = {word: right for word in typed if (right := _correct(session, word)) != word}
    asked = [_question(corrected.get(word, word)) for word in typed]
    for combine in (and_, or_):
        hits = _ranked(session, rules, asked, combine, limit)
        if hits:
            return [Hit(listing, field, corrected) for listing, field in hits]
    return []


def _constant(value: str) -> ColumnElement[str]:
    """One of our labels as an untyped literal: PostgreSQL wants its own ``"char"`` type, which no bind has."""
    return literal_column(f"'{value}'")


def _question(word: str) -> Any:
    """A tsquery for a word and its synonyms, stemmed in both languages."""
    group = next((group for group in SYNONYMS if word in group), (word,))
    forms = [func.plainto_tsquery(config, form) for form in group for config in (*CONFIGS.values(), "simple")]
    question: Any = forms[0]
    for form in forms[1:]:
        question = question.op("||")(form)
    return question


def _ranked(
    session: Session, rules: list[ColumnElement[bool]], asked: list[Any], combine: Any, limit: int
) -> list[tuple[Listing, str | None]]:
    score = sum((func.ts_rank(Listing.search, question) for question in asked), literal(0.0))
    places = [
        or_(*(func.ts_filter(Listing.search, _constant(f"{{{label}}}"), type_=TSVECTOR).op("@@")(q) for q in asked))
        for label in FIELDS
    ]
    found = session.execute(
        select(Listing, *places)
        .where(*rules, combine(*(Listing.search.op("@@")(question) for question in asked)))
        .order_by(score.desc(), Listing.id)
        .limit(limit)
    )
    fields = tuple(FIELDS.values())
    return [(row[0], next((f for f, there in zip(fields, row[1:], strict=True) if there), None)) for row in found]


def _correct(session: Session, word: str) -> str:
    """The nearest known word for a typo; the word itself where it is known, short, or nothing is near."""
    known = {form for group in SYNONYMS for form in group}
    if len(word) < SHORTEST_TYPO or word in known or session.get(SearchWord, word) is not None:
        return word
    alike = func.similarity(SearchWord.word, word)
    rows = session.scalars(
        select(SearchWord.word).where(alike > 0.15).order_by(alike.desc(), SearchWord.word).limit(40)
    )
    # One slip in a short word, two in a longer one; swapped neighbours count as one.
    allowed = 1 if len(word) < 7 else 2
    near = [(distance, form) for form in known | set(rows) if (distance := OSA.distance(word, form)) <= allowed]
    return min(near)[1] if near else word
