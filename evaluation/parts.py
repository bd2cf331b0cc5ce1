"""The parts of an evaluation: each measures something and tells it in Markdown."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from evaluation import answerers, curve, hearing, plots, tables
from evaluation.answerers import Answerer, Kiosk
from evaluation.asking import Result, by, spoken, typed
from evaluation.hearing import Asking, Heard
from evaluation.questions import Question
from evaluation.rooms import NOISY, QUIET, Room
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.terms import Phrasebook, Transcript

QUICK_SPOKEN: Final = 40
QUICK_ROOMS: Final = (QUIET, Room("babble", 10))
"""What a quick run has spoken: so many questions, in these rooms."""
QUICK_SIZES: Final = (1_000, 4_000)

ABOUT_RIVALS: Final = """\
Each learned from the same samples, for questions asked aloud also from the misheard ones (extractOne from those in
scope: its cut is what refuses). The rivals name one intent
a question, so that they are seldom right about a question with two topics. Median and 95th percentile are of the time a
question takes."""
ABOUT_CURVE: Final = """\
Sample questions drawn at random, the mean of the seeds."""
ABOUT_GROWTH: Final = """\
Sample questions made up: drawn from the real ones, three words in ten taken from another question of the same intent.
They show what numbers cost; what they would teach, they do not show. Learning and loading are by the clock."""

BABBLED: Final = Room("babble", 10)
"""Where every warning sign is asked, too."""

Progress = Callable[[str], None]


@dataclass
class Evaluation:
    """What is measured, with what, and where results go."""

    questions: Sequence[Question]
    intents: Path
    model_dir: Path
    cache: Path
    plots: Path | None
    """The folder of plots beside the page; None to draw none."""
    command: str
    quick: bool = False
    workers: int = 2
    progress: Progress = field(default=lambda _line: None)

    # --- the parts ---
    def text(self) -> str:
        """Measure typed questions."""
        results = typed(self._kiosk, self.questions, self._urgent)
        return _page(
            (
                "## Typed questions",
                self._made(f"{len(self.questions):,} questions"),
                tables.figures_by("questions", _in_and_out(results), intervals=True),
                "### By intent",
                tables.served_by_topic(by(results, lambda each: each.question.topics)),
                "### By style",
                tables.figures_by("style", by(results, lambda each: [each.question.style or tables.MISSING])),
                "### What is confused with what",
                tables.confusions(results),
                "### Does the score tell how sure it is?",
                tables.calibration(results),
                self._picture(
                    "calibration-text", "share of right answers over the score", plots.calibration, {"typed": results}
                ),
            )
        )

    def rivals(self) -> str:
        """Compare with other ways to answer, which learn from the same samples."""
        bare = replace(self.phrasebook, examples=tuple(each for each in self.phrasebook.examples if not each.misheard))
        everybody = [self._kiosk, *self._rivals(bare)]
        results = {each.name: typed(each, self.questions, self._urgent) for each in everybody}
        return _page(
            (
                "## Beside other ways to match",
                self._made(f"{len(self.questions):,} typed questions"),
                ABOUT_RIVALS,
                tables.rivals(results),
                self._picture("rivals", "figures of the kiosk and its rivals", plots.rivals, results),
            )
        )

    def curve(self) -> str:
        """Measure how the figures grow with the number of sample questions."""
        self.progress("learning from fewer sample questions")
        sizes = QUICK_SIZES if self.quick else curve.SIZES
        seeds = curve.SEEDS[:1] if self.quick else curve.SEEDS
        points = curve.curve(self.phrasebook, self.questions, sizes=sizes, seeds=seeds, workers=self.workers)
        names = ("right", "urgent_recall", "false_urgent", "refused")
        rows = []
        for size in sorted({point.size for point in points}):
            drawn = [point.figures for point in points if point.size == size]
            rows.append(
                (f"{size:,}", str(len(drawn)), *(f"{fmean(each[name] for each in drawn):.3f}" for name in names))
            )
        return _page(
            (
                "## With fewer sample questions",
                self._made(f"{len(self.questions):,} typed questions, seeds {', '.join(map(str, seeds))}"),
                ABOUT_CURVE,
                tables.table(("sample questions", "draws", *names), rows),
                self._picture("learning", "figures over the number of sample questions", plots.learning, points),
            )
        )

    def speech(self) -> str:
        """Measure questions asked aloud."""
        results = spoken(self._kiosk, self._heard, self._urgent)
        warnings = {} if self.quick else {BABBLED.title: spoken(self._kiosk, self._warnings_heard, self._urgent)}
        quiet = [each for each in results if _room(each) == QUIET]
        noisy = {each.question.id for each in results if _room(each) != QUIET}
        paired = [each for each in results if each.question.id in noisy]
        aloud = {"in quiet": quiet, "in noise": [each for each in paired if _room(each) != QUIET]}
        rooms = {room.title: [each for each in paired if _room(each) == room] for room in (QUIET, *NOISY)}
        told = f"{len(quiet):,} questions in quiet, {len(noisy):,} of them also in {len(rooms) - 1} noisy rooms"
        return _page(
            (
                "## Questions asked aloud",
                self._made(told + ", each by a voice and at a speed that follow from its text"),
                tables.figures_by("in quiet", _in_and_out(quiet), intervals=True),
                "### By intent (in quiet)",
                tables.served_by_topic(by(quiet, lambda each: each.question.topics)),
                "### By voice (in quiet)",
                tables.heard_by("voice", by(quiet, _voice)),
                "### By speed (in quiet)",
                tables.heard_by("speed", by(quiet, _speed)),
                "### By style (in quiet)",
                tables.heard_by("style", by(quiet, lambda each: [each.question.style or tables.MISSING])),
                "### By noise",
                "The same questions by the same voices in each room; decibels of speech over noise.",
                tables.heard_by("room", {name: each for name, each in rooms.items() if each}),
                self._picture("noise", "figures over the noise", plots.noise, _by_noise(paired)),
                "Every question with a warning sign:" if warnings else "",
                tables.figures_by("room", warnings, intervals=True) if warnings else "",
                "### What is confused with what (in quiet)",
                tables.confusions(quiet),
                "### Does the score tell how sure it is?",
                "In quiet:",
                tables.calibration(quiet),
                self._picture("calibration-speech", "share of right answers over the score", plots.calibration, aloud),
                "### Beside other ways to match (in quiet)",
                tables.rivals(self._rivals_heard(quiet)),
            )
        )

    def growth(self) -> str:
        """Measure what many sample questions cost."""
        self.progress("learning from made-up sample questions")
        sizes = curve.GROWTH[:-1] if self.quick else curve.GROWTH
        points = curve.growth(self.phrasebook, self.questions, sizes)
        rows = [
            (f"{p.size:,}", f"{p.learn:.1f}", f"{p.load:.2f}", f"{p.kept:.0f}", f"{p.median:.2f}", f"{p.late:.2f}")
            for p in points
        ]  # fmt: skip
        head = ("sample questions", "learning s", "loading s", "kept MB", "question, median ms", "question, 95th ms")
        return _page(
            (
                "## With many sample questions",
                self._made(f"{min(len(self.questions), curve.ASKED):,} typed questions"),
                ABOUT_GROWTH,
                tables.table(head, rows),
                self._picture("growth", "time over the number of sample questions", plots.growth, points),
            )
        )

    # --- what parts share ---
    @cached_property
    def phrasebook(self) -> Phrasebook:
        """The intents that are evaluated."""
        return content.load(self.intents)

    @cached_property
    def _kiosk(self) -> Kiosk:
        self.progress("learning from the sample questions")
        return Kiosk(self.phrasebook, learn.learned_for(self.phrasebook, self.cache))

    @cached_property
    def _urgent(self) -> frozenset[str]:
        return answerers.urgent(self.phrasebook)

    def _rivals(self, phrasebook: Phrasebook) -> list[Answerer]:
        """Return the kiosk's rivals; a quick run does without MiniLM, which takes minutes to learn."""
        listed: list[Answerer] = [answerers.WholeSentence(phrasebook, cut) for cut in answerers.CUTS]
        self.progress("teaching TF-IDF")
        listed.append(answerers.tfidf(phrasebook))
        if not self.quick:
            self.progress("teaching MiniLM")
            listed.append(answerers.minilm(phrasebook, self.cache))
        return listed

    @cached_property
    def _warnings_heard(self) -> Sequence[Heard]:
        """Every question with a warning sign as it is heard in babble: of the share asked there they are too few."""
        urgent = [each for each in self.questions if self._urgent & each.topics]
        return self._hear([each for each in hearing.askings(urgent, noisy_share=1) if each.room == BABBLED])

    @cached_property
    def _heard(self) -> Sequence[Heard]:
        asked = hearing.askings(self.questions)
        if self.quick:
            few = {each.question.id for each in asked if each.room in NOISY}
            few = set(sorted(few)[:: max(1, len(few) // QUICK_SPOKEN)][:QUICK_SPOKEN])
            asked = [each for each in asked if each.question.id in few and each.room in QUICK_ROOMS]
        return self._hear(asked)

    def _hear(self, asked: Sequence[Asking]) -> Sequence[Heard]:
        def tell(done: int, of: int) -> None:
            if done % 20 == 0 or done == of:
                self.progress(f"hearing {done:,} of {of:,}")

        ears = hearing.Ears(self.model_dir, self.phrasebook.questions)
        return hearing.hear(asked, ears, self.cache, workers=self.workers, progress=tell)

    def _rivals_heard(self, quiet: Sequence[Result]) -> Mapping[str, Sequence[Result]]:
        heard = [Heard(each.asking, each.said) for each in quiet if each.asking]
        results = {
            each.name: spoken(each, heard, self._urgent) for each in (self._kiosk, *self._rivals(self.phrasebook))
        }
        free = [replace(each, transcript=Transcript(each.transcript.text, heard=True)) for each in heard]
        return results | {"the kiosk without the guided recogniser": spoken(self._kiosk, free, self._urgent)}

    def _made(self, what: str) -> str:
        """Return the line that tells when, on what and by which command a part was measured."""
        today = dt.datetime.now(tz=dt.UTC).date()
        machine = (
            f"{os.cpu_count()} processor cores, {platform.system()}, Python {sys.version_info[0]}.{sys.version_info[1]}"
        )
        samples = (
            f"{len(self.phrasebook.examples):,} samples in {len(self.phrasebook.intents)} intents and out of scope"
        )
        return f"{today}, `{self.command}`: {what}; learned from {samples}; {machine}."

    def _picture(self, name: str, told: str, draw: Callable[[Any, Path], None], what: object) -> str:
        """Draw a plot and return the link to it; where there is no page, do neither."""
        if self.plots is None:
            return ""
        draw(what, self.plots / f"{name}.svg")
        return f"![{told}]({self.plots.name}/{name}.svg)"


def _page(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _in_and_out(results: Sequence[Result]) -> Mapping[str, Sequence[Result]]:
    return {
        "all": results,
        "in scope": [each for each in results if each.question.in_scope],
        "out of scope": [each for each in results if not each.question.in_scope],
    }


def _room(result: Result) -> Room:
    return result.asking.room if result.asking else QUIET


def _voice(result: Result) -> list[str]:
    return [result.asking.voice.title] if result.asking else []


def _speed(result: Result) -> list[str]:
    return [f"{result.asking.speed:.2f}"] if result.asking else []


def _by_noise(results: Sequence[Result]) -> Mapping[str, Mapping[str, Sequence[Result]]]:
    """Return results by kind of noise, then by loudness, from quiet to loud."""
    quiet = [each for each in results if _room(each) == QUIET]
    panels: dict[str, dict[str, Sequence[Result]]] = {}
    for room in NOISY:
        there = [each for each in results if _room(each) == room]
        if there:
            panels.setdefault(room.noise, {"quiet": quiet})[f"{room.snr} dB"] = there
    return panels
