"""How the figures grow with the number of sample questions, and how time does."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from evaluation.answerers import Kiosk, urgent
from evaluation.asking import typed
from evaluation.hearing import NICE
from evaluation.judge import figures
from evaluation.questions import Question
from kiosk.learning.learn import Sample, learned_for
from kiosk.terms import Example, Phrasebook, Transcript
from kiosk.understand import Understander
from kiosk.understand.weights import Learned

SIZES: Final = (500, 1_000, 2_000, 4_000, 8_000)
SEEDS: Final = (1, 2, 3)
GROWTH: Final = (1_000, 10_000, 100_000)
BORROWED: Final = 0.3
"""Of the words of a made-up sample question, taken from another one of the same intent."""
ASKED: Final = 300
"""Questions that time is taken over."""


@dataclass(frozen=True, slots=True)
class Point:
    """The figures after learning from some of the sample questions."""

    size: int
    seed: int
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """What so many sample questions cost."""

    size: int
    learn: float
    load: float
    """Seconds: to learn and keep; to load what was kept."""
    kept: float
    """Megabytes of the kept weights."""
    median: float
    late: float
    """Milliseconds of processor time a question: the median and the 95th percentile."""


# --- the learning curve ---
def curve(
    phrasebook: Phrasebook,
    questions: Sequence[Question],
    *,
    sizes: Sequence[int] = SIZES,
    seeds: Sequence[int] = SEEDS,
    workers: int = 2,
) -> list[Point]:
    """Return a point a size and seed, and one for all samples.

    Without what was misheard: for typed questions the kiosk does not use it.
    """
    drawn = [example for example in phrasebook.examples if not example.misheard]
    jobs = [(size, seed) for size in sizes if size < len(drawn) for seed in seeds] + [(len(drawn), seeds[0])]
    bare = replace(phrasebook, examples=tuple(drawn))
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(bare, questions)) as pool:
        return list(pool.map(_point, *zip(*jobs, strict=True)))


_given: list[tuple[Phrasebook, Sequence[Question]]] = []
"""What a worker process was given to work on."""


def _begin(phrasebook: Phrasebook, questions: Sequence[Question]) -> None:
    os.nice(NICE)
    _given.append((phrasebook, questions))


def _point(size: int, seed: int) -> Point:
    phrasebook, questions = _given[0]
    chance = random.Random(seed)  # noqa: S311 - to draw, not to hide
    some = replace(phrasebook, examples=tuple(chance.sample(phrasebook.examples, size)))
    weights = Sample(some).fit(misheard=False)
    results = typed(Kiosk(some, Learned(weights, weights)), questions, urgent(phrasebook))
    return Point(size, seed, figures(result.verdict for result in results))


# --- growth ---
def growth(phrasebook: Phrasebook, questions: Sequence[Question], sizes: Sequence[int] = GROWTH) -> list[Growth]:
    """Return what learning, loading and answering cost with so many samples, most of them made up."""
    return [_grown(made_up(phrasebook, size), questions[:ASKED]) for size in sizes]


def made_up(phrasebook: Phrasebook, size: int) -> Phrasebook:
    """Return the phrasebook with `size` samples: its own, drawn again and again and mixed word by word."""
    chance = random.Random(size)  # noqa: S311 - to mix, not to hide
    alike: dict[tuple[str, ...], list[Example]] = {}
    for example in phrasebook.examples:
        alike.setdefault(example.intents, []).append(example)
    drawn = chance.choices(phrasebook.examples, k=size)
    mixed = tuple(replace(each, text=_mixed(each, chance.choice(alike[each.intents]), chance)) for each in drawn)
    return replace(phrasebook, examples=mixed, fingerprint=f"{size:064}")


def _mixed(one: Example, other: Example, chance: random.Random) -> str:
    words, lent = one.text.split(), other.text.split()
    return " ".join(chance.choice(lent) if chance.random() < BORROWED else word for word in words)


def _grown(phrasebook: Phrasebook, questions: Sequence[Question]) -> Growth:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        learned_for(phrasebook, Path(folder))
        learned = time.perf_counter()
        understander = Understander(phrasebook, learned_for(phrasebook, Path(folder)))
        loaded = time.perf_counter()
        kept = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
    taken = [_milliseconds(understander, question) for question in questions]
    return Growth(
        size=len(phrasebook.examples),
        learn=learned - began,
        load=loaded - learned,
        kept=kept,
        median=median(taken),
        late=quantiles(taken, n=20)[-1],
    )


def _milliseconds(understander: Understander, question: Question) -> float:
    began = time.thread_time_ns()
    understander.understand(Transcript(question.text))
    return (time.thread_time_ns() - began) / 1e6
