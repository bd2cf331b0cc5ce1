"""Two questions in one breath: "can I put ice on it and when should I come back".

The utterance is cut at each conjunction, and before each word that begins a question ("it's numb since
sunday | is that normal"), and both parts are scored like questions of their own. If the parts are each
about something, and about different things that the whole speaks of too, both count. If the whole is
about nothing, a part beside a conjunction that is quite sure of itself still counts: "i'm ramesh and is it safe".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.understand.weights import NONE

CONJUNCTIONS: Final = frozenset(["and", "also", "but", "plus", "then", "or", "because", "as"])
STARTS: Final = frozenset(
    "what how can is are do does did should will when where who why could would which may am".split()
)
"""Words that begin a question, where somebody asks it straight after another or after a story."""
SHORTEST_PART: Final = 2
"""Words; a shorter part is the tail of a phrase ("pins and needles"), not a question."""
SHORTEST_UNJOINED: Final = 3
"""The same where no conjunction stands between the parts."""
PART_OVER_NONE: Final = 0.5
"""A part's best intent must beat "out of scope" by so much."""
UNJOINED_OVER_NONE: Final = 1.1
"""The same where no conjunction stands between the parts: most such places are inside of one question."""
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
class Cut:
    """Two parts of an utterance."""

    before: Sequence[str]
    after: Sequence[str]
    joined: bool
    """Whether a conjunction stood between them."""


@dataclass(frozen=True, slots=True)
class Halves:
    """The scores of both parts of a cut."""

    before: Scores
    after: Scores
    joined: bool


@dataclass(frozen=True, slots=True)
class Topics:
    """What the parts of an utterance are about."""

    both: tuple[str, str] | None = None
    """Two intents that are both to be answered."""
    sure: tuple[str, ...] = ()
    """The intents of parts beside a conjunction that are quite sure of themselves, the surest first: an answer where
    the whole is about nothing, and a warning sign whatever the whole is about."""


def cuts(tokens: Sequence[str]) -> list[Cut]:
    """Return every way to cut an utterance into two parts that could both be a question."""
    return [cut for place in range(1, len(tokens)) if (cut := _cut(tokens, place))]


def _cut(tokens: Sequence[str], place: int) -> Cut | None:
    if tokens[place] in CONJUNCTIONS:
        cut, shortest = Cut(tokens[:place], tokens[place + 1 :], joined=True), SHORTEST_PART
    elif tokens[place] in STARTS and tokens[place - 1] not in CONJUNCTIONS:
        cut, shortest = Cut(tokens[:place], tokens[place:], joined=False), SHORTEST_UNJOINED
    else:
        return None
    return cut if min(len(cut.before), len(cut.after)) >= shortest else None


def topics(whole: Scores, halves: Sequence[Halves]) -> Topics:
    """Return what the parts are about."""
    return Topics(
        _both(whole, halves), _sure(half for each in halves if each.joined for half in (each.before, each.after))
    )


def _both(whole: Scores, halves: Iterable[Halves]) -> tuple[str, str] | None:
    """Return the two intents that the parts are about, None if they are about one or none."""
    best_of_whole = max((score for name, score in whole.items() if name != NONE), default=0.0)
    found: list[tuple[bool, float, str, str]] = []
    for half in halves:
        (first, first_over), (second, second_over) = _best(half.before), _best(half.after)
        near = min(whole[first], whole[second]) - best_of_whole
        over, wanted = min(first_over, second_over), PART_OVER_NONE if half.joined else UNJOINED_OVER_NONE
        sure = over >= wanted and min(half.before[first], half.after[second]) >= PART_SURE
        if first != second and sure and near >= -WHOLE_BELOW_BEST:
            found.append((half.joined, over + near, first, second))
    return max(found)[2:] if found else None


def _sure(halves: Iterable[Scores]) -> tuple[str, ...]:
    best = [(over, name) for half in halves for name, over in (_best(half),) if half[name] >= ALONE_SURE]
    return tuple(name for over, name in sorted(best, reverse=True) if over >= ALONE_OVER_NONE)


def _best(scores: Scores) -> tuple[str, float]:
    """Return the best intent and by how much it beats "out of scope"."""
    name = max((name for name in scores if name != NONE), key=scores.__getitem__)
    return name, scores[name] - scores.get(NONE, -1.0)
