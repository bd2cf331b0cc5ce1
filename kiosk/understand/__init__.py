"""Understands what a patient said: words in, intents out, and why.

The idea in prose: docs/understanding.md. The way: `normalise` the words; find `durations` and the
concepts of the `vocabulary`; make `features` of them; let the learned `weights` score every intent;
`decide`. Pure: no file, clock, device or network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rapidfuzz import fuzz, process

from kiosk.terms import Match, Phrasebook, Reasons, Transcript, Understanding, Unknown
from kiosk.understand.compound import Halves, cuts, topics
from kiosk.understand.decide import AGAINST_ALARM, HEARD, TYPED, alarm, candidate, decide
from kiosk.understand.features import Features, extract
from kiosk.understand.normalise import words
from kiosk.understand.vocabulary import Vocabulary, patterns
from kiosk.understand.weights import NONE, Learned, Weights

MOST_READINGS: Final = 8
"""Readings that are judged, the likeliest ones; of questions heard there are five on average."""
ALONE_LOSES: Final = 0.3
"""What a warning sign loses that only one of the readings has; docs/decisions/0045."""


class Understander:
    """Understands utterances with one phrasebook and the weights learned from it."""

    def __init__(self, phrasebook: Phrasebook, learned: Learned) -> None:
        self.phrasebook = phrasebook
        self.learned = learned
        same = learned.source == phrasebook.fingerprint
        expressions = learned.patterns if same else patterns(phrasebook.concepts)
        self.vocabulary = Vocabulary(expressions, frozenset(learned.typed.table.counts))
        self._samples = learned.samples if same else samples(phrasebook)

    def understand(self, transcript: Transcript) -> Understanding:
        """Return what was said, judged over the likeliest readings; never raises, whatever the text."""
        chances = _said(transcript)
        if not chances:
            return Unknown(reasons=Reasons(heard="", tipped=("Nothing was said.",)))
        readings = list(chances)
        reasons = Reasons(heard=" ".join(readings[0]))
        known = self._labelled(readings)
        if known is not None:
            return self._as_labelled(known, reasons)
        weights, margins = (self.learned.heard, HEARD) if transcript.heard else (self.learned.typed, TYPED)
        scores = self._over_readings([self.scores(said, weights) for said in readings], list(chances.values()))
        halves = [
            Halves(self.scores(cut.before, weights), self.scores(cut.after, weights), cut.joined)
            for cut in cuts(readings[0])
        ]
        return decide(scores, topics(scores, halves), margins, self.phrasebook, reasons)

    def knows(self, text: str) -> bool:
        """Return whether `text` is one of the sample questions, word for word."""
        return " ".join(words(text)) in self._samples

    def scores(self, said: Sequence[str], weights: Weights | None = None) -> Mapping[str, float]:
        """Return each label's score for normalised words, by default with the weights for what was typed."""
        weights = weights or self.learned.typed
        return weights.scores(self.features(said))

    def features(self, said: Sequence[str]) -> Features:
        """Return the features of normalised words."""
        stems = self.vocabulary.stems_of(said)
        return extract(said, stems, self.vocabulary.find(said, stems), self.learned.typed.table.counts)

    def nearest(self, said: Sequence[str], count: int = 3) -> tuple[str, ...]:
        """Return the sample questions most like normalised words; for explaining."""
        best = process.extract(" ".join(said), self.phrasebook.questions, scorer=fuzz.token_sort_ratio, limit=count)
        return tuple(text for text, _, _ in best)

    def _over_readings(self, each: Sequence[Mapping[str, float]], chances: Sequence[float]) -> Mapping[str, float]:
        """Return the scores to be expected over all readings; but what one of them clearly warns of leads."""
        whole = sum(chances)
        means = {
            name: sum(chance * scores[name] for chance, scores in zip(chances, each, strict=True)) / whole
            for name in each[0]
        }
        against = AGAINST_ALARM * means.get(NONE, -1.0)
        for name in filter(self._is_urgent, means):
            clearest = max(alarm(scores[name], scores.get(NONE, -1.0)) for scores in each)
            means[name] = max(means[name], against + clearest - ALONE_LOSES)
        return means

    def _labelled(self, readings: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
        """Return the intents of a sample question: of a warning sign in any reading, else of the likeliest's."""
        first, *later = (self._samples.get(" ".join(said)) for said in readings)
        warnings = (known for known in (first, *later) if known and any(map(self._is_urgent, known)))
        return next(warnings, first)

    def _is_urgent(self, label: str) -> bool:
        return label != NONE and self.phrasebook.intents[label].urgent

    def _as_labelled(self, intents: Sequence[str], reasons: Reasons) -> Understanding:
        if not intents:
            return Unknown(reasons=reasons)
        order = sorted(intents, key=lambda name: not self.phrasebook.intents[name].urgent)
        return Match(tuple(candidate(name, 1.25, 0.0) for name in order), reasons=reasons)


def _said(transcript: Transcript) -> dict[tuple[str, ...], float]:
    """Return the normalised words of the likeliest readings that have any, and how likely each is, likeliest first."""
    chances: dict[tuple[str, ...], float] = {}
    for reading in transcript.readings[:MOST_READINGS]:
        if said := tuple(words(reading.words)):
            chances[said] = chances.get(said, 0.0) + reading.chance
    return dict(sorted(chances.items(), key=lambda pair: -pair[1]))


def samples(phrasebook: Phrasebook) -> Mapping[str, tuple[str, ...]]:
    """Return each sample question's normalised words, and the intents that answer it."""
    return {" ".join(words(example.text)): example.intents for example in phrasebook.examples}
