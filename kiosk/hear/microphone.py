"""A microphone that comes and goes, and what is wrong with its sound; 16-bit mono samples.

Nothing that is heard is ever written to disk.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Generator
from contextlib import suppress
from typing import Final, Self

from kiosk.sound import worker
from kiosk.sound.supervised import LOST_AFTER, SoundDevice
from kiosk.terms import DeviceError

BLOCK: Final = worker.BLOCK
"""Seconds of one block."""
HEARD: Final = b"S"
"""The kind of packets that `worker` sends while somebody listens."""
QUEUED: Final = 300
"""Blocks that may wait to be read: 15 s, the longest utterance, so that a slow reader loses nothing."""
GLANCE: Final = 0.1
"""Seconds between looks at whether the microphone is still there."""
SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""
MUTED_AFTER: Final = 1.5
"""Seconds of nothing at all after which patients are told: within 2 s of beginning to speak."""
DEAD_AFTER: Final = 60.0
"""Seconds of sound that is nothing at all after which staff are told; some microphones give nothing in a still room."""
CLIPPED_OVER: Final = 10.0
"""Seconds over which it is reckoned how much is too loud."""
TOO_LOUD: Final = 0.2
"""How much of the sound may be: a shout now and then does no harm."""
FULL_SCALE: Final = 32768
LOWEST: Final = -120.0
"""dBFS told for digital silence, whose level has no logarithm."""


class Microphone(SoundDevice):
    """A microphone that comes and goes: 16-bit mono at its own rate."""

    _way = "input"

    def __init__(self, wanted: str | int | None = None, *, lost_after: float = LOST_AFTER) -> None:
        """Take the microphone `wanted` (see `devices.find`), not yet opened."""
        super().__init__(wanted, lost_after=lost_after)
        self.overflows = 0
        """Times that sound was lost because nobody took it soon enough."""
        self.watch = Watch()
        self._blocks: queue.Queue[bytes] = queue.Queue(QUEUED)
        self._listener: object = None
        """Who listens now; one who listened before and only now gives up must not switch it off."""

    def __enter__(self) -> Self:
        self.open()
        return super().__enter__()

    @property
    def rate(self) -> int:
        """Samples a second; 0 while it is not there."""
        opened = self.opened
        return opened.rate if opened else 0

    def blocks(self) -> Generator[bytes, None, None]:
        """Hear from now on: an iterator over blocks of about 0.05 s, without end.

        Opens the microphone if need be. Close the iterator to stop hearing: in between, sound is
        dropped at once. Raises `DeviceError`, here if the device cannot be opened, later if it falls
        silent.
        """
        self.open()
        return self._heard()

    def _heard(self) -> Generator[bytes, None, None]:
        losses, me = self.losses, object()
        while not self._blocks.empty():
            self._blocks.get_nowait()
        self.watch.begin()
        self._listener = me
        self._tell_listening()
        try:
            while True:
                yield self._next(losses)
        finally:
            if self._listener is me:
                self._listener = None
                self._tell_listening()
                self.watch.end()

    def _tell_listening(self) -> None:
        """Have every block brought at once, or, while nobody listens, only what their level is told from."""
        with suppress(DeviceError):  # `_next` tells, and `_greet` when it is back
            self._send(b"L", b"1" if self._listener else b"")

    def _next(self, losses: int) -> bytes:
        """Return the next block, unless it was lost more often than `losses` by now."""
        while self.losses == losses:
            with suppress(queue.Empty):
                return self._blocks.get(timeout=GLANCE)
        raise self.gone()

    def _greet(self) -> None:
        self.watch = Watch()
        self._tell_listening()

    def _take(self, kind: bytes, load: bytes) -> None:
        """Put a block aside; whoever brings it must not wait."""
        heard = kind == HEARD
        step = SAMPLE * round(self.rate * BLOCK) or len(load)
        for start in range(0, len(load), step):
            block = load[start : start + step]
            self.watch.feed(block, len(block) / SAMPLE / (self.rate or 1), heard=heard)
        if not self._listener or not heard:
            return
        try:
            self._blocks.put_nowait(load)
        except queue.Full:
            self.overflows += 1


class Watch:
    """What is wrong with the sound of a microphone that works: it is switched off, or turned up too far."""

    def __init__(self) -> None:
        self.dead = 0.0
        """Seconds, up to now, of nothing at all, as from a microphone that is switched off: still rooms rustle."""
        self.clipped = 0.0
        """How much of the last seconds was louder than the microphone can tell, 0 to 1."""
        self._listened: float | None = None
        """Seconds since somebody began to listen; None while nobody does."""

    @property
    def muted(self) -> bool:
        """Whether nothing at all has come for too long while somebody listens."""
        return self._listened is not None and min(self.dead, self._listened) >= MUTED_AFTER

    @property
    def complaint(self) -> str:
        """What staff should see to, or nothing."""
        if self.dead >= DEAD_AFTER:
            return "gives nothing at all"
        return "is turned up too far" if self.clipped >= TOO_LOUD else ""

    def begin(self) -> None:
        """Take up that somebody begins to listen."""
        self._listened = 0.0

    def end(self) -> None:
        """Take up that nobody listens any more."""
        self._listened = None

    def feed(self, block: bytes, seconds: float, *, heard: bool = True) -> None:
        """Take the next block of 16-bit samples, `seconds` long. `heard`: whether it is from after `begin`."""
        import numpy as np  # noqa: PLC0415 - text mode starts without it

        samples = np.frombuffer(block, np.int16)
        least, most = (int(samples.min()), int(samples.max())) if samples.size else (0, 0)
        # A constant counts as nothing: cheap microphones add one.
        self.dead = self.dead + seconds if least == most else 0.0
        if self._listened is not None and heard:
            self._listened += seconds
        clips = max(most, -1 - least) >= FULL_SCALE - 1
        self.clipped += (clips - self.clipped) * min(1.0, seconds / CLIPPED_OVER)


def level(pcm: bytes) -> float:
    """Return the loudness of 16-bit samples in dBFS, from -120 (nothing) to 0 (as loud as can be)."""
    import numpy as np  # noqa: PLC0415 - text mode starts without it

    samples = np.frombuffer(pcm, np.int16)
    # The deviation, not the root mean square: cheap microphones add a constant.
    deviation = float(samples.std(dtype=np.float64)) if samples.size else 0.0
    return max(LOWEST, 20 * math.log10(deviation / FULL_SCALE)) if deviation else LOWEST
