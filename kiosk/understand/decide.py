"""From scores to an outcome: answer, ask back, or refuse.

Warning signs are looked for on their own and first: a false alarm costs a walk to the desk, a missed
one may cost a nerve. So an urgent intent needs only to come near the best, and is never asked back about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.terms import Candidate, Match, Phrasebook, Reasons, Unclear, Understanding, Unknown
from kiosk.understand.compound import Topics
from kiosk.understand.weights import NONE


@dataclass(frozen=True, slots=True)
class Margins:
    """What scores must reach."""

    sure_over_none: float
    """An intent must beat "out of scope" by so much to be answered."""
    alarm: float
    """A warning sign must reach so high an alarm (see `alarm`)."""


# docs/decisions/0005, 0008, 0044 and 0047 have the tables that these were chosen from.
TYPED: Final = Margins(sure_over_none=0.40, alarm=-0.23)
HEARD: Final = Margins(sure_over_none=0.25, alarm=-0.27)
"""What was heard is partly wrong, so the right intent stands out less."""
AGAINST_ALARM: Final = 0.25
"""How much of the score of "out of scope" speaks against a warning sign: other ailments share its words."""
URGENT_BELOW_BEST: Final = 0.20
"""A warning sign may lie so far below the best intent and is still answered first."""
SECOND_BELOW_BEST: Final = 0.50
"""A second intent this near the first is answered too."""
UNSURE: Final = -0.65
"""A best score below this is a guess: rather ask back."""
CHOICES: Final = 3
"""Intents to choose from when asking back."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Scores of an utterance, sorted for deciding."""

    harmless: tuple[tuple[str, float], ...]
    urgent: tuple[tuple[str, float], ...]
    none: float


def decide(
    scores: Mapping[str, float],
    parts: Topics,
    margins: Margins,
    phrasebook: Phrasebook,
    reasons: Reasons,
) -> Understanding:
    """Return what was understood from each label's score, and from what its parts are about."""
    bands = _bands(scores, phrasebook)
    urgent = _urgent(bands, margins) or [name for name in parts.sure if phrasebook.intents[name].urgent][:1]
    chosen = [*urgent, *_harmless(bands, urgent, margins)]
    if parts.both:
        chosen = _first_the_urgent((*urgent, *parts.both), phrasebook)
    elif not chosen:
        chosen = list(parts.sure[:1])
    ranked = sorted((*bands.harmless, *bands.urgent), key=lambda pair: -pair[1])
    others = tuple(candidate(name, score, bands.none) for name, score in ranked if name not in chosen)[:CHOICES]
    if not chosen:
        return Unknown(others, reasons)
    candidates = tuple(candidate(name, scores[name], bands.none) for name in chosen)
    if parts.sure or not _is_guess(chosen, scores, phrasebook):
        return Match(candidates, others, reasons)
    # Nobody is asked back about a warning sign: one that is likelier than the guess is answered, another is no choice.
    likelier = [candidate(name, score, bands.none) for name, score in bands.urgent[:1] if score > scores[chosen[0]]]
    if likelier:
        return Match(tuple(likelier), (), reasons)
    harmless = [each for each in others if not phrasebook.intents[each.intent].urgent]
    return Unclear((*candidates, *harmless)[:CHOICES], reasons) if harmless else Match(candidates, others, reasons)


def _first_the_urgent(names: Iterable[str], phrasebook: Phrasebook) -> list[str]:
    """Return each name once, warning signs first; two at most, unless there are more warning signs."""
    ordered = sorted(dict.fromkeys(names), key=lambda name: not phrasebook.intents[name].urgent)
    count = sum(phrasebook.intents[name].urgent for name in ordered)
    return ordered[: max(2, count)]


def candidate(intent: str, score: float, none: float) -> Candidate:
    """Return an intent with its score of 0 to 100: 50 where it equals "out of scope"."""
    return Candidate(intent, round(min(max(50 + 40 * (score - none), 0), 100), 1))


def _bands(scores: Mapping[str, float], phrasebook: Phrasebook) -> Bands:
    ranked = sorted(((name, score) for name, score in scores.items() if name != NONE), key=lambda pair: -pair[1])
    return Bands(
        harmless=tuple(pair for pair in ranked if not phrasebook.intents[pair[0]].urgent),
        urgent=tuple(pair for pair in ranked if phrasebook.intents[pair[0]].urgent),
        none=scores.get(NONE, -1.0),
    )


def alarm(score: float, none: float) -> float:
    """Return how much a warning sign's score alarms, beside that of "out of scope"."""
    return score - AGAINST_ALARM * none


def _urgent(bands: Bands, margins: Margins) -> list[str]:
    best = max((score for _, score in (*bands.harmless[:1], *bands.urgent[:1])), default=0.0)
    return [
        name
        for name, score in bands.urgent[:1]
        if alarm(score, bands.none) > margins.alarm and score > best - URGENT_BELOW_BEST
    ]


def _harmless(bands: Bands, chosen: list[str], margins: Margins) -> list[str]:
    """Return the harmless intents to answer beside what was chosen: two topics at most in all."""
    near = max((score for _, score in (*bands.harmless[:1], *bands.urgent[:1])), default=0.0) - SECOND_BELOW_BEST
    sure = [name for name, score in bands.harmless if score > bands.none + margins.sure_over_none and score > near]
    return sure[: 2 - len(chosen)]


def _is_guess(chosen: list[str], scores: Mapping[str, float], phrasebook: Phrasebook) -> bool:
    return not phrasebook.intents[chosen[0]].urgent and scores[chosen[0]] < UNSURE
