"""Finds concepts in an utterance: "my leg has gone to sleep" speaks of a leg and of being numb.

An expression is found where its words stand side by side, each compared by its stem, so that
"needles" finds "needle". A word the vocabulary does not have is compared fuzzily (rapidfuzz), which
forgives typing; `...` in an expression lets up to three other words stand there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz, process

from kiosk.terms import Concept
from kiosk.understand.normalise import stem, words

GAP: Final = "..."
WIDEST_GAP: Final = 3
"""Words that `...` may stand for."""
SHORTEST_FUZZY: Final = 5
"""Letters; shorter words are one slip away from too many others."""
FUZZY_CUT: Final = 84.0
"""Of 100: one wrong letter in six passes, two do not."""
MOST_NEAR: Final = 20_000
"""Unknown words that are remembered with what is nearest."""


@dataclass(frozen=True, slots=True)
class Found:
    """A concept, and the words of the utterance that speak of it."""

    concept: str
    words: str
    places: range
    """Which words of the utterance they are."""


Patterns = Sequence[tuple[str, tuple[str, ...]]]
"""Expressions: the concept of each, and its stems side by side."""


@dataclass(frozen=True)
class Vocabulary:
    """All concepts, indexed by the first word of each expression."""

    patterns: Patterns
    known: frozenset[str] = frozenset()
    """Stems of other words that are right as they are: those of the sample questions."""
    _whole: dict[tuple[str, ...], list[str]] = field(default_factory=lambda: defaultdict(list))
    """The concepts of each pattern without a gap."""
    _gapped: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=lambda: defaultdict(list))
    """Patterns with a gap and their concepts, by the first stem; those that begin with a gap are found nowhere."""
    _near: dict[str, str] = field(default_factory=dict)
    """What `_nearest` found before: people make the same slips."""

    def __post_init__(self) -> None:
        for concept, pattern in self.patterns:
            if GAP in pattern:
                self._gapped[pattern[0]].append((pattern, concept))
            else:
                self._whole[pattern].append(concept)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Every stem that occurs in an expression."""
        return frozenset(part for _, pattern in self.patterns for part in pattern) - {GAP}

    def stems_of(self, tokens: Sequence[str]) -> list[str]:
        """Return each word's stem, or the vocabulary's nearest stem where the word is not known at all."""
        return [self._nearest(stem(token)) for token in tokens]

    def find(self, tokens: Sequence[str], stems: Sequence[str] | None = None) -> list[Found]:
        """Return the concepts in normalised words, in the order in which they begin; `stems` as of `stems_of`."""
        stems = self.stems_of(tokens) if stems is None else stems
        found: dict[tuple[str, str], Found] = {}
        for start, end, concept in self._matches(tuple(stems)):
            said = " ".join(tokens[start:end])
            found.setdefault((concept, said), Found(concept, said, range(start, end)))
        return list(found.values())

    def _matches(self, stems: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
        """Yield where each expression begins and ends, and its concept."""
        for start, first in enumerate(stems):
            for end in range(start + 1, min(start + self._longest, len(stems)) + 1):
                for concept in self._whole.get(stems[start:end], ()):
                    yield start, end, concept
            for pattern, concept in self._gapped.get(first, ()):
                if end := _match(pattern, stems, start):
                    yield start, end, concept

    def _nearest(self, part: str) -> str:
        if part in self.stems or part in self.known or len(part) < SHORTEST_FUZZY:
            return part
        near = self._near.get(part)
        if near is None:
            best = process.extractOne(part, self._long_stems, scorer=fuzz.ratio, score_cutoff=FUZZY_CUT)
            near = best[0] if best else part
            if len(self._near) >= MOST_NEAR:
                self._near.clear()
            self._near[part] = near
        return near

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._whole), default=0)

    @cached_property
    def _long_stems(self) -> list[str]:
        return sorted(part for part in self.stems if len(part) >= SHORTEST_FUZZY)


def patterns(concepts: Iterable[Concept]) -> Patterns:
    """Return the expressions of all concepts; those without a word say nothing."""
    made = [(concept.id, tuple(_pattern(each))) for concept in concepts for each in concept.expressions]
    return [(concept, pattern) for concept, pattern in made if pattern]


def _pattern(expression: str) -> Iterable[str]:
    for number, piece in enumerate(expression.split(GAP)):
        if number:
            yield GAP
        yield from (stem(word) for word in words(piece))


def _match(pattern: tuple[str, ...], stems: Sequence[str], start: int) -> int:
    """Return the end of the words that `pattern` matches from `start` on, 0 if it does not."""
    position, wanted = start, 0
    while wanted < len(pattern):
        if pattern[wanted] == GAP:
            after = pattern[wanted + 1 :]
            ends = (_match(after, stems, position + skipped) for skipped in range(WIDEST_GAP + 1)) if after else ()
            return next((end for end in ends if end), 0)
        if position >= len(stems) or stems[position] != pattern[wanted]:
            return 0
        position, wanted = position + 1, wanted + 1
    return position
