"""Understands what a patient said: words in, intents out, and why.

The idea in prose: docs/understanding.md. The way: `normalise` the words; find `durations` and the
concepts of the `vocabulary`; make `features` of them; let the learned `weights` score every intent;
`decide`. Pure: no file, clock, device or network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final

from rapidfuzz import fuzz, process

from kiosk.terms import Match, Phrasebook, Reasons, Transcript, Understanding, Unknown
from kiosk.understand.compound import parts, two_topics
from kiosk.understand.decide import candidate, decide
from kiosk.understand.features import Features, extract
from kiosk.understand.normalise import words
from kiosk.understand.vocabulary import Found, Vocabulary
from kiosk.understand.weights import NONE, Weights

READINGS: Final = 3
"""Lines of the recogniser's n-best list that are considered."""


class Understander:
    """Understands utterances with one phrasebook and the weights learned from it."""

    def __init__(self, phrasebook: Phrasebook, weights: Weights) -> None:
        self.phrasebook = phrasebook
        self.weights = weights
        self.vocabulary = Vocabulary(phrasebook.concepts, frozenset(weights.counts))
        self._samples = {tuple(words(example.text)): example.intents for example in phrasebook.examples}

    def understand(self, transcript: Transcript) -> Understanding:
        """Return what was said, judged over the likeliest readings; never raises, whatever the text."""
        readings = [said for text in transcript.readings[:READINGS] if (said := words(text))]
        if not readings:
            return Unknown(reasons=Reasons(heard="", tipped=("Nothing was said.",)))
        reasons = Reasons(heard=" ".join(readings[0]))
        known = self._samples.get(tuple(readings[0]))
        if known is not None:
            return self._as_labelled(known, reasons)
        halves = ((self.scores(before), self.scores(after)) for before, after in parts(readings[0]))
        scores = self._scores(readings)
        return decide(scores, two_topics(scores, halves), self.phrasebook, reasons)

    def scores(self, said: Sequence[str]) -> Mapping[str, float]:
        """Return each label's score for normalised words."""
        return self.weights.scores(self.features(said))

    def features(self, said: Sequence[str], found: Sequence[Found] | None = None) -> Features:
        """Return the features of normalised words."""
        found = self.vocabulary.find(said) if found is None else found
        return extract(said, self.vocabulary.stems_of(said), found, self.weights.counts)

    def nearest(self, said: Sequence[str], count: int = 3) -> tuple[str, ...]:
        """Return the sample questions most like normalised words; for explaining."""
        best = process.extract(" ".join(said), self.phrasebook.questions, scorer=fuzz.token_sort_ratio, limit=count)
        return tuple(text for text, _, _ in best)

    def _scores(self, readings: Sequence[Sequence[str]]) -> Mapping[str, float]:
        """Return the scores over all readings: on average, a warning sign as the likeliest reading has it if higher."""
        each = [self.scores(said) for said in readings]
        return {
            name: max(mean, score) if self._is_urgent(name) else mean
            for name, score in each[0].items()
            for mean in (fmean(scores[name] for scores in each),)
        }

    def _is_urgent(self, label: str) -> bool:
        return label != NONE and self.phrasebook.intents[label].urgent

    def _as_labelled(self, intents: Sequence[str], reasons: Reasons) -> Understanding:
        if not intents:
            return Unknown(reasons=reasons)
        order = sorted(intents, key=lambda name: not self.phrasebook.intents[name].urgent)
        return Match(tuple(candidate(name, 1.25, 0.0) for name in order), reasons=reasons)
