"""How likely people say one word after two others, counted over the sample questions.

Vosk makes of the questions that it expects a model of word pairs, and no other. Of the readings it offers, the one that
is also likely by threes is right more often (docs/decisions/0044). Smoothed by interpolated Kneser-Ney: what was never
seen after two words is judged by how many words it was seen after.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DISCOUNT: Final = 0.75
"""What every count is lowered by, for what was never seen; usual for Kneser-Ney (Chen and Goodman 1998)."""
UNSEEN: Final = 5_000
"""Words that may be said and stand in no question."""
START: Final = 0
END: Final = 1
STRANGER: Final = 2
"""Numbers of what is no word of a question; words follow."""
LENGTHS: Final = (3, 2, 1)


class Trigrams:
    """Word after word as some questions have them; 5 MB for 28,000 questions, made in 0.15 s."""

    def __init__(self, questions: Iterable[Sequence[str]]) -> None:
        import numpy as np  # noqa: PLC0415 - text mode starts without it

        self._numbers: dict[str, int] = {}
        # A question at a time: thousands of lists of words would take more memory than all that is learned.
        flat = np.array(array("q", chain.from_iterable(map(self._counted, questions))))
        self._base = len(self._numbers) + STRANGER + 1
        threes = np.stack((flat[:-2], flat[1:-1], flat[2:])) if flat.size else np.empty((3, 0), np.int64)
        keys, counts = np.unique(self._key(threes[:, threes[2] != START]), return_counts=True)
        self._orders: list[_Order] = []
        for length in LENGTHS:
            if self._orders:  # below the longest, a sequence counts once for each word that it was seen after
                keys, counts = np.unique(keys % self._base**length, return_counts=True)
            self._orders.append(_Order(keys, counts, keys // self._base))

    def log_probability(self, words: Sequence[str]) -> float:
        """Return the natural logarithm of how likely a question has these words, and ends after them."""
        import numpy as np  # noqa: PLC0415

        said = np.array(self._padded(words), np.int64)
        key = self._key(np.stack((said[:-2], said[1:-1], said[2:])))
        probability = np.full(key.size, 1 / (self._base + UNSEEN))
        for length, order in reversed([*zip(LENGTHS, self._orders, strict=True)]):
            part = key % self._base**length
            probability = order.seen(part) + order.rest(part // self._base) * probability
        return float(np.log(probability).sum())

    def _counted(self, words: Sequence[str]) -> list[int]:
        for word in words:
            self._numbers.setdefault(word, len(self._numbers) + STRANGER + 1)
        return self._padded(words)

    def _padded(self, words: Sequence[str]) -> list[int]:
        return [START, START, *(self._numbers.get(word, STRANGER) for word in words), END]

    def _key(self, threes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a number for each three words, of which the last are the remainder."""
        key: NDArray[np.int64] = (threes[0] * self._base + threes[1]) * self._base + threes[2]
        return key


class _Order:
    """Probabilities of word sequences of one length, by their sorted keys."""

    def __init__(self, keys: NDArray[np.int64], counts: NDArray[np.int64], before: NDArray[np.int64]) -> None:
        """Take each sequence's key, its count, and the key of the words before its last."""
        import numpy as np  # noqa: PLC0415

        self._keys = keys
        self._before, place, kinds = np.unique(before, return_inverse=True, return_counts=True)
        total = np.bincount(place, counts) if place.size else np.empty(0)
        self._seen = (np.maximum(counts - DISCOUNT, 0) / total[place]).astype(np.float32)
        self._rest = (DISCOUNT * kinds / total).astype(np.float32)

    def seen(self, keys: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the discounted share of each sequence among those that begin alike; 0 for what was never seen."""
        return _looked_up(self._keys, self._seen, keys, 0.0)

    def rest(self, before: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what is left for words that were never seen after those `before`; 1 if nothing was."""
        return _looked_up(self._before, self._rest, before, 1.0)


def _looked_up(
    keys: NDArray[np.int64], values: NDArray[np.float32], wanted: NDArray[np.int64], missing: float
) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415

    if not keys.size:
        return np.full(wanted.size, missing)
    place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[place] == wanted, values[place], missing)
