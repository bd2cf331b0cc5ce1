"""How long understanding takes, beside what others would use, and how it grows."""

from __future__ import annotations

import random
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rapidfuzz import fuzz, process

from evaluation.curve import made_up
from evaluation.minilm import MiniLM, folder
from kiosk.learning import packed
from kiosk.learning.learn import STEPS, Sample
from kiosk.terms import Intent, KioskError, Phrasebook, Transcript
from kiosk.understand import Understander
from kiosk.understand.weights import Learned, Weights

SAMPLES: Final = (10, 100, 1_000, 10_000, 100_000)
INTENTS: Final = (20, 200, 2_000)
AMONG: Final = 1_000
"""Sample questions that many intents share, two each at the most: weights grow with both."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What so many samples or intents cost."""

    size: int
    load: float
    """Seconds to read what was kept."""
    taken: tuple[float, ...]
    """Seconds a question."""


def kiosk(understander: Understander, texts: Sequence[str]) -> list[float]:
    """Return the seconds that the kiosk takes to understand each."""
    return _timed(lambda text: understander.understand(Transcript(text, heard=True)), texts)


def fuzzy(phrasebook: Phrasebook, texts: Sequence[str]) -> list[float]:
    """Return the seconds that `extractOne(token_set_ratio)` takes over all sample questions."""
    samples = phrasebook.questions
    return _timed(lambda text: process.extractOne(text, samples, scorer=fuzz.token_set_ratio), texts)


def minilm(texts: Sequence[str]) -> list[float]:
    """Return the seconds that MiniLM takes to embed each, without any comparing; empty if it is not installed."""
    try:
        network = MiniLM(folder())
    except KioskError:
        return []
    return _timed(lambda text: network.vectors([text]), texts)


def samples_grown(phrasebook: Phrasebook, texts: Sequence[str], sizes: Sequence[int]) -> list[Grown]:
    """Return what loading and understanding cost with so many sample questions, most of them made up."""
    return [_grown(size, made_up(phrasebook, size), texts) for size in sizes]


def intents_grown(phrasebook: Phrasebook, texts: Sequence[str], sizes: Sequence[int]) -> list[Grown]:
    """Return what they cost with so many intents, copies of the kiosk's under other names."""
    return [_grown(size, _multiplied(made_up(phrasebook, AMONG), size), texts) for size in sizes]


def _grown(size: int, phrasebook: Phrasebook, texts: Sequence[str]) -> Grown:
    """Take weights at random: they cost what learned ones do, and need no learning."""
    sample = Sample(phrasebook)
    chance = random.Random(size)  # noqa: S311 - to fill, not to hide
    rarity = array("f", [chance.uniform(1, 11) for _ in range(1_000)])
    steps = array("h", [chance.randrange(-STEPS, STEPS) for _ in range(1_000)])
    height, width = sum(map(len, sample.table.index.values())), len(sample.labels)
    rows, bias = _filled(steps, height * width), _filled(rarity, width)
    weights = Weights(sample.labels, sample.table, _filled(rarity, height), rows, 1e-4, bias)
    kept = packed.table_bytes(sample.table), packed.weights_bytes(weights)
    began = time.perf_counter()
    read = packed.read_weights(kept[1], packed.read_table(kept[0]))
    load = time.perf_counter() - began
    understander = Understander(phrasebook, Learned(read, read))
    return Grown(size, load, tuple(kiosk(understander, texts)))


def _filled(numbers: array[Any], length: int) -> array[Any]:
    """Return `numbers` over and over again."""
    return (numbers * (length // len(numbers) + 1))[:length]


def _multiplied(phrasebook: Phrasebook, count: int) -> Phrasebook:
    own = list(phrasebook.intents.values())
    copies = [_copy(own[number % len(own)], number // len(own)) for number in range(count)]
    return replace(phrasebook, intents={intent.id: intent for intent in copies})


def _copy(intent: Intent, number: int) -> Intent:
    return replace(intent, id=f"{intent.id}_{number}" if number else intent.id)


def _timed(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    taken = []
    for text in texts:
        began = time.perf_counter()
        work(text)
        taken.append(time.perf_counter() - began)
    return taken


def resident() -> float:
    """Return the megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def memory_over(understander: Understander, texts: Sequence[str], count: int) -> tuple[float, float]:
    """Return the megabytes held before and after so many questions, no two of them alike."""
    kiosk(understander, texts)
    before = resident()
    for number in range(count):
        understander.understand(Transcript(f"{texts[number % len(texts)]} {number}", heard=True))
    return before, resident()
