"""What the weights are learned over: an utterance as named features.

Four kinds, each weighed as a block of its own: words (stems, and pairs of neighbours), letters (runs
of three or four within a word, which forgive endings, typing and mishearing), concepts of the
vocabulary (with durations), which carry over to words no sample question has, and novelty: how many
of the words no patient's sample question has, the surest sign of a question about something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from kiosk.understand.durations import durations
from kiosk.understand.vocabulary import Found

LETTER_RUNS: Final = (3, 4)
BLOCKS: Final = {"word": 2.0, "letter": 1.0, "concept": 0.8, "novelty": 0.5}
"""Kinds of feature and their weight; docs/decisions/0046 has the table."""
RARE: Final = 2
"""A stem that so few in-scope sample questions have is nearly new."""

Features = Mapping[str, frozenset[str]]
"""The names of an utterance's features, by block."""


def extract(
    tokens: Sequence[str], stems: Sequence[str], found: Iterable[Found], counts: Mapping[str, int], own: int = 0
) -> Features:
    """Return the features of an utterance.

    tokens, stems: the normalised words, and each one's stem; of the same length.
    found: the concepts in it.
    counts: in how many in-scope sample questions each stem occurs.
    own: 1 where the utterance is itself one of those, so that it does not count for itself.
    """
    letters: set[str] = set()
    for token in tokens:
        letters.update(_letters(token))
    return {
        "word": frozenset((*stems, *_pairs(stems))),
        "letter": frozenset(letters),
        "concept": frozenset(_concepts(tokens, stems, tuple(found))),
        "novelty": frozenset(_novelty(stems, counts, own)),
    }


def _concepts(tokens: Sequence[str], stems: Sequence[str], found: Sequence[Found]) -> Iterable[str]:
    """Yield the concepts, and what is left of the utterance: a word that no concept covers dilutes them."""
    yield from (entry.concept for entry in found)
    yield from _time(tokens)
    covered = {place for entry in found for place in entry.places}
    yield from (f"?{part}" for place, part in enumerate(stems) if place not in covered)


def _pairs(stems: Sequence[str]) -> Iterable[str]:
    bounded = ("<", *stems, ">")
    return (f"{first} {second}" for first, second in pairwise(bounded))


def _time(tokens: Sequence[str]) -> Iterable[str]:
    found = durations(tokens)
    if found:
        yield "beyond_a_day" if found[0].beyond_a_day else "within_a_day"


def _novelty(stems: Sequence[str], counts: Mapping[str, int], own: int) -> Iterable[str]:
    seen = [counts.get(part, 0) - own for part in set(stems)]
    new = sum(count <= 0 for count in seen)
    rare = sum(0 < count <= RARE for count in seen)
    yield f"new {min(new, 3)}"
    yield f"new of all {5 * new // max(len(seen), 1)}"
    yield f"rare {min(rare, 2)}"
    yield f"length {min(len(stems) // 3, 4)}"


@lru_cache(maxsize=20_000)
def _letters(token: str) -> tuple[str, ...]:
    word = f"<{token}>"
    return tuple(word[at : at + size] for size in LETTER_RUNS for at in range(len(word) - size + 1))
