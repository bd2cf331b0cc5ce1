"""What `make bench` measures, a part at a time; each returns its piece of docs/performance.md."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Final

from bench import answering, endpointing, page, slow, starting, understanding
from bench.questions import asked
from bench.soundcard import sound_card
from evaluation import questions
from evaluation.tables import table
from kiosk import places
from kiosk.learning import ready
from kiosk.settings import ListeningSettings
from kiosk.terms import KioskError
from kiosk.understand import Understander, ending
from reliability import load

SILENCES: Final = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.3, 1.5)
"""Seconds: the fixed silences of the curve."""
PAGES: Final = (1, 10, 50, 100, 200)
LISTENED: Final = 3.0
"""Seconds over which the listening kiosk is watched: less than it waits for a first word."""
ALOUD: Final = 10
"""Questions over which their cost is reckoned."""
SCRIPTS: Final = {
    "vosk": "usual script, Vosk",
    "pocketsphinx": "usual script, PocketSphinx",
    "whisper": "usual script, Whisper (tiny.en)",
}
SHORT: Final = (0.3, 0.35, 0.4, 0.5, 0.6, 0.8)
"""Seconds: what ends a question that sounds finished."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured."""

    runs: int
    paused: int
    settle: float
    """Seconds until a kiosk that was started has synthesised all answers, and its devices count as disused."""
    idle: float
    """Seconds over which the idle kiosk is watched."""
    samples: tuple[int, ...]
    intents: tuple[int, ...]
    asked: int
    """Questions that memory is watched over."""


FULL: Final = Amount(30, 50, 90.0, 60.0, understanding.SAMPLES, understanding.INTENTS, 10_000)
QUICK: Final = Amount(5, 10, 70.0, 10.0, understanding.SAMPLES[:4], understanding.INTENTS[:2], 1_000)


class Bench:
    """One run of all parts."""

    def __init__(self, amount: Amount, plots: Path, progress: Callable[[str], None]) -> None:
        self._amount = amount
        self._plots = plots
        self._progress = progress

    @cached_property
    def _understander(self) -> Understander:
        return ready.understander(places.intents_dir(), places.cache_dir())

    def answering(self) -> str:
        """Measure from the end of a question to the first sound of the answer."""
        aloud, amount = asked(self._amount.runs), self._amount.runs
        results = {}
        with sound_card() as card:
            with answering.kiosk(self._understander, card) as kiosk:
                for name, key in (("kiosk, talk key let go", True), ("kiosk, by silence", False)):
                    self._progress(f"{name}: {amount} questions")
                    results[name] = answering.by_kiosk(aloud, kiosk, key=key)
            for kind, name in SCRIPTS.items():
                self._progress(f"{name}: {amount} questions")
                with _as_far_as_installed(self._progress):
                    results[name] = answering.by_script(kind, aloud, self._understander.phrasebook, card)
        taken = {name: each.taken for name, each in results.items()}
        page.times(taken, self._plots / "answering.svg")
        missed = {name: f"{each.missed} of {amount}" for name, each in results.items()}
        return _joined(
            "## From the end of a question to the first sound of its answer",
            "On a virtual sound card: from the last sample of the question to the first of the answer, all answers "
            "synthesised before. `missed`: nothing was said within 20 s, or something before the question was over. "
            "The usual script is thirty lines: the recogniser's own endpoint, `extractOne(token_set_ratio)` over the "
            "same sample questions, and pyttsx3's `say` (`bench/usual.py`).",
            page.beside(taken, missed),
            "![Times to the first sound](performance/answering.svg)",
            "### What the milliseconds are spent on",
            page.spent({name: each.replies for name, each in results.items() if each.replies}),
        )

    def endpoint(self) -> str:
        """Measure when a question counts as asked."""
        count = self._amount.paused
        self._progress(f"endpoint: {2 * count} recordings")
        recorded = endpointing.traces(asked(count), places.model_dir(), self._understander.phrasebook.questions)
        usual = ListeningSettings()
        endings, known = self._understander.learned.endings, self._understander.knows
        fixed = [endpointing.outcome(recorded, each) for each in SILENCES]
        words = [
            endpointing.outcome(recorded, usual.silence_seconds, ending.patience(endings, known, each))
            for each in SHORT
        ]
        vosk = endpointing.vosk_outcome(recorded)
        page.curve({"by the words": words, "fixed silence": fixed, "Vosk's own": [vosk]}, self._plots / "endpoint.svg")
        rows = [
            (f"by the words: {short} or {usual.silence_seconds} s", each)
            for short, each in zip(SHORT, words, strict=True)
        ]
        rows += [(f"{silence} s of silence", each) for silence, each in zip(SILENCES, fixed, strict=True)]
        rows.append(("Vosk's own rules", vosk))
        lines = [
            (
                name,
                f"{100 * (1 - each.cut):.0f}",
                page.milliseconds(each.delay),
                page.milliseconds(page.late(each.delays)),
            )
            for name, each in rows
        ]
        return _joined(
            "## When a question counts as asked",
            f"{count} questions in five synthesised voices: as they are (delay after their last sample), and with a "
            f"pause of {endpointing.PAUSE} s at one of their word boundaries, drawn by chance (how many are heard "
            f"whole). The kiosk's setting is {usual.finished_seconds} or {usual.silence_seconds} s "
            "([decision 0041](decisions/0041-endpoint-by-words.md)).",
            table(("rule", "pauses survived, of 100", "delay, median ms", "delay, 95th ms"), lines),
            "![Cut-offs over delay](performance/endpoint.svg)",
        )

    def starting(self) -> str:
        """Measure the starts, and what the running kiosk costs."""
        runs = self._amount.runs
        self._progress(f"starts: {runs} by text")
        starting.text_start()
        text = [starting.text_start() for _ in range(runs)]
        pages, readies = [], []
        with sound_card() as card:
            self._progress(f"starts: {runs} with page and sound")
            for _ in range(runs):
                with starting.running() as (_process, start):
                    pages.append(start.page)
                    readies.append(start.ready)
            self._progress("what it costs")
            with starting.running() as (process, start):
                time.sleep(self._amount.settle)  # the answers are being synthesised
                pids = starting.family(process.pid)
                idle = starting.share(pids, self._amount.idle)
                starting.wish(start.address, "ask")
                listening = starting.share(pids, LISTENED)
                starting.wish(start.address, "finish")
                question = starting.asking(start.address, pids, asked(ALOUD), card)
                held, alone = starting.megabytes(pids), starting.megabytes([process.pid])
        disk = starting.disk()
        return _joined(
            "## Starting",
            page.beside(
                {"text: the answer to one question": text, "the page is served": pages, "it can hear": readies}
            ),
            "## What it costs",
            table(
                ("", "", "wanted"),
                [
                    ("processor while nobody has asked for a minute, % of a core", f"{100 * idle:.1f}", "1"),
                    ("processor while it listens to a quiet room, % of a core", f"{100 * listening:.0f}", ""),
                    ("processor of a question asked aloud, from touch to answer, s", f"{question:.2f}", ""),
                    ("resident memory with the page, MB", f"{alone:.0f}", "350"),
                    ("the same with its helper processes (shared pages counted twice), MB", f"{held:.0f}", ""),
                    *((f"disk: {name}, MB", f"{size:.0f}", "") for name, size in disk.items()),
                ],
            ),
        )

    def pages(self) -> str:
        """Measure how soon an answer stands on many pages."""
        rows = {}
        with load.kiosk() as port:
            load.answered(port)  # the first question of all
            for count in PAGES:
                self._progress(f"{count} pages")
                rows[f"{count} page{'s' * (count > 1)}"] = [
                    load.answered(port, count) for _ in range(self._amount.runs)
                ]
        return _joined(
            "## With many pages",
            "From sending a typed question until its answer stands on all of so many pages.",
            page.beside(rows),
        )

    def understanding(self) -> str:
        """Measure understanding, beside others, and how it grows."""
        texts = [question.text for question in questions.read()]
        phrasebook = self._understander.phrasebook
        runs = texts[: max(self._amount.runs, 30)]
        self._progress("understanding, and its rivals")
        mini = understanding.minilm(runs)
        rows = {
            "kiosk": understanding.kiosk(self._understander, runs),
            "extractOne(token_set_ratio)": understanding.fuzzy(phrasebook, runs),
            "MiniLM embedding, nothing compared": mini,
        }
        self._progress("growth")
        by_samples = understanding.samples_grown(phrasebook, runs, self._amount.samples)
        by_intents = understanding.intents_grown(phrasebook, runs, self._amount.intents)
        page.growth({"sample questions": by_samples, "intents": by_intents}, self._plots / "growth.svg")
        before, after = understanding.memory_over(self._understander, texts, self._amount.asked)
        lines = [
            (
                what,
                f"{each.size:,}",
                page.milliseconds(each.load),
                page.milliseconds(median(each.taken)),
                page.milliseconds(page.late(each.taken)),
            )
            for what, points in (("sample questions", by_samples), ("intents", by_intents))
            for each in points
        ]
        return _joined(
            "## Understanding",
            page.beside(rows),
            "## With more to know",
            "Sample questions made up from the kiosk's own; intents are copies of its own under other names, among "
            f"{understanding.AMONG:,} samples. The weights are random numbers: they cost what learned ones do.",
            table(("", "how many", "loading ms", "question, median ms", "question, 95th ms"), lines),
            "![Growth](performance/growth.svg)",
            f"Over {self._amount.asked:,} questions, no two alike, the memory of the process went from {before:.0f} to "
            f"{after:.0f} MB.",
        )

    def slow(self) -> str:
        """Measure answers on a computer as slow as a Raspberry Pi 4."""
        self._progress(f"slow computer: {self._amount.runs} questions")
        taken = slow.answers(self._amount.runs)
        return _joined(
            "## On a computer like a Raspberry Pi 4",
            f"In a control group that gives all threads together {slow.SHARE:.0%} of one core, and "
            f"{slow.MEMORY // 1024**2} MB. A Pi's core does about a quarter of the work of a desktop core of today, "
            "and the two recognisers run on two of its four. Of its memory, 1 GB in the smallest, the system and the "
            "browser have the half. From the last sample of a question, asked in its own time, to where the sound of "
            "the answer is there; wanted is 1,000 ms.",
            page.beside({"kiosk": taken}),
        )


@contextmanager
def _as_far_as_installed(progress: Callable[[str], None]) -> Iterator[None]:
    """Go on without a rival that is not installed, and say so: what was measured by then must not be lost."""
    try:
        yield
    except KioskError as error:
        progress(f"left out: {error}")


def _joined(*pieces: str) -> str:
    return "\n\n".join(pieces)
