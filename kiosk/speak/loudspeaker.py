"""A loudspeaker that comes and goes, and stops in the middle of a word."""

from __future__ import annotations

import threading
import wave
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.sound.supervised import LOST_AFTER, SoundDevice
from kiosk.sound.worker import LOUDNESS, NUMBER, PLACE
from kiosk.speak.voice import SAMPLE, is_wav
from kiosk.terms import DeviceError, VoiceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAD_OUT: Final = 0.1
"""Seconds of silence played last, which is what is lost when a device stops before it has played all."""
GLANCE: Final = 0.02
"""Seconds between looks at `stop` while a sound plays."""


class Loudspeaker(SoundDevice):
    """A loudspeaker that comes and goes: 16-bit mono at its own rate."""

    _way = "output"

    def __init__(self, wanted: str | int | None = None, *, lost_after: float = LOST_AFTER) -> None:
        """Take the loudspeaker `wanted` (see `devices.find`); nothing is opened yet."""
        super().__init__(wanted, lost_after=lost_after)
        self._volume = 1.0
        self._number = 0
        self._played = (0, 0)
        """The number of the sound that is played, and how many of its bytes were."""

    @property
    def volume(self) -> float:
        """0 to 1; it may change while something is played."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = volume
        self._tell_volume()

    def play(self, path: Path, stop: threading.Event, on_progress: Callable[[float], None] | None = None) -> bool:
        """Play a 16-bit mono WAV; return True when it was played to its end, False when `stop` was set.

        `stop` silences within 0.1 s. `on_progress` is called in this thread many times a second with the
        part that has been played, 0 to 1. Raises `DeviceError` if the loudspeaker is missing, busy or lost,
        `VoiceError` if the file is not a sound.
        """
        samples, rate = _samples(path)
        wanted = self.open().rate
        losses = self.losses
        pcm = _padded(samples if rate == wanted else _resampled(samples, rate, wanted), wanted)
        self._number += 1
        number = self._number
        self._send(b"P", NUMBER.pack(number) + pcm)
        while self._played[0] != number or self._played[1] < len(pcm):
            self._wait(lambda: stop.is_set() or self._played == (number, len(pcm)), GLANCE)
            if stop.is_set():
                self._send(b"H")
                return False
            if self.losses != losses:
                raise self.gone()
            if on_progress and self._played[0] == number:
                on_progress(self._played[1] / len(pcm))
        return True

    def _greet(self) -> None:
        self._tell_volume()

    def _tell_volume(self) -> None:
        with suppress(DeviceError):  # it is told when the device is back
            self._send(b"V", LOUDNESS.pack(self._volume))

    def _take(self, kind: bytes, load: bytes) -> None:  # noqa: ARG002 - a loudspeaker has one kind of news
        self._played = PLACE.unpack(load)


def _padded(samples: NDArray[np.int16], rate: int) -> bytes:
    """Return the bytes of `samples` before a silence that a device may swallow: at their beginning it is awake."""
    return samples.tobytes() + bytes(SAMPLE * round(LEAD_OUT * rate))


def _samples(path: Path) -> tuple[NDArray[np.int16], int]:
    """Return a sound from its first sample that is not silent on: voices begin with up to 55 ms of nothing."""
    import numpy as np  # noqa: PLC0415 - text mode starts without it

    if not is_wav(path):
        raise VoiceError(f"{path} is not a sound that can be played.", "Delete it, and it is made anew.")
    with wave.open(str(path), "rb") as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.int16)
        return samples[np.argmax(samples != 0) :], sound.getframerate()


def _resampled(samples: NDArray[np.int16], rate: int, wanted: int) -> NDArray[np.int16]:
    """Return `samples` at the rate `wanted`, by straight lines, which does for speech."""
    import numpy as np  # noqa: PLC0415

    places = np.arange(0, len(samples) - 1, rate / wanted)
    between: NDArray[np.int16] = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
    return between
