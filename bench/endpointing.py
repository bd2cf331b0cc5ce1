"""When a question counts as asked: how soon after its end, and how often in the middle of it.

Questions are spoken by synthesised voices, as they are and with a pause put in at a word boundary.
Each recording is recognised once, block by block; what was loud and which words were there after each
block is kept as a `Trace`. Any rule can then be tried on the traces, without recognising again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import vosk

from bench.questions import Asked
from evaluation.voices import Sound, speak
from kiosk.hear.endpoint import Endpoint, State
from kiosk.hear.microphone import BLOCK, level
from kiosk.terms import Transcript
from kiosk.transcribe.recogniser import VoskRecogniser, says_something

PAUSE: Final = 1.2
"""Seconds that people stop to think for, in the middle of a question."""
BEFORE: Final = 0.5
AFTER: Final = 3.0
"""Seconds of a quiet room before and after the question."""
ROOM: Final = 3e-4
"""Loudness of that room, of 1: -70 dBFS."""
SOFT: Final = 0.01
"""Of the loudest sample; what is softer at either end of a synthesised sound counts as silence."""

Patience = Callable[[Transcript], float | None]
"""What was heard so far in, seconds of silence that end the utterance out; None for the usual."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A recording as the endpoint gets to know it."""

    text: str
    before: str
    """What was said before the pause; empty where there is none."""
    ends: float
    """Seconds: where the question ends in the recording."""
    vosk: float
    """Seconds: where Vosk's own rules end the utterance; the end of the recording if they do not."""
    blocks: tuple[tuple[float, Transcript], ...]
    """Level in dBFS, and what was heard so far, after each block."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule makes of all traces."""

    cut: float
    """Share of the questions with a pause that were cut short."""
    delays: tuple[float, ...]
    """Seconds from the end of each question without a pause to where it counts as asked."""

    @property
    def delay(self) -> float:
        """The median."""
        return median(self.delays)


def traces(asked: Sequence[Asked], model_dir: Path, expected: tuple[str, ...], *, workers: int = 2) -> list[Trace]:
    """Return every question as a trace: as it is, and with a pause; in that order.

    expected: the questions that the recogniser expects.
    """
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(model_dir, expected)) as pool:
        plain = list(pool.map(_plain, asked))
        return plain + list(pool.map(_paused, asked))


def outcome(recorded: Sequence[Trace], silence: float, patience: Patience = lambda _so_far: None) -> Outcome:
    """Return what becomes of the questions if `silence` seconds end them, or as many as `patience` says."""
    ends = [(trace, _end(trace, silence, patience)) for trace in recorded]
    return _outcome(ends)


def vosk_outcome(recorded: Sequence[Trace]) -> Outcome:
    """Return what becomes of the questions by Vosk's own rules."""
    return _outcome([(trace, trace.vosk) for trace in recorded])


def _outcome(ends: Sequence[tuple[Trace, float]]) -> Outcome:
    paused = [end < trace.ends for trace, end in ends if trace.before]
    return Outcome(sum(paused) / len(paused), tuple(end - trace.ends for trace, end in ends if not trace.before))


def _end(trace: Trace, silence: float, patience: Patience) -> float:
    """Return the second at which the question counts as asked."""
    endpoint = Endpoint(silence=silence)
    for number, (loudness, so_far) in enumerate(trace.blocks, start=1):
        meant = so_far.text if says_something(so_far.text) else ""
        if endpoint.feed(loudness, BLOCK, meant, silence=patience(so_far)).over:
            if endpoint.state is not State.ENDED:
                return 0.0  # the cap, or nobody spoke: both lose the question
            return number * BLOCK
    return len(trace.blocks) * BLOCK


# --- in a worker process ---
_with: dict[str, Any] = {}
"""A worker's recogniser, and the bare model for Vosk's own rules; each process has its own."""


def _begin(model_dir: Path, expected: tuple[str, ...]) -> None:
    recogniser = VoskRecogniser(model_dir)
    recogniser.expect(expected)
    _with.update(recogniser=recogniser, model=vosk.Model(str(model_dir)))


def _plain(asked: Asked) -> Trace:
    sound, rate = trimmed(*speak(asked.text, asked.voice, 1.0))
    return _trace(asked.text, "", [sound], rate)


def _paused(asked: Asked) -> Trace:
    """Say the question in two parts, with a pause between two of its words that follows from its text."""
    words = asked.text.split()
    at = random.Random(asked.text).randrange(1, len(words))  # noqa: S311 - to choose, not to hide
    before, after = " ".join(words[:at]), " ".join(words[at:])
    parts = [trimmed(*speak(part, asked.voice, 1.0)) for part in (before, after)]
    rate = parts[0][1]
    return _trace(asked.text, before, [parts[0][0], np.zeros(round(PAUSE * rate), np.float32), parts[1][0]], rate)


def trimmed(sound: Sound, rate: int) -> tuple[Sound, int]:
    """Return a synthesised sound without the silence at its ends."""
    loud = np.flatnonzero(np.abs(sound) > SOFT * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1], rate


def _trace(text: str, before: str, parts: Sequence[Sound], rate: int) -> Trace:
    said = np.concatenate([np.zeros(round(BEFORE * rate)), *parts, np.zeros(round(AFTER * rate))])
    room = np.random.default_rng(len(text)).normal(0, ROOM, len(said))
    pcm = (np.clip(said + room, -1, 1) * np.iinfo(np.int16).max).astype(np.int16).tobytes()
    ends = BEFORE + sum(map(len, parts)) / rate
    utterance = _with["recogniser"].utterance(rate)
    blocks = tuple((round(level(block), 1), utterance.feed(block)) for block in _cut(pcm, rate))
    utterance.finish()  # gives its recognisers back
    return Trace(text, before, ends, _ended_by_vosk(pcm, rate), blocks)


def _ended_by_vosk(pcm: bytes, rate: int) -> float:
    """Return the second at which Vosk by itself ends the utterance first."""
    recogniser = vosk.KaldiRecognizer(_with["model"], float(rate))
    for number, block in enumerate(_cut(pcm, rate), start=1):
        if recogniser.AcceptWaveform(block) and json.loads(recogniser.Result())["text"]:
            return number * BLOCK
    return len(pcm) / 2 / rate


def _cut(pcm: bytes, rate: int) -> Iterator[bytes]:
    step = 2 * round(rate * BLOCK)
    return (pcm[start : start + step] for start in range(0, len(pcm), step))
