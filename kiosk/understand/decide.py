"""From scores to an outcome: answer, ask back, or refuse.

Warning signs are looked for on their own and first: a false alarm costs a walk to the desk, a missed
one may cost a nerve. So an urgent intent needs only to come near the best, and is never asked back about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.terms import Candidate, Match, Phrasebook, Reasons, Unclear, Understanding, Unknown
from kiosk.understand.weights import NONE

# Margins between scores; docs/decisions/0005 has the table that they were chosen from.
SURE_OVER_NONE: Final = 0.40
"""An intent must beat "out of scope" by so much to be answered."""
URGENT_OVER_NONE: Final = 0.10
"""A warning sign may come so near to "out of scope" and still be answered."""
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
    scores: Mapping[str, float], both: tuple[str, str] | None, phrasebook: Phrasebook, reasons: Reasons
) -> Understanding:
    """Return what was understood from each label's score, and from the two topics of a compound question if any."""
    bands = _bands(scores, phrasebook)
    urgent = _urgent(bands)
    chosen = _first_the_urgent((*urgent, *both), phrasebook) if both else [*urgent, *_harmless(bands, urgent)]
    ranked = sorted((*bands.harmless, *bands.urgent), key=lambda pair: -pair[1])
    others = tuple(candidate(name, score, bands.none) for name, score in ranked if name not in chosen)[:CHOICES]
    if not chosen:
        return Unknown(others, reasons)
    candidates = tuple(candidate(name, scores[name], bands.none) for name in chosen)
    if _is_guess(chosen, scores, phrasebook) and others:
        return Unclear((*candidates, *others)[:CHOICES], reasons)
    return Match(candidates, others, reasons)


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


def _urgent(bands: Bands) -> list[str]:
    best = max((score for _, score in (*bands.harmless[:1], *bands.urgent[:1])), default=0.0)
    return [
        name
        for name, score in bands.urgent[:1]
        if score > bands.none + URGENT_OVER_NONE and score > best - URGENT_BELOW_BEST
    ]


def _harmless(bands: Bands, chosen: list[str]) -> list[str]:
    """Return the harmless intents to answer beside what was chosen: two topics at most in all."""
    near = max((score for _, score in (*bands.harmless[:1], *bands.urgent[:1])), default=0.0) - SECOND_BELOW_BEST
    sure = [name for name, score in bands.harmless if score > bands.none + SURE_OVER_NONE and score > near]
    return sure[: 2 - len(chosen)]


def _is_guess(chosen: list[str], scores: Mapping[str, float], phrasebook: Phrasebook) -> bool:
    return not phrasebook.intents[chosen[0]].urgent and scores[chosen[0]] < UNSURE
