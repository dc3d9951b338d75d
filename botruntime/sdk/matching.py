"""Finds which of a few known topics a typed question means, without any model: words, stems, synonyms and typos.

A question is scored against every topic by the share of its meaningful words the topic knows. Rare words weigh more
than words many topics share, words no topic knows weigh little. Scores lie between 0 and 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import sqrt
from operator import mul
from threading import Lock

from rapidfuzz.distance import OSA, Indel
from snowballstemmer import stemmer

from botruntime.sdk.language import words

TYPO = 0.82
"""Similarity from which two words count as one with a typo."""
_UNKNOWN_WEIGHT = 0.4
_SYNONYM = 0.95
_PART = 0.6
_MAX_WORDS = 40
_stemmer = stemmer("indonesian")
_stemming = Lock()


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that can be asked for: its key, its title and its keywords or key phrases."""

    key: str
    title: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A topic's key with its score, 0 to 1."""

    key: str
    score: float


def rank(question: str, topics: Sequence[Topic], at_least: float = 0.5) -> list[Match]:
    """Topics that match, best first. Empty when the question has no meaningful word."""
    asked = tokens(question)
    if not asked:
        return []
    plain = normal(question)
    near = [_nearness(asked, _vocabulary(topic, asked)) for topic in topics]
    weights = [_weight(sum(row[place] > 0 for row in near)) for place in range(len(asked))]
    found = []
    for topic, row in zip(topics, near, strict=True):
        score = 1.0 if plain in _plain(topic) else sum(map(mul, weights, row)) / sum(weights)
        if score >= at_least:
            found.append(Match(topic.key, round(score, 3)))
    return sorted(found, key=lambda match: -match.score)


def normal(text: str) -> str:
    """Lower case, punctuation and doubled spaces gone."""
    return " ".join(re.findall(r"\w+", text.lower()))


def tokens(text: str) -> tuple[str, ...]:
    """The meaningful words of `text`, stemmed, each once, in order; at most 40."""
    found = (word for word in normal(text).split() if word not in _ignored() and not word.isdigit())
    return tuple(dict.fromkeys(stem(word) for word in found))[:_MAX_WORDS]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The Indonesian stem; short words and the words of the synonym groups stay as they are."""
    if len(word) <= 3 or word in _meanings():
        return word
    with _stemming:  # the stemmer keeps the word it works on in itself
        return str(_stemmer.stemWord(word))


@cache
def _ignored() -> frozenset[str]:
    return frozenset(words()["matching"]["ignored"].split())


@cache
def _meanings() -> dict[str, int]:
    """Word to the number of its synonym group."""
    return {word: place for place, line in enumerate(words()["matching"]["synonyms"]) for word in line.split()}


def _vocabulary(topic: Topic, asked: Sequence[str]) -> dict[str, float]:
    """Stem to its strength. A word of a phrase says less than a keyword, unless the whole phrase is asked."""
    found: dict[str, float] = {}
    for place, phrase in enumerate(_phrases(topic)):
        whole = place == 0 or len(phrase) == 1 or all(word in asked for word in phrase)
        for word in phrase:
            found[word] = max(found.get(word, 0.0), 1.0 if whole else _PART)
    return found


@lru_cache(maxsize=4096)
def _plain(topic: Topic) -> frozenset[str]:
    """Title and keywords as they would be typed."""
    return frozenset(map(normal, (topic.title, *topic.keywords)))


@lru_cache(maxsize=4096)
def _phrases(topic: Topic) -> tuple[tuple[str, ...], ...]:
    return tuple(tokens(phrase) for phrase in (topic.title, *topic.keywords))


@lru_cache(maxsize=65536)
def alike(asked: str, known: str) -> float:
    """How surely two stems are the same word: 1 equal, 0.95 same meaning, from 0.82 a typo, else 0."""
    if asked == known:
        return 1.0
    meanings = _meanings()
    if asked in meanings and meanings[asked] == meanings.get(known):
        return _SYNONYM
    if min(len(asked), len(known)) < 4:
        return 0.0
    # Swapped neighbours cost one slip in OSA and two in Indel, an inserted letter weighs less in Indel.
    near = max(Indel.normalized_similarity(asked, known), OSA.normalized_similarity(asked, known))
    return near if near >= TYPO else 0.0


def _best(word: str, vocabulary: Mapping[str, float]) -> float:
    """The surest match; a typo of a word that has synonyms is tried against those too."""
    found = max((alike(word, known) * strength for known, strength in vocabulary.items()), default=0.0)
    return found or _by_meaning(word, vocabulary)


def _by_meaning(word: str, vocabulary: Mapping[str, float]) -> float:
    meant = _meant(word)
    return TYPO * max((vocabulary[known] for known in vocabulary if _meanings().get(known) in meant), default=0.0)


@lru_cache(maxsize=8192)
def _meant(word: str) -> frozenset[int]:
    """Synonym groups one of whose words `word` is a typo of."""
    return frozenset(_meanings()[form] for form in _meanings() if len(form) > 3 and alike(word, form) >= TYPO)


def _weight(topics: int) -> float:
    """Of a word that so many topics know."""
    return 1 / sqrt(topics) if topics else _UNKNOWN_WEIGHT


def _nearness(asked: Sequence[str], vocabulary: Mapping[str, float]) -> list[float]:
    """For every word of the question, how surely the topic knows it."""
    return [_best(word, vocabulary) for word in asked]
