"""The room a question is asked in: quiet, with other people talking, or with a fan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from evaluation.voices import Sound, Voice, speak

LOUDNESS: Final = 0.06
"""Root mean square of the speech: an arm's length from the microphone, far from clipping."""
BEFORE: Final = 0.3
AFTER: Final = 0.4
"""Seconds of the room alone, before and after the question."""
BABBLE_RATE: Final = 16_000
BABBLE_SECONDS: Final = 90
TALKERS: Final = (
    (Voice("flite", "slt"), 0.9),
    (Voice("flite", "rms"), 1.1),
    (Voice("flite", "awb"), 1.0),
    (Voice("flite", "kal16"), 0.95),
    (Voice("flite", "slt"), 1.15),
    (Voice("flite", "rms"), 0.9),
)
"""The others in the waiting room: a voice and its speed each."""
TALK: Final = Path(__file__).with_name("babble.txt")


@dataclass(frozen=True, slots=True)
class Room:
    """A noise, and how far the speech stands above it."""

    noise: Literal["quiet", "babble", "fan"] = "quiet"
    snr: int = 0
    """Decibels; of no meaning in a quiet room."""

    @property
    def title(self) -> str:
        """Its name in tables."""
        return self.noise if self.noise == "quiet" else f"{self.noise}, {self.snr} dB"


QUIET: Final = Room()
NOISY: Final = tuple(Room(noise, snr) for noise in ("babble", "fan") for snr in (20, 10, 5))


def babble(sentences: Iterable[str] | None = None) -> Sound:
    """Return `BABBLE_SECONDS` of several people who talk at once, at `BABBLE_RATE`; the same each time."""
    listed = list(_talk() if sentences is None else sentences)
    mix = np.zeros(BABBLE_RATE * BABBLE_SECONDS, np.float32)
    for number, (voice, speed) in enumerate(TALKERS):
        chance = np.random.default_rng(number)
        text = ". ".join(listed[place] for place in chance.permutation(len(listed)))
        sound, rate = speak(text, voice, speed)
        sound = np.resize(resample(sound, rate, BABBLE_RATE), len(mix))
        mix += np.roll(sound, chance.integers(len(mix))) / _power(sound) ** 0.5
    loudest: np.float32 = np.abs(mix).max()
    return (mix / loudest).astype(np.float32)


def fan(length: int, rate: int, seed: int) -> Sound:
    """Return `length` samples of a fan: noise that falls with frequency (brown), over a hiss (pink)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(length))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / rate), 20.0)
    shaped = spectrum * (40.0 / hertz + (1.0 / hertz) ** 0.5)
    return np.fft.irfft(shaped, length).astype(np.float32)


def asked_in(speech: Sound, rate: int, room: Room, talk: Sound, seed: int) -> Sound:
    """Return `speech` at a fixed loudness in `room`, with a little of the room before and after it.

    talk: what `babble` returned. seed: chooses the stretch of noise.
    """
    louder = speech * (LOUDNESS / _power(speech) ** 0.5)
    whole = np.concatenate((_silence(BEFORE, rate), louder, _silence(AFTER, rate)))
    if room.noise != "quiet":
        noise = fan(len(whole), rate, seed) if room.noise == "fan" else _stretch(talk, len(whole), rate, seed)
        # Against the speech alone: the silence around it would flatter the ratio.
        whole += noise * (LOUDNESS**2 / _power(noise) / 10 ** (room.snr / 10)) ** 0.5
    return (whole / max(1.0, float(np.abs(whole).max()) * 1.01)).astype(np.float32)


def resample(sound: Sound, rate: int, wanted: int) -> Sound:
    """Return a sound at another rate, by straight lines: good enough for what is heard as noise."""
    if rate == wanted:
        return sound
    places = np.arange(0, len(sound) - 1, rate / wanted)
    result: Sound = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
    return result


def _stretch(talk: Sound, length: int, rate: int, seed: int) -> Sound:
    there = resample(talk, BABBLE_RATE, rate)
    start = np.random.default_rng(seed).integers(len(there))
    stretch: Sound = np.take(there, np.arange(start, start + length), mode="wrap")
    return stretch


def _power(sound: Sound) -> float:
    return float(np.mean(sound.astype(np.float64) ** 2)) + 1e-12


def _silence(seconds: float, rate: int) -> Sound:
    return np.zeros(round(seconds * rate), np.float32)


def _talk() -> list[str]:
    lines = TALK.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
