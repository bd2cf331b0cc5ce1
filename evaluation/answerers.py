"""The kiosk and its rivals, all behind one question: what do you reply to this.

The rivals learn from the same samples as the kiosk: those that were typed, and for questions that were
heard also those that were misheard. Classifiers name one intent each time.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from rapidfuzz import fuzz, process
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from evaluation.judge import Reply
from evaluation.minilm import MiniLM, Numbers, folder
from evaluation.questions import NONE
from kiosk.converse.conversation import Memory, reply
from kiosk.terms import Example, Phrasebook, Transcript
from kiosk.understand import Understander
from kiosk.understand.weights import Learned

CUTS: Final = (60, 75)
"""Of 100: below it, whole-sentence matching refuses; the usual one, and a strict one."""
SOFTNESS: Final = 10.0
"""C of the rivals' logistic regressions: the best of 1, 10 and 100. To balance the classes made them refuse less."""


class Answerer(Protocol):
    """Something that answers questions."""

    name: str

    def reply(self, said: Transcript) -> Reply:
        """Return the reply to one question of a new patient."""


class Kiosk:
    """The kiosk itself, as `kiosk ask` answers."""

    def __init__(self, phrasebook: Phrasebook, weights: Learned, name: str = "the kiosk") -> None:
        self.name = name
        self._understander = Understander(phrasebook, weights)

    def reply(self, said: Transcript) -> Reply:
        """Return the reply to one question of a new patient."""
        return Reply.of(reply(said, Memory(), self._understander)[0])


class WholeSentence:
    """rapidfuzz's `extractOne` with `token_set_ratio`: the nearest sample question decides.

    Without the out-of-scope samples: refusing is left to the cut, as is usual, and among them are single
    words, which `token_set_ratio` finds at 100 in every other question.
    """

    def __init__(self, phrasebook: Phrasebook, cut: float) -> None:
        self.name = f"extractOne, cut {cut:.0f}"
        samples = [example for example in phrasebook.examples if example.intents]
        self._samples = [example.text for example in samples]
        self._intents = [example.intents for example in samples]
        self._urgent = urgent(phrasebook)
        self._cut = cut

    def reply(self, said: Transcript) -> Reply:
        """Return the reply to one question of a new patient."""
        best = process.extractOne(said.text.lower(), self._samples, scorer=fuzz.token_set_ratio, score_cutoff=self._cut)
        if best is None:
            return Reply("unknown")
        _, score, place = best
        return _named(self._intents[place], score, self._urgent)


class Classifier:
    """Logistic regression over vectors of the text."""

    def __init__(self, name: str, phrasebook: Phrasebook, vectors: Any, encode: Any) -> None:  # noqa: ANN401 - sparse or dense
        """Learn from `vectors`, one row a sample of `samples(phrasebook)`; `encode` makes more of texts."""
        self.name = name
        self._encode = encode
        self._urgent = urgent(phrasebook)
        self._machine = LogisticRegression(C=SOFTNESS, max_iter=200)
        with warnings.catch_warnings():
            # A little short of the optimum makes no difference here, and 200 passes are long enough.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._machine.fit(vectors, [label for _, label in samples(phrasebook)])

    def reply(self, said: Transcript) -> Reply:
        """Return the reply to one question of a new patient."""
        chances = self._machine.predict_proba(self._encode([said.text.lower()]))[0]
        place = int(np.argmax(chances))
        label = str(self._machine.classes_[place])
        return _named(() if label == NONE else (label,), 100 * float(chances[place]), self._urgent)


def tfidf(phrasebook: Phrasebook) -> Classifier:
    """Return logistic regression over words, pairs of words and runs of letters."""
    union = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=str.split, token_pattern=None)),
            ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)),
        ]
    )
    vectors = union.fit_transform([text.lower() for text, _ in samples(phrasebook)])
    return Classifier("TF-IDF + logistic regression", phrasebook, vectors, union.transform)


def minilm(phrasebook: Phrasebook, cache: Path) -> Classifier:
    """Return logistic regression over MiniLM's embeddings; raises `KioskError` if MiniLM is not installed."""
    network = MiniLM(folder())
    vectors = _kept_vectors(network, [text.lower() for text, _ in samples(phrasebook)], cache)
    return Classifier("MiniLM + logistic regression", phrasebook, vectors, network.vectors)


def samples(phrasebook: Phrasebook) -> list[tuple[str, str]]:
    """Return (text, label) of every sample; one with two topics counts for each."""
    return [(example.text, label) for example in phrasebook.examples for label in _labels(example)]


def urgent(phrasebook: Phrasebook) -> frozenset[str]:
    """Return the intents that are warning signs."""
    return frozenset(name for name, intent in phrasebook.intents.items() if intent.urgent)


def _labels(example: Example) -> Sequence[str]:
    return example.intents or (NONE,)


def _named(intents: Sequence[str], score: float, alarms: frozenset[str]) -> Reply:
    outcome: Mapping[bool, Any] = {True: "answer", False: "unknown"}
    return Reply(outcome[bool(intents)], tuple(intents), bool(alarms & set(intents)), score)


def _kept_vectors(network: MiniLM, texts: Sequence[str], cache: Path) -> Numbers:
    """Return the texts' vectors, one a row; each is made once and kept, since to make all takes minutes."""
    file = cache / "minilm.npz"
    kept: dict[str, Numbers] = {}
    if file.is_file():
        with np.load(file) as arrays:
            kept = dict(zip(arrays["texts"].tolist(), arrays["vectors"], strict=True))
    missing = sorted(set(texts) - kept.keys())
    if missing:
        kept |= zip(missing, network.vectors(missing), strict=True)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(file, texts=np.array(list(kept)), vectors=np.stack(list(kept.values())))
    return np.stack([kept[text] for text in texts])
