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
from collections.abc import Iterable, Sequence
from contextlib import suppress
from math import log
from pathlib import Path
from typing import Final

from kiosk import __version__
from kiosk.terms import Example, Phrasebook
from kiosk.understand.features import Features, extract
from kiosk.understand.normalise import stem, words
from kiosk.understand.vocabulary import Vocabulary
from kiosk.understand.weights import NONE, Weights, values

SOFTNESS: Final = 1.0
"""C of the support vector machine; docs/decisions/0004 has the table."""
TOLERANCE: Final = 0.3
PASSES: Final = 10
FEWEST: Final = 2
"""Letter runs and pairs of words that occur in fewer sample questions say nothing about others."""
DIGEST: Final = 32
"""Bytes of SHA-256 that a kept file ends with."""
FORMAT: Final = f"clinic-kiosk weights 1, kiosk {__version__}"


def weights_for(phrasebook: Phrasebook, cache: Path) -> Weights:
    """Return the weights for `phrasebook`, from the folder `cache` if they are there, else learned and kept."""
    path = cache / f"weights-{phrasebook.fingerprint[:16]}.bin"
    kept = _read(path)
    if kept is not None:
        return kept
    learned = learn(phrasebook)
    _keep(learned, path)
    return learned


def learn(phrasebook: Phrasebook) -> Weights:
    """Return weights learned from the phrasebook's examples."""
    rows = Sample(phrasebook)
    return rows.fit()


class Sample:
    """The examples as features: what learning works on."""

    def __init__(self, phrasebook: Phrasebook) -> None:
        self.examples: Sequence[Example] = phrasebook.examples
        self.labels = (*phrasebook.intents, NONE)
        tokens = [words(example.text) for example in self.examples]
        self.counts = _counts(self.examples, tokens)
        vocabulary = Vocabulary(phrasebook.concepts, frozenset(self.counts))
        self.features = [
            extract(said, vocabulary.stems_of(said), vocabulary.find(said), self.counts, own=int(_counts_for_itself(example)))
            for example, said in zip(self.examples, tokens, strict=True)
        ]

    def fit(self) -> Weights:
        """Return the weights of one linear classifier a label, each against all others."""
        # Loaded here: together they take a second, and answering does without.
        import numpy as np  # noqa: PLC0415
        from scipy.sparse import csr_matrix  # noqa: PLC0415
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
        from sklearn.svm import LinearSVC  # noqa: PLC0415

        index, rarity = _index(self.features)
        columns, data, ends, targets = [], [], [0], []
        for example, feature in zip(self.examples, self.features, strict=True):
            row = values(feature, index, rarity)
            # A question with two topics is an example of each.
            for label in example.intents or (NONE,):
                columns += [column for column, _ in row]
                data += [value for _, value in row]
                ends.append(len(columns))
                targets.append(self.labels.index(label))
        matrix = csr_matrix((data, columns, ends), shape=(len(targets), len(rarity)))
        machine = LinearSVC(C=SOFTNESS, dual=True, tol=TOLERANCE, max_iter=PASSES, class_weight="balanced", random_state=0)
        with warnings.catch_warnings():
            # It is stopped early on purpose: more passes bring no better answers.
            warnings.simplefilter("ignore", ConvergenceWarning)
            machine.fit(matrix, targets)
        present = tuple(self.labels[number] for number in machine.classes_)
        return Weights(
            labels=present,
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


def _is_common_kind(name: str) -> bool:
    return name.startswith("letter:") or (name.startswith("word:") and " " in name)


def _index(sample: Sequence[Features]) -> tuple[dict[str, int], array[float]]:
    frequency: Counter[str] = Counter()
    for feature in sample:
        for block, names in feature.items():
            frequency.update(f"{block}:{name}" for name in names)
    kept = sorted(name for name, count in frequency.items() if count >= FEWEST or not _is_common_kind(name))
    rarity = array("f", (1 + log((1 + len(sample)) / (1 + frequency[name])) for name in kept))
    return {name: row for row, name in enumerate(kept)}, rarity


# --- keeping: a line of JSON that describes, then the numbers, then a digest of it all ---------------
def _keep(weights: Weights, path: Path) -> None:
    names = sorted(weights.index, key=weights.index.__getitem__)
    head = {"format": FORMAT, "labels": weights.labels, "names": names, "counts": dict(weights.counts)}
    body = json.dumps(head).encode() + b"\n" + weights.rarity.tobytes() + weights.rows.tobytes() + weights.bias.tobytes()
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(body + hashlib.sha256(body).digest())
        os.replace(aside, path)
    except OSError:
        # A full or read-only disk costs two seconds at the next start, no more.
        with suppress(OSError):
            aside.unlink()
        return
    for old in path.parent.glob("weights-*.bin"):
        if old != path:
            old.unlink(missing_ok=True)


def _read(path: Path) -> Weights | None:
    """Return the weights kept in a file, None if there are none or they cannot be relied on."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    body, digest = raw[:-DIGEST], raw[-DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        return None
    try:
        return _parsed(body)
    except (ValueError, KeyError, TypeError):
        return None  # whole, but another program's or another version's


def _parsed(body: bytes) -> Weights:
    line = body.index(b"\n")
    head = json.loads(body[:line])
    if head["format"] != FORMAT:
        raise ValueError(head["format"])
    numbers = array("f", body[line + 1 :])
    height, width = len(head["names"]), len(head["labels"])
    return Weights(
        labels=tuple(head["labels"]),
        index={name: row for row, name in enumerate(head["names"])},
        rarity=numbers[:height],
        rows=numbers[height : height + height * width],
        bias=numbers[height + height * width :],
        counts=head["counts"],
    )
