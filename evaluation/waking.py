"""`python -m evaluation.waking`: how often the wake phrase is heard, and how often other talk wakes the kiosk.

Talk is that of `running.txt` and of babble, as a television talks, and once more with phrases near the wake
phrase strewn in (`near.txt`), spoken by all voices. It is fed as fast as it can be recognised. Nothing is kept or
written.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

import numpy as np

from evaluation.rooms import LOUDNESS, QUIET, Room, asked_in, babble
from evaluation.voices import VOICES, Sound, speak
from kiosk import places
from kiosk.hear import wake
from kiosk.terms import KioskError
from kiosk.transcribe.recogniser import VoskRecogniser

PHRASE: Final = "hello clinic"
SAYINGS: Final = (("Hello clinic.", 0.9), ("Hello, clinic!", 1.0), ("Hello clinic.", 1.1))
"""An intonation and a speed each."""
ROOMS: Final = (QUIET, Room("babble", 20), Room("babble", 10))
SPEEDS: Final = (0.95, 1.0, 1.1)
PAUSE: Final = 0.8
"""Seconds of the room before and after the phrase."""
TALK: Final = {0: "ordinary talk", 2: "talk with phrases near it strewn in"}
HERE: Final = Path(__file__).parent
BLOCK: Final = 0.05


@dataclass
class Recording:
    """A recording in place of a microphone."""

    pcm: bytes
    rate: int

    def blocks(self) -> Generator[bytes, None, None]:
        """Yield it as a microphone would."""
        step = 2 * round(self.rate * BLOCK)
        for start in range(0, len(self.pcm), step):
            yield self.pcm[start : start + step]


def sayings(talk: Sound) -> Iterator[tuple[Room, Recording]]:
    """Yield the phrase by every voice in every room."""
    for number, voice in enumerate(VOICES):
        for text, speed in SAYINGS:
            speech, rate = speak(text, voice, speed)
            quiet = np.zeros(round(PAUSE * rate), np.float32)
            for room in ROOMS:
                yield room, _recording(asked_in(np.concatenate((quiet, speech, quiet)), rate, room, talk, number), rate)


def running(seconds: float, strewn: int) -> Iterator[Recording]:
    """Yield talk that is not for the kiosk, half a minute at a time, until there are so many seconds.

    strewn: how many phrases near the wake phrase stand between every six sentences.
    """
    chance = random.Random(1)  # noqa: S311 - to choose, not to hide
    talk, near = _lines("running.txt") + _lines("babble.txt"), _lines("near.txt")
    passed, number = 0.0, 0
    while passed < seconds:
        texts = chance.sample(talk, 6)
        for _ in range(strewn):
            texts.insert(chance.randrange(len(texts) + 1), chance.choice(near))
        text = " ".join(line.rstrip(".?!") + "." for line in texts)
        speech, rate = speak(text, VOICES[number % len(VOICES)], chance.choice(SPEEDS))
        loud = speech * (LOUDNESS / (float(np.mean(speech.astype(np.float64) ** 2)) + 1e-12) ** 0.5)
        recording = _recording(np.concatenate((loud, np.zeros(rate, np.float32))), rate)
        passed, number = passed + len(recording.pcm) / 2 / rate, number + 1
        yield recording


def main(argv: list[str]) -> int:
    """Measure and print; 1 if a voice or the model is missing."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.waking", description="Measure the wake phrase.")
    parser.add_argument("--hours", type=float, default=1.0, help="how much talk of each kind that is not for it")
    hours = parser.parse_args(argv).hours
    try:
        recogniser = VoskRecogniser(places.model_dir())
        heard, said = Counter[str](), Counter[str]()
        for room, recording in sayings(babble()):
            said[room.title] += 1
            heard[room.title] += wake.wait(recording, recogniser, PHRASE, Event()) is not None
        for room in ROOMS:
            print(f"heard, {room.title}: {heard[room.title]} of {said[room.title]}", flush=True)
        for strewn, kind in TALK.items():
            starts = sum(_starts(recording, recogniser) for recording in running(hours * 3600, strewn))
            print(f"false starts in {hours} h of {kind}: {starts}", flush=True)
    except KioskError as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 1
    return 0


def _starts(recording: Recording, recogniser: VoskRecogniser) -> int:
    """Return how often a recording wakes the kiosk, which waits again each time."""
    starts = 0
    source = recording
    while rest := wake.wait(source, recogniser, PHRASE, Event()):
        starts += 1
        source = Recording(b"".join(rest.blocks()), recording.rate)
    return starts


def _recording(sound: Sound, rate: int) -> Recording:
    room = np.random.default_rng(1).normal(0, 3e-4, len(sound))
    samples = (np.clip(sound + room, -1, 1) * np.iinfo(np.int16).max).astype(np.int16)
    return Recording(samples.tobytes(), rate)


def _lines(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
