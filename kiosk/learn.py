"""Learns the weights from the intent files, and keeps them by the files' content.

scikit-learn does the fitting and is loaded only here, only when the files have changed: answering
reads the kept weights with the standard library alone. There is nothing to train by hand and no
binary to ship; a kept file that is damaged or of another version is simply learned anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import accumulate, chain, pairwise
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk import __version__
from kiosk.terms import Example, Phrasebook
from kiosk.understand.features import BLOCKS, Features, extract
from kiosk.understand.normalise import stem, words
from kiosk.understand.vocabulary import Vocabulary
from kiosk.understand.weights import NONE, STRANGE, Index, Learned, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

SOFTNESS: Final = 1.0
"""C of the support vector machine; docs/decisions/0004 has the table."""
TOLERANCE: Final = 0.3
PASSES: Final = 10
FEWEST: Final = 2
"""Letter runs and pairs of words that occur in fewer sample questions say nothing about others."""
DIGEST: Final = 32
"""Bytes of SHA-256 that a kept file ends with."""
TINY: Final = 1e-12
FEWEST_SLIPS: Final = 3
"""Features that only misheard questions have must occur in so many of them."""
SLIP_TRUST: Final = 0.3
"""How much a misheard question counts beside one as it was said."""
FORMAT: Final = f"clinic-kiosk weights 3, kiosk {__version__}"


def learned_for(phrasebook: Phrasebook, cache: Path, report: Callable[[], None] = lambda: None) -> Learned:
    """Return what `phrasebook` teaches, from the folder `cache` if it is kept there, else learned and kept.

    `report` is called before learning, which takes some seconds.
    """
    path = cache / f"weights-{phrasebook.fingerprint[:16]}.bin"
    kept = _read(path)
    if kept is not None:
        return kept
    report()
    learned = learn(phrasebook)
    _keep(learned, path)
    return learned


def learn(phrasebook: Phrasebook) -> Learned:
    """Return what the phrasebook's examples teach: without the misheard ones, and with them."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415

    sample = Sample(phrasebook)
    with warnings.catch_warnings():
        # It is stopped early on purpose: more passes bring no better answers.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # One after the other: liblinear has one random generator for all threads, and two fits at once
        # take numbers from each other, so that the same files would teach something else each time.
        return Learned(sample.fit(misheard=False), sample.fit(misheard=True))


class Sample:
    """The examples as features: what learning works on."""

    def __init__(self, phrasebook: Phrasebook) -> None:
        self.examples: Sequence[Example] = phrasebook.examples
        self.labels = (*phrasebook.intents, NONE)
        tokens = [words(example.text) for example in self.examples]
        self.counts = _counts(self.examples, tokens)
        vocabulary = Vocabulary(phrasebook.concepts, frozenset(self.counts))
        self.features = [
            extract(said, stems, vocabulary.find(said), self.counts, own=int(_counts_for_itself(example)))
            for example, said in zip(self.examples, tokens, strict=True)
            for stems in (vocabulary.stems_of(said),)
        ]

    def fit(self, *, misheard: bool) -> Weights:
        """Return the weights of one linear classifier a label, each against all others.

        misheard: whether the misheard examples are learned from too.
        """
        # Loaded here: together they take a second, and answering does without.
        import numpy as np  # noqa: PLC0415
        from sklearn.svm import LinearSVC  # noqa: PLC0415

        rows = [row for row, example in enumerate(self.examples) if misheard or not example.misheard]
        features = [self.features[row] for row in rows]
        index, rarity = _index(features, [self.examples[row].misheard for row in rows])
        matrix = _matrix(features, index, np.frombuffer(rarity, dtype=np.float32))
        # A question with two topics is an example of each.
        pairs = [(at, label) for at, row in enumerate(rows) for label in self.examples[row].intents or (NONE,)]
        machine = LinearSVC(
            C=SOFTNESS, dual=True, tol=TOLERANCE, max_iter=PASSES, class_weight="balanced", random_state=0
        )
        trust = [SLIP_TRUST if self.examples[rows[at]].misheard else 1.0 for at, _ in pairs]
        machine.fit(matrix[[at for at, _ in pairs]], [self.labels.index(label) for _, label in pairs], trust)
        return Weights(
            labels=tuple(self.labels[number] for number in machine.classes_),
            index=index,
            rarity=rarity,
            rows=array("f", np.ascontiguousarray(machine.coef_.T, dtype=np.float32).tobytes()),
            bias=array("f", machine.intercept_.astype(np.float32).tobytes()),
            counts=self.counts,
        )


def _counts_for_itself(example: Example) -> bool:
    """Whether its words count as a patient's: out-of-scope and misheard ones do not."""
    return bool(example.intents) and not example.misheard


def _counts(examples: Iterable[Example], tokens: Iterable[Sequence[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for example, said in zip(examples, tokens, strict=True):
        if _counts_for_itself(example):
            counts.update({stem(word) for word in said})
    return counts


def _index(sample: Sequence[Features], misheard: Sequence[bool]) -> tuple[dict[str, dict[str, int]], array[float]]:
    """Return each feature's row by block and name, and by row its inverse document frequency."""
    index: dict[str, dict[str, int]] = {}
    rarity = array("f")
    for block in BLOCKS:
        frequency = Counter(chain.from_iterable(features[block] for features in sample))
        heard = [features[block] for features, wrong in zip(sample, misheard, strict=True) if wrong]
        only_heard = Counter(chain.from_iterable(heard))
        index[block] = {}
        for name in sorted(frequency):
            fewest = FEWEST if _is_common_kind(block, name) else 1
            # A recogniser's slip must recur before it means anything.
            if frequency[name] >= (FEWEST_SLIPS if frequency[name] == only_heard[name] else fewest):
                index[block][name] = len(rarity)
                rarity.append(1 + log((1 + len(sample)) / (1 + frequency[name])))
    return index, rarity


def _is_common_kind(block: str, name: str) -> bool:
    return block == "letter" or (block == "word" and " " in name)


def _matrix(sample: Sequence[Features], index: Index, rarity: NDArray[np.float32]) -> csr_matrix:
    """Return one row an example: what `Weights.values` gives, made for all at once."""
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    blocks = []
    for block, weight in BLOCKS.items():
        known = index[block]
        rows = [[row for name in features[block] if (row := known.get(name)) is not None] for features in sample]
        lengths = np.array([len(row) for row in rows])
        strangers = np.array([len(features[block]) for features in sample]) - lengths
        columns = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=lengths.sum())
        ends = np.concatenate(([0], lengths.cumsum()))
        plain = csr_matrix((rarity[columns], columns, ends), shape=(len(sample), len(rarity)))
        squares = np.asarray(plain.multiply(plain).sum(axis=1)).ravel() + strangers * STRANGE**2
        scale = weight / np.sqrt(np.maximum(squares, TINY))
        plain.data *= np.repeat(scale, lengths).astype(np.float32)
        blocks.append(plain)
    return sum(blocks[1:], start=blocks[0])


# --- keeping: a line of JSON that describes, then the numbers of both, then a digest of it all ------
def _keep(learned: Learned, path: Path) -> None:
    both = (learned.typed, learned.heard)
    described = [{"labels": weights.labels, "index": weights.index} for weights in both]
    head = {"format": FORMAT, "counts": learned.typed.counts, "weights": described}
    numbers = b"".join(part.tobytes() for weights in both for part in (weights.rarity, weights.rows, weights.bias))
    body = json.dumps(head).encode() + b"\n" + numbers
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(body + hashlib.sha256(body).digest())
        aside.replace(path)
        for old in path.parent.glob("weights-*.bin*"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError:
        # A full or read-only disk costs some seconds at the next start, no more.
        with suppress(OSError):
            aside.unlink()


def _read(path: Path) -> Learned | None:
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    body = raw[:-DIGEST]
    if hashlib.sha256(body).digest() != raw[-DIGEST:]:
        return None
    try:
        return _parsed(body)
    except (ValueError, KeyError, TypeError):
        return None  # whole, but of another version


def _parsed(body: bytes) -> Learned:
    line = body.index(b"\n")
    head = json.loads(body[:line])
    if head["format"] != FORMAT:
        raise ValueError(head["format"])
    numbers, at = array("f", body[line + 1 :]), 0
    both = []
    for described in head["weights"]:
        height, width = sum(map(len, described["index"].values())), len(described["labels"])
        ends = list(accumulate((at, height, height * width, width)))
        rarity, rows, bias = (numbers[start:end] for start, end in pairwise(ends))
        both.append(Weights(tuple(described["labels"]), described["index"], rarity, rows, bias, head["counts"]))
        at = ends[-1]
    return Learned(*both)
