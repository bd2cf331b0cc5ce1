"""What is asked aloud: questions of `tests/questions`, each by one of several synthesised voices."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from evaluation import questions
from evaluation.voices import Voice

VOICES: Final = (
    Voice("flite", "slt"),
    Voice("flite", "rms"),
    Voice("flite", "awb"),
    Voice("flite", "kal16"),
    Voice("espeak-ng", "en-us+f2", hard=True),
)
WORDS: Final = range(4, 16)
"""How many words the questions have: shorter ones have no middle to pause in, longer ones are few."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and who asks it."""

    text: str
    voice: Voice


def asked(count: int, seed: int = 8) -> list[Asked]:
    """Return so many questions about dry needling, always the same ones, the voices in turn."""
    chance = random.Random(seed)  # noqa: S311 - to draw, not to hide
    there = [each.text for each in questions.read() if each.in_scope and len(each.text.split()) in WORDS]
    drawn = chance.sample(there, count)
    return [Asked(text, VOICES[number % len(VOICES)]) for number, text in enumerate(drawn)]
