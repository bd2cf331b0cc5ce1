"""Why the kiosk understood what it did, in words that staff can follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kiosk.terms import Match, Transcript, Unclear, Understanding, Unknown
from kiosk.understand.decide import HEARD, TYPED, Margins, alarm
from kiosk.understand.durations import durations
from kiosk.understand.normalise import words
from kiosk.understand.weights import NONE, Weights

if TYPE_CHECKING:
    from kiosk.understand import Understander

REMARKS: Final = 4
"""Words or concepts that are told for an intent."""
LEAST: Final = 0.05
"""A share smaller than this tipped nothing."""


def explain(understanding: Understanding, transcript: Transcript, understander: Understander) -> list[str]:
    """Return lines that tell what was heard, what was found in it, how the intents scored, and what tipped it."""
    best, *others = transcript.readings
    said = words(best.words)
    weights = understander.learned.heard if transcript.heard else understander.learned.typed
    lines = [f"  heard      {' '.join(said) or '(nothing)'}"]
    lines += [f"  or         {' '.join(words(other.words))} ({other.chance:.0%})" for other in others]
    lines += _found(said, understander)
    scores = understander.scores(said, weights) if said else {}
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])[:REMARKS]
    lines += [f"  score      {score:+.2f} {_called(name)}" for name, score in ranked]
    lines += _alarm(understanding, scores, HEARD if transcript.heard else TYPED, understander)
    lines += _tipped(understanding, said, weights, understander)
    lines += [f"  like       {question}" for question in (understander.nearest(said) if said else ())]
    return [*lines, f"  so         {_outcome(understanding)}"]


def _found(said: list[str], understander: Understander) -> list[str]:
    concepts = [f"  concept    {entry.concept}: {entry.words!r}" for entry in understander.vocabulary.find(said)]
    times = [
        f"  time       {duration.words!r}: {'beyond' if duration.beyond_a_day else 'within'} 24 hours"
        for duration in durations(said)[:1]
    ]
    return concepts + times


def _alarm(
    understanding: Understanding, scores: Mapping[str, float], margins: Margins, understander: Understander
) -> list[str]:
    """Tell by how much a warning sign alarms, where one was found: it need not beat "out of scope"."""
    found = understanding.candidates if isinstance(understanding, Match) else ()
    intents = understander.phrasebook.intents
    signs = [each.intent for each in found if intents[each.intent].urgent and each.intent in scores]
    alarms = {name: alarm(scores[name], scores.get(NONE, -1.0)) for name in signs}
    return [f"  alarm      {value:+.2f} {name} (from {margins.alarm:+.2f} on)" for name, value in alarms.items()]


def _tipped(understanding: Understanding, said: list[str], weights: Weights, understander: Understander) -> list[str]:
    if isinstance(understanding, Unknown):
        return _why(NONE, said, weights, understander)
    return [line for found in understanding.candidates for line in _why(found.intent, said, weights, understander)]


def _why(label: str, said: list[str], weights: Weights, understander: Understander) -> list[str]:
    if not said:
        return []
    shares = weights.share(understander.features(said), label)[:REMARKS]
    told = ", ".join(f"{name.lstrip('?')!r} {share:+.2f}" for name, share in shares if share >= LEAST)
    return [f"  for        {_called(label)}: {told}"] if told else []


def _called(label: str) -> str:
    return "out of scope" if label == NONE else label


def _outcome(understanding: Understanding) -> str:
    match understanding:
        case Match(candidates):
            return "answer " + " and ".join(found.intent for found in candidates)
        case Unclear(candidates):
            return "ask back: " + ", ".join(found.intent for found in candidates)
        case Unknown():
            return "refuse: out of scope, or not understood"
