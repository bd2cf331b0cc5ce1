"""What was learned from the intent files, and how it scores an utterance.

A linear model: each feature adds its learned weight to each label, a label being an intent or
`NONE`. Plain Python does it, so that answering needs neither numpy nor scikit-learn.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from operator import mul
from typing import Final, TypeAlias

from kiosk.understand.ending import Endings
from kiosk.understand.features import BLOCKS, Features
from kiosk.understand.vocabulary import Patterns

NONE: Final = "none"
"""The label of what must be refused."""
STRANGE: Final = 8.0
"""The rarity of a feature that no sample question has, or too few for it to be learned."""

Index = Mapping[str, Mapping[str, int]]
Numbers: TypeAlias = "array[float] | memoryview[float]"
"""4-byte floating-point numbers, in memory of their own or in a file that was read."""
Steps: TypeAlias = "array[int] | memoryview[int]"
"""2-byte numbers, likewise."""


@dataclass(frozen=True)
class Table:
    """The features that were learned, a row each."""

    names: Mapping[str, str]
    """Each block's features in the order of their rows, a line each."""
    counts: Mapping[str, int]
    """In how many in-scope sample questions each stem occurs."""

    @cached_property
    def index(self) -> Index:
        """Each feature's row, by block and name."""
        # Made when it is first needed: who starts the page does not wait for it.
        index, height = {}, 0
        for block, names in self.names.items():
            listed = names.split("\n") if names else []
            index[block] = dict(zip(listed, range(height, height + len(listed)), strict=True))
            height += len(listed)
        return index


@dataclass(frozen=True, slots=True)
class Weights:
    """Learned weights. `len(rows) == len(rarity) * len(labels)`."""

    labels: tuple[str, ...]
    table: Table
    rarity: Numbers
    """By row: the feature's inverse document frequency; `STRANGE` where these weights have nothing of it."""
    rows: Steps
    """By row: one weight a label, in steps of `step`. Half the memory of floating-point numbers."""
    step: float
    bias: Numbers

    def scores(self, features: Features) -> dict[str, float]:
        """Return each label's score; 0 is undecided, -1 and less is surely not, 1 and more surely so."""
        width = len(self.labels)
        found = self.values(features)
        if not found:
            return dict(zip(self.labels, self.bias, strict=True))
        values = [value for _, value in found]
        # A column a label: to add up a whole column at once takes two thirds of the time.
        columns = zip(*(self.rows[row * width : (row + 1) * width].tolist() for row, _ in found), strict=True)
        return {
            label: bias + self.step * sum(map(mul, values, column))
            for label, bias, column in zip(self.labels, self.bias, columns, strict=True)
        }

    def values(self, features: Features) -> list[tuple[int, float]]:
        """Return (row, value) of the features that were learned: each block has its length from `BLOCKS`.

        Strange features take their part of the length, so that one known word among strangers weighs little.
        """
        result = []
        for block, weight in BLOCKS.items():
            names, index = features[block], self.table.index[block]
            rows = [row for name in names if (row := index.get(name)) is not None]
            squares = sum(self.rarity[row] ** 2 for row in rows) + (len(names) - len(rows)) * STRANGE**2
            scale = weight / sqrt(squares) if rows else 0.0
            result += [(row, self.rarity[row] * scale) for row in rows]
        return result

    def share(self, features: Features, label: str) -> list[tuple[str, float]]:
        """Return what each word and concept added to one label, greatest first; for explaining."""
        at, width = self.labels.index(label), len(self.labels)
        values = dict(self.values(features))
        index = self.table.index
        rows = [(name, index[block].get(name)) for block in ("concept", "word") for name in features[block]]
        shares = [
            (name, values[row] * self.step * self.rows[row * width + at]) for name, row in rows if row is not None
        ]
        return sorted(shares, key=lambda pair: -pair[1])


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from one phrasebook."""

    typed: Weights
    heard: Weights
    """Learned from known mishearings too: better for what a recogniser wrote, laxer for what was typed."""
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each sample question's normalised words, and the intents that answer it: kept, since they take 0.5 s."""
    source: str = ""
    """The fingerprint of the phrasebook that this was learned from."""
    endings: Endings = field(default_factory=Endings)
    """How questions end, for whoever listens."""
    patterns: Patterns = ()
    """The vocabulary's expressions as stems: kept, since 10,900 take 0.1 s."""
