"""Learns the weights from the intent files, and keeps them by the files' content.

scikit-learn does the fitting, only when the files have changed, and in processes of its own that end
with it: the kiosk's process never holds it, and reads the kept weights with the standard library
alone. There is nothing to train by hand and no binary to ship; a kept file that is damaged or of
another version is simply learned anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from math import log
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from kiosk.learning import packed
from kiosk.learning.shelf import Shelf
from kiosk.terms import Example, KioskError, Phrasebook
from kiosk.understand import samples
from kiosk.understand.ending import Endings, tokens
from kiosk.understand.ending import features as endings_features
from kiosk.understand.features import BLOCKS, Features, extract
from kiosk.understand.normalise import stem, words
from kiosk.understand.vocabulary import Vocabulary, patterns
from kiosk.understand.weights import NONE, STRANGE, Index, Learned, Table, Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

SOFTNESS: Final = 0.5
"""C of the support vector machine; docs/decisions/0046 has the table."""
BALANCE: Final = 0.5
"""How far rare labels are made up for: 0 not at all, 1 until all labels weigh the same; docs/decisions/0008."""
TOLERANCE: Final = 0.01
PASSES: Final = 1000
"""The fit goes on until it hardly moves (about 60 passes): stopped after ten, it depends on the order of the samples,
and one more sample question moves the answers to 30 others; docs/decisions/0061."""
FEWEST: Final = 2
"""Letter runs and pairs of words that occur in fewer sample questions say nothing about others."""
TINY: Final = 1e-12
STEPS: Final = 32_767
"""In which the greatest weight is told: as many as two bytes have."""
FEWEST_SLIPS: Final = 3
"""Features that only misheard questions have must occur in so many of them."""
SLIP_TRUST: Final = 0.3
"""How much a misheard question counts beside one as it was said."""
ENDING_SOFTNESS: Final = 0.03
ENDING_TOLERANCE: Final = 0.1
ENDING_PASSES: Final = 300
FEWEST_ENDINGS: Final = 3
"""The same for how questions end; docs/decisions/0041."""
KIND: Final = "weights"
"""What the kept file is called."""
DRAFT: Final = "draft"
"""And that of content which may never be saved: it must not push out the weights that are needed at the next start."""
LEARNER: Final = "import sys; sys.path[:] = sys.argv[2:]; from kiosk.learning.learn import serve; serve(sys.argv[1])"
"""The program of a process that learns; it finds the same modules as this one."""


def learned_for(
    phrasebook: Phrasebook,
    cache: Path,
    report: Callable[[], None] = lambda: None,
    teach: Callable[[Phrasebook], Learned] | None = None,
    *,
    draft: bool = False,
) -> Learned:
    """Return what `phrasebook` teaches, from the folder `cache` if it is kept there, else learned and kept.

    `report` is called before learning, which takes some seconds. `teach` learns, by default `elsewhere`.
    draft: whether this content may never be saved; if it is, what was learned for the draft serves.
    """
    shelf = Shelf(cache, KIND, phrasebook.fingerprint)
    aside = Shelf(cache, DRAFT, phrasebook.fingerprint)
    kept = shelf.read(_parsed)
    if kept is not None:
        return kept
    learned = aside.read(_parsed)
    if learned is None:
        report()
        learned = (teach or elsewhere)(phrasebook)
    elif draft:
        return learned
    (aside if draft else shelf).keep(_body(learned))
    return learned


def elsewhere(phrasebook: Phrasebook) -> Learned:
    """Return what `learn` returns, learned by two other processes at once; raises `KioskError` if one fails.

    They end with all the memory that learning takes. Both together need two thirds of the time.
    """
    with ExitStack() as stack:
        learners = [stack.enter_context(_Learner(phrasebook, kind)) for kind in ("typed", "heard")]
        (typed, table, endings), (heard,) = [packed.parted(learner.result()) for learner in learners]
    known = packed.read_table(table)
    both = packed.read_weights(typed, known), packed.read_weights(heard, known)
    return _learned(phrasebook, *both, packed.read_endings(endings))


def learn(phrasebook: Phrasebook) -> Learned:
    """Return what the phrasebook's examples teach: without the misheard ones, and with them."""
    sample = Sample(phrasebook)
    # One after the other: liblinear has one random generator for all threads, and two fits at once
    # take numbers from each other, so that the same files would teach something else each time.
    typed, heard = sample.fit(misheard=False), sample.fit(misheard=True)
    return _learned(phrasebook, typed, heard, learned_endings(phrasebook))


def _learned(phrasebook: Phrasebook, typed: Weights, heard: Weights, endings: Endings) -> Learned:
    return Learned(typed, heard, samples(phrasebook), phrasebook.fingerprint, endings, patterns(phrasebook.concepts))


def learned_endings(phrasebook: Phrasebook) -> Endings:
    """Return how sample questions end: each is an example, and each of its beginnings a counterexample."""
    # In scope alone: whom the kiosk refuses may wait a second longer (docs/decisions/0041).
    said = [tokens(example.text) for example in phrasebook.examples if _counts_for_itself(example)]
    cut = [(question[:end], end == len(question)) for question in said for end in range(len(question), 0, -1)]
    names = [endings_features(words) for words, _ in cut]
    often = Counter(chain.from_iterable(names))
    index = {name: row for row, name in enumerate(sorted(name for name in often if often[name] >= FEWEST_ENDINGS))}
    rows = [sorted(index[name] for name in each if name in index) for each in names]
    weights, bias = _fit_endings(rows, [finished for _, finished in cut], len(index))
    return Endings("\n".join(index), weights, bias)


def _fit_endings(rows: Sequence[Sequence[int]], finished: Sequence[bool], width: int) -> tuple[array[float], float]:
    """Return one weight a feature, and the bias; `rows` are the features of each example."""
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=ends[-1])
    matrix = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), width))
    machine = LinearSVC(
        C=ENDING_SOFTNESS,
        dual=True,
        tol=ENDING_TOLERANCE,
        max_iter=ENDING_PASSES,
        class_weight="balanced",
        random_state=0,
    )
    with _stopped_early():
        machine.fit(matrix, finished)
    return array("f", machine.coef_[0].astype(np.float32).tobytes()), float(machine.intercept_[0])


@contextmanager
def _stopped_early() -> Iterator[None]:
    """Fit without a warning that it was stopped early: staff could do nothing about it."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def serve(kind: str) -> None:
    """Learn from the phrasebook on standard input, and write what was learned to standard output; see `_Learner`.

    kind: "typed" tells the table, which is the same for both, and learns how questions end, too.
    """
    phrasebook = packed.read_phrasebook(sys.stdin.buffer.read())
    sample = Sample(phrasebook)
    made = [packed.weights_bytes(sample.fit(misheard=kind == "heard"))]
    if kind == "typed":
        made += [packed.table_bytes(sample.table), packed.endings_bytes(learned_endings(phrasebook))]
    sys.stdout.buffer.write(packed.joined(*made))


class _Learner:
    """A process that learns one set of weights. Leaving the context ends it, whatever it is doing."""

    def __init__(self, phrasebook: Phrasebook, kind: str) -> None:
        self._given = packed.phrasebook_bytes(phrasebook)
        self._kind = kind

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            (sys.executable, "-c", LEARNER, self._kind, *sys.path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # more would only cost memory
            start_new_session=True,  # Ctrl-C is for the kiosk, which then ends this
        )
        assert self._process.stdin
        with suppress(OSError), self._process.stdin as stdin:  # if it is gone, `result` tells
            stdin.write(self._given)
        return self

    def result(self) -> bytes:
        """Wait for what was learned; raises `KioskError` if the process failed."""
        assert self._process.stdout
        told = self._process.stdout.read()
        if self._process.wait():
            raise KioskError(
                "The sample questions could not be learned: the process that learns them ended too early.",
                "It needs 0.3 GB of memory, twice. Close other programs, and start the kiosk again.",
            )
        return told

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.__exit__(kind, error, at)  # closes the pipes and waits


class Sample:
    """The examples as features: what learning works on."""

    def __init__(self, phrasebook: Phrasebook) -> None:
        self.examples: Sequence[Example] = phrasebook.examples
        self.labels = (*phrasebook.intents, NONE)
        tokens = [words(example.text) for example in self.examples]
        counts = _counts(self.examples, tokens)
        vocabulary = Vocabulary(patterns(phrasebook.concepts), frozenset(counts))
        self.features = [
            extract(said, stems, vocabulary.find(said, stems), counts, own=int(_counts_for_itself(example)))
            for example, said in zip(self.examples, tokens, strict=True)
            for stems in (vocabulary.stems_of(said),)
        ]
        names, self._rarity = _rows(self.features, [example.misheard for example in self.examples])
        self.table = Table({block: "\n".join(listed) for block, listed in names.items()}, counts)

    def fit(self, *, misheard: bool) -> Weights:
        """Return the weights of one linear classifier a label, each against all others.

        misheard: whether the misheard examples are learned from too.
        """
        # Loaded here: together they take a second, and answering does without.
        import numpy as np  # noqa: PLC0415
        from sklearn.svm import LinearSVC  # noqa: PLC0415

        rows = [row for row, example in enumerate(self.examples) if misheard or not example.misheard]
        rarity = self._rarity[misheard]
        features = [self.features[row] for row in rows]
        matrix = _matrix(features, self.table.index, np.frombuffer(rarity, dtype=np.float32))
        # A question with two topics is an example of each.
        pairs = [(at, label) for at, row in enumerate(rows) for label in self.examples[row].intents or (NONE,)]
        wanted = [self.labels.index(label) for _, label in pairs]
        machine = LinearSVC(
            C=SOFTNESS, dual=True, tol=TOLERANCE, max_iter=PASSES, class_weight=_balanced(wanted), random_state=0
        )
        trust = [SLIP_TRUST if self.examples[rows[at]].misheard else 1.0 for at, _ in pairs]
        with _stopped_early():
            machine.fit(matrix[[at for at, _ in pairs]], wanted, trust)
        step = float(np.abs(machine.coef_).max() / STEPS) or 1.0
        return Weights(
            labels=tuple(self.labels[number] for number in machine.classes_),
            table=self.table,
            rarity=rarity,
            rows=array("h", np.rint(machine.coef_.T / step).astype(np.int16).tobytes()),
            step=step,
            bias=array("f", machine.intercept_.astype(np.float32).tobytes()),
        )


def _balanced(labels: Sequence[int]) -> dict[int, float]:
    """Return how much an example of each label counts, so that rare ones are not drowned."""
    counts = Counter(labels)
    return {label: (len(labels) / (len(counts) * count)) ** BALANCE for label, count in counts.items()}


def _counts_for_itself(example: Example) -> bool:
    """Whether its words count as a patient's: out-of-scope and misheard ones do not."""
    return bool(example.intents) and not example.misheard


def _counts(examples: Iterable[Example], tokens: Iterable[Sequence[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for example, said in zip(examples, tokens, strict=True):
        if _counts_for_itself(example):
            counts.update({stem(word) for word in said})
    return counts


def _rows(
    sample: Sequence[Features], misheard: Sequence[bool]
) -> tuple[dict[str, list[str]], tuple[array[float], array[float]]]:
    """Return each block's features in the order of their rows; and by row their inverse document frequency twice.

    First without the misheard questions, `STRANGE` where too few others have a feature; then with them.
    """
    names: dict[str, list[str]] = {}
    rarities = array("f"), array("f")
    sizes = len(misheard) - sum(misheard), len(misheard)
    for block in BLOCKS:
        frequency = Counter(chain.from_iterable(features[block] for features in sample))
        heard = [features[block] for features, wrong in zip(sample, misheard, strict=True) if wrong]
        slips = Counter(chain.from_iterable(heard))
        names[block] = []
        for name in sorted(frequency):
            each = frequency[name] - slips[name], frequency[name]
            fewest = FEWEST if _is_common_kind(block, name) else 1
            # A recogniser's slip must recur before it means anything.
            if each[1] < (fewest if each[0] else FEWEST_SLIPS):
                continue
            names[block].append(name)
            enough = each[0] >= fewest, True
            for rarity, often, size, known in zip(rarities, each, sizes, enough, strict=True):
                rarity.append(1 + log((1 + size) / (1 + often)) if known else STRANGE)
    return names, rarities


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
        plain.sort_indices()  # names come in another order in every process, and sums depend on it
        squares = np.asarray(plain.multiply(plain).sum(axis=1)).ravel() + strangers * STRANGE**2
        scale = weight / np.sqrt(np.maximum(squares, TINY))
        plain.data *= np.repeat(scale, lengths).astype(np.float32)
        plain.data[rarity[plain.indices] == STRANGE] = 0  # they count as strangers
        plain.eliminate_zeros()
        blocks.append(plain)
    return sum(blocks[1:], start=blocks[0])


# --- what is kept ---
def _body(learned: Learned) -> bytes:
    return packed.joined(
        packed.samples_bytes(learned.samples),
        learned.source.encode(),
        packed.endings_bytes(learned.endings),
        packed.patterns_bytes(learned.patterns),
        packed.table_bytes(learned.typed.table),
        packed.weights_bytes(learned.typed),
        packed.weights_bytes(learned.heard),
    )


def _parsed(body: memoryview) -> Learned:
    known, source, endings, expressions, names, typed, heard = packed.parted(body)
    table = packed.read_table(names)
    return Learned(
        packed.read_weights(typed, table),
        packed.read_weights(heard, table),
        packed.read_samples(known),
        bytes(source).decode(),
        packed.read_endings(endings),
        packed.read_patterns(expressions),
    )
