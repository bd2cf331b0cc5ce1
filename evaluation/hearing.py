"""What the kiosk hears when questions are asked aloud; kept, because hearing takes a second each.

Who asks, how fast and what noise there is, all follow from the question's text, so that everybody
measures the same. Kept are the transcripts, by all that they depend on: text, voice, speed, room,
the noise, the model's files, the questions it expects and this package's way of speaking and hearing (`WAY`).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evaluation.questions import Question
from evaluation.rooms import NOISY, QUIET, Room, asked_in, babble
from evaluation.voices import SPEEDS, VOICES, Sound, Voice, speak
from kiosk.terms import Reading, Transcript
from kiosk.transcribe.recogniser import VoskRecogniser, transcribe

WAY: Final = 4
"""To be raised when something that the key cannot see changes what is heard."""
HARD_SHARE: Final = 0.15
"""Of the questions, asked by a hard voice."""
NOISY_SHARE: Final = 0.125
"""Of the questions, also asked in every noisy room."""
NICE: Final = 10


@dataclass(frozen=True, slots=True)
class Asking:
    """A question asked aloud."""

    question: Question
    voice: Voice
    speed: float
    room: Room

    @property
    def seed(self) -> int:
        """Chooses the stretch of noise."""
        return _number(f"{self.question.text} {self.room.title}") % 2**32


@dataclass(frozen=True, slots=True)
class Ears:
    """What the questions are heard with."""

    model_dir: Path
    expected: tuple[str, ...] = ()
    """The sample questions that the recogniser expects, if any."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A question asked aloud, and what was made of it."""

    asking: Asking
    transcript: Transcript


def askings(questions: Iterable[Question], noisy_share: float = NOISY_SHARE) -> list[Asking]:
    """Return who asks each question where: all in quiet, and a share of them in every noisy room."""
    listed = []
    for question in questions:
        chance = random.Random(_number(question.text))  # noqa: S311 - to choose, not to hide
        hard = chance.random() < HARD_SHARE
        voice = chance.choice([voice for voice in VOICES if voice.hard == hard])
        speed = chance.choice(SPEEDS)
        rooms = (QUIET, *NOISY) if chance.random() < noisy_share else (QUIET,)
        listed += [Asking(question, voice, speed, room) for room in rooms]
    return listed


def hear(
    asked: Sequence[Asking],
    ears: Ears,
    cache: Path,
    *,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Heard]:
    """Return what the kiosk hears of each, in order; `progress(done, of)` tells how far it is.

    cache: the folder in which transcripts are kept. Raises `KioskError` if a voice or the model is missing.
    """
    cache.mkdir(parents=True, exist_ok=True)
    talk = _talk(cache)
    told = "\n".join(ears.expected).encode()
    stamp = f"{WAY} {_digest(talk.tobytes())} {_model_stamp(ears.model_dir)} {_digest(told)}"
    file = cache / "heard.jsonl"
    kept = _read(file)
    keys = [_key(asking, stamp) for asking in asked]
    missing = {key: asking for key, asking in zip(keys, asked, strict=True) if key not in kept}
    # In the order of their keys, which is as good as none: a run that is stopped has heard a fair sample.
    wanted = sorted(missing.items(), key=lambda pair: pair[0])
    if wanted:
        with ProcessPoolExecutor(workers, initializer=_begin, initargs=(ears, talk)) as pool:
            found = pool.map(_hear, [asking for _, asking in wanted], chunksize=4)
            with file.open("a", encoding="utf-8") as lines:
                for done, ((key, _), transcript) in enumerate(zip(wanted, found, strict=True), start=1):
                    kept[key] = transcript
                    # The first line break ends what a stopped run may have left.
                    lines.write("\n" + json.dumps({"key": key, **asdict(transcript)}))
                    lines.flush()  # an interrupted run goes on where it was
                    progress(done, len(wanted))
    return [Heard(asking, kept[key]) for key, asking in zip(keys, asked, strict=True)]


# --- in a worker process ---
_with: dict[str, Any] = {}
"""A worker's recogniser and the babble; each process has its own."""


def _begin(ears: Ears, talk: Sound) -> None:
    os.nice(NICE)
    recogniser = VoskRecogniser(ears.model_dir)
    if ears.expected:
        recogniser.expect(ears.expected)
    _with.update(recogniser=recogniser, talk=talk)


def _hear(asking: Asking) -> Transcript:
    speech, rate = speak(asking.question.text, asking.voice, asking.speed)
    sound = asked_in(speech, rate, asking.room, _with["talk"], asking.seed)
    pcm = (sound * np.iinfo(np.int16).max).astype(np.int16).tobytes()
    return transcribe(_with["recogniser"], pcm, rate)


# --- keeping ---
def _talk(cache: Path) -> Sound:
    """Return the babble, made once: to make it takes a quarter of a minute."""
    file = cache / f"babble-{WAY}.npy"
    if not file.is_file():
        np.save(file, babble())
    talk: Sound = np.load(file)
    return talk


def _read(file: Path) -> dict[str, Transcript]:
    kept = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            entry: Mapping[str, Any] = json.loads(line)
            kept[entry["key"]] = _transcript(entry)
        except (ValueError, KeyError):
            continue  # a run was stopped in the middle of this line
    return kept


def _transcript(fields: Mapping[str, Any]) -> Transcript:
    return Transcript(fields["text"], tuple(Reading(**each) for each in fields["readings"]), heard=True)


def _key(asking: Asking, stamp: str) -> str:
    parts = (asking.question.text, asdict(asking.voice), asking.speed, asdict(asking.room), asking.seed, stamp)
    return _digest(json.dumps(parts, sort_keys=True).encode())


def _model_stamp(model_dir: Path) -> str:
    """Return what tells one model from another: its files' names and sizes."""
    files = sorted(path for path in model_dir.rglob("*") if path.is_file())
    return _digest(repr([(path.relative_to(model_dir).as_posix(), path.stat().st_size) for path in files]).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
