"""Whether what was said so far sounds finished: "is tingling normal" does, "is tingling" and "my leg is" do not.

People pause in the middle of a question for more than a second, and wait after it for an answer. How
long a silence ends a question therefore depends on its words. A linear model judges them, learned
from the sample questions in scope: each is an example of a finished one, and its beginnings of unfinished ones.
docs/decisions/0041 has the figures.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk.terms import Transcript

SURE: Final = 0.7
"""The score from which a question counts as finished; docs/decisions/0041 has the table."""
FEWEST: Final = 3
"""Words of a sample question that counts as whole: what is shorter begins too many others."""
HESITATIONS: Final = frozenset("ah eh er erm hm hmm huh mm oh so uh um well".split())
"""Whoever says one of these last is about to go on."""
LONGEST: Final = 15
LONGEST_TO_LAST: Final = 8
LONGEST_FROM_FIRST: Final = 12
"""Words from which on length tells nothing more: by itself, with the last word, with the first."""
NOTHING: Final = "<"
"""Stands before the first word."""


@dataclass(frozen=True)
class Endings:
    """What was learned of how questions end."""

    names: str = ""
    """The names of the features, a line each."""
    weights: array[float] = field(default_factory=lambda: array("f"))
    """One weight a name."""
    bias: float = -1.0

    def score(self, words: str) -> float:
        """Return how finished the words sound: 0 is undecided, less is unfinished."""
        said = tokens(words)
        return self.bias + sum(self._weight.get(name, 0.0) for name in features(said)) if said else -1.0

    @cached_property
    def _weight(self) -> dict[str, float]:
        # Made when it is first needed: text mode starts without.
        return dict(zip(self.names.split("\n"), self.weights, strict=True)) if self.names else {}


def tokens(text: str) -> list[str]:
    """Return the words as a recogniser writes them; fillers stay, since nobody ends with one."""
    return re.findall(r"[a-z']+|\d+", text.lower())


def features(said: Sequence[str]) -> set[str]:
    """Return the names of what is told by one or more words: the last, the first, how many, and which."""
    padded = (NOTHING, NOTHING, *said)
    length, first, last = min(len(said), LONGEST), said[0], said[-1]
    return {
        f"length {length}",
        f"last {last}",
        f"before {padded[-2]}",
        f"two {' '.join(padded[-2:])}",
        f"three {' '.join(padded[-3:])}",
        f"four {' '.join(said[-4:])}",
        f"first {first}",
        f"begins {' '.join(said[:2])}",
        f"from {first} to {last}",
        f"{min(length, LONGEST_TO_LAST)} to {last}",
        f"{min(length, LONGEST_FROM_FIRST)} from {first}",
        *(f"has {word}" for word in said),
    }


def patience(endings: Endings, known: Callable[[str], bool], finished: float) -> Callable[[Transcript], float | None]:
    """Return what tells, by what was heard so far, how many seconds of silence end the utterance.

    `finished` seconds do where one of the recognisers heard what sounds finished, or is `known`: a sample question
    word for word, which needs no learning to be whole. Otherwise, and where one heard a hesitation last, it tells
    None, which means the usual.
    """

    def whole(words: str) -> bool:
        return (len(tokens(words)) >= FEWEST and known(words)) or endings.score(words) >= SURE

    def patience(so_far: Transcript) -> float | None:
        heard = [reading.words for reading in so_far.readings]
        lasts = {word for words in heard for word in tokens(words)[-1:]}
        return finished if not lasts & HESITATIONS and any(map(whole, heard)) else None

    return patience
