"""Two questions in one breath: "can I put ice on it and when should I come back".

The utterance is cut at each conjunction and both parts are scored like questions of their own. If the
parts are each about something, and about different things that the whole speaks of too, both count. If
the whole is about nothing, a part that is quite sure of itself still counts: "i'm ramesh and is it safe".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.understand.weights import NONE

CONJUNCTIONS: Final = frozenset(["and", "also", "but", "plus", "then", "or", "because", "as"])
SHORTEST_PART: Final = 2
"""Words; a shorter part is the tail of a phrase ("pins and needles"), not a question."""
PART_OVER_NONE: Final = 0.6
"""A part's best intent must beat "out of scope" by so much."""
PART_SURE: Final = -0.6
"""A part's best score must reach this."""
WHOLE_BELOW_BEST: Final = 2.0
"""Both intents must come so near to the best of the whole utterance."""

ALONE_OVER_NONE: Final = 1.2
"""A part that is to count by itself must beat "out of scope" by so much."""
ALONE_SURE: Final = 0.1
"""Its best score must reach this."""

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Topics:
    """What the parts of an utterance are about."""

    both: tuple[str, str] | None = None
    """Two intents that are both to be answered."""
    sure: tuple[str, ...] = ()
    """The intents of parts that are quite sure of themselves, the surest first: an answer where the whole
    is about nothing, and a warning sign whatever the whole is about."""


def parts(tokens: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Return what stands before and after each conjunction, where both could be a question."""
    return [
        (tokens[:place], tokens[place + 1 :])
        for place, token in enumerate(tokens)
        if token in CONJUNCTIONS and place >= SHORTEST_PART and len(tokens) - place - 1 >= SHORTEST_PART
    ]


def topics(whole: Scores, halves: Sequence[tuple[Scores, Scores]]) -> Topics:
    """Return what the parts are about."""
    return Topics(_both(whole, halves), _sure(half for pair in halves for half in pair))


def _both(whole: Scores, halves: Iterable[tuple[Scores, Scores]]) -> tuple[str, str] | None:
    """Return the two intents that the parts are about, None if they are about one or none."""
    best_of_whole = max((score for name, score in whole.items() if name != NONE), default=0.0)
    found: list[tuple[float, str, str]] = []
    for before, after in halves:
        (first, first_over), (second, second_over) = _best(before), _best(after)
        near = min(whole[first], whole[second]) - best_of_whole
        sure = min(before[first], after[second]) >= PART_SURE and min(first_over, second_over) >= PART_OVER_NONE
        if first != second and sure and near >= -WHOLE_BELOW_BEST:
            found.append((min(first_over, second_over) + near, first, second))
    return max(found)[1:] if found else None


def _sure(halves: Iterable[Scores]) -> tuple[str, ...]:
    best = [(over, name) for half in halves for name, over in (_best(half),) if half[name] >= ALONE_SURE]
    return tuple(name for over, name in sorted(best, reverse=True) if over >= ALONE_OVER_NONE)


def _best(scores: Scores) -> tuple[str, float]:
    """Return the best intent and by how much it beats "out of scope"."""
    name = max((name for name in scores if name != NONE), key=scores.__getitem__)
    return name, scores[name] - scores.get(NONE, -1.0)
