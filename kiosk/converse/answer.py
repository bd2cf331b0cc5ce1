"""What the patient is told for what was understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from kiosk.terms import Answer, Candidate, Intent, Match, Phrasebook, Unclear, Understanding, Unknown

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def answer(understanding: Understanding, phrasebook: Phrasebook) -> Answer:
    """Return what to say and show for an outcome of `understand`."""
    match understanding:
        case Match(candidates, others):
            return _answered(candidates, others, phrasebook)
        case Unclear(candidates):
            return _ask_back(candidates, phrasebook)
        case Unknown(others):
            return Answer(phrasebook.replies["unknown"], "unknown", alternatives=others)
    assert_never(understanding)


def told(intent: Intent, score: float = 100.0) -> Answer:
    """Return the answer of one intent, as when a patient touches its button."""
    return Answer(intent.answer, "answer", (intent.id,), urgent=intent.urgent, score=score, related=intent.related)


def _answered(candidates: Sequence[Candidate], others: Sequence[Candidate], phrasebook: Phrasebook) -> Answer:
    intents = [phrasebook.intents[candidate.intent] for candidate in candidates]
    warnings = {intent.id for intent in intents if intent.urgent}
    # A calming answer beside a warning sign could talk somebody out of asking for help.
    left_out = [intent for intent in intents if warnings and intent.reassuring]
    tellable = [intent for intent in intents if intent not in left_out]
    parts = [intent.answer for intent in tellable]
    # What leads on to the warning is its calm version ("gone to sleep, and since sunday"): no question of its own.
    if any(not warnings.intersection(intent.related) for intent in left_out):
        parts.append(phrasebook.replies["about_the_rest"])
    ids = tuple(intent.id for intent in tellable)
    related = tuple(dict.fromkeys(name for intent in tellable for name in intent.related if name not in ids))
    return Answer(
        text=_joined(parts),
        outcome="answer",
        intents=ids,
        urgent=bool(warnings),
        score=candidates[0].score,
        related=related,
        alternatives=tuple(others),
    )


def _ask_back(candidates: Sequence[Candidate], phrasebook: Phrasebook) -> Answer:
    ids = tuple(candidate.intent for candidate in candidates)
    titles = [_in_a_sentence(phrasebook.intents[name].title) for name in ids]
    choices = f"{', '.join(titles[:-1])}, or {titles[-1]}"
    text = phrasebook.replies["clarify"].replace("{choices}", choices)
    return Answer(text, "clarify", ids, score=candidates[0].score)


def _in_a_sentence(title: str) -> str:
    return title[:1].lower() + title[1:]


def _joined(parts: Iterable[str]) -> str:
    """Join answers, saying a sentence that two of them share only once."""
    sentences = (sentence for part in parts for sentence in SENTENCE_END.split(part))
    return " ".join(dict.fromkeys(sentences))
