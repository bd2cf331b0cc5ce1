"""Hearing: sound from a microphone or from a file, as 16-bit mono samples.

Nothing that is heard is ever written to disk.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from kiosk import sound_worker
from kiosk.sound import LOST_AFTER, SoundDevice
from kiosk.terms import DeviceError, SoundFileError

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

BLOCK: Final = sound_worker.BLOCK
"""Seconds of one block."""
HEARD_BY_NOBODY: Final = b"R"
"""The kind of packets that `sound_worker` sends while nobody listens."""
QUEUED: Final = 300
"""Blocks that may wait to be read: 15 s, the longest utterance, so that a slow reader loses nothing."""
GLANCE: Final = 0.1
"""Seconds between looks at whether the microphone is still there."""
SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""
MUTED_AFTER: Final = 1.5
"""Seconds of nothing at all after which patients are told: within 2 s of beginning to speak."""
DEAD_AFTER: Final = 60.0
"""Seconds of nothing at all after which staff are told; some microphones give nothing in a still room."""
CLIPPED_OVER: Final = 10.0
"""Seconds over which it is reckoned how much is too loud."""
TOO_LOUD: Final = 0.2
"""How much of the sound may be: a shout now and then does no harm."""
FULL_SCALE: Final = 32768
LOWEST: Final = -120.0
"""dBFS told for digital silence, whose level has no logarithm."""
LONGEST_FILE: Final = 60.0
"""Seconds read of a sound file; no question is longer."""
SHORTEST_FILE: Final = 0.1
"""Seconds; the shortest words take twice as long."""
PIECE: Final = 4096
"""Frames read at a time."""
RATES: Final = range(4_000, 384_001)
"""Samples a second that a real recording has; other figures come from damaged headers."""
GIVE: Final = "Give a sound file: WAV, FLAC or OGG."


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
        self._listening = False

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
        losses = self.losses
        while not self._blocks.empty():
            self._blocks.get_nowait()
        self.watch.begin()
        self._listen(on=True)
        try:
            while True:
                yield self._next(losses)
        finally:
            self._listen(on=False)
            self.watch.end()

    def _listen(self, *, on: bool) -> None:
        """Have every block brought at once, or, while nobody listens, only what their level is told from."""
        self._listening = on
        with suppress(DeviceError):  # `_next` tells, and `_greet` when it is back
            self._send(b"L", b"1" if on else b"")

    def _next(self, losses: int) -> bytes:
        """Return the next block, unless it was lost more often than `losses` by now."""
        while self.losses == losses:
            with suppress(queue.Empty):
                return self._blocks.get(timeout=GLANCE)
        raise self.gone()

    def _greet(self) -> None:
        self.watch = Watch()
        self._listen(on=self._listening)

    def _take(self, kind: bytes, load: bytes) -> None:
        """Put a block aside; whoever brings it must not wait."""
        self.watch.feed(load, len(load) / SAMPLE / (self.rate or 1))
        if not self._listening or kind == HEARD_BY_NOBODY:
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

    def feed(self, block: bytes, seconds: float) -> None:
        """Take the next block of 16-bit samples, `seconds` long."""
        import numpy as np  # noqa: PLC0415 - text mode starts without it

        samples = np.frombuffer(block, np.int16)
        least, most = (int(samples.min()), int(samples.max())) if samples.size else (0, 0)
        # A constant counts as nothing: cheap microphones add one.
        self.dead = self.dead + seconds if least == most else 0.0
        if self._listened is not None:
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


def read_sound(path: Path, *, longest: float = LONGEST_FILE) -> tuple[bytes, int]:
    """Return a sound file's 16-bit mono samples and its rate: WAV, FLAC, OGG and what else libsndfile reads.

    Several channels are mixed into one. Only the first `longest` seconds are read. A file that was
    cut off is used as far as it goes, since a question is mostly understood without its end.
    Raises `SoundFileError`.
    """
    try:
        _check(path)
    except OSError as error:
        raise SoundFileError(f"{path} cannot be read: {error.strerror}.", "Check its name and permissions.") from error
    samples, rate = _decoded(path, longest)
    if len(samples) < SHORTEST_FILE * rate:
        raise SoundFileError(f"{path} has no sound in it, or too little for a word.", GIVE)
    return _mono(samples).tobytes(), rate


def _check(path: Path) -> None:
    """Raise `SoundFileError` or `OSError` where there is no file with something in it."""
    if path.is_dir():
        raise SoundFileError(f"{path} is a folder, not a sound file.", "Name the files in it.")
    if not path.exists():
        raise SoundFileError(f"There is no file {path}.", "Check the name.")
    if not path.is_file():
        raise SoundFileError(f"{path} is not a file.", GIVE)
    with path.open("rb") as file:
        if not file.read(1):
            raise SoundFileError(f"{path} is empty.", GIVE)


def _decoded(path: Path, longest: float) -> tuple[NDArray[np.float32], int]:
    """Return samples by frame and channel, as far as they can be read, and their rate."""
    try:
        import soundfile  # noqa: PLC0415 - text mode starts without it
    except (ImportError, OSError) as error:
        raise SoundFileError(
            f"The library for sound files cannot be loaded: {error}.",
            "On Debian and Ubuntu: sudo apt-get install libsndfile1",
        ) from error
    try:
        with soundfile.SoundFile(str(path)) as sound:
            if sound.samplerate not in RATES:
                raise SoundFileError(f"{path} claims {sound.samplerate} samples a second: it is damaged.", GIVE)
            return _read(sound, round(longest * sound.samplerate)), sound.samplerate
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: a name that ends in .raw
        raise SoundFileError(f"{path} is not a sound file, or is damaged.", GIVE) from error


def _read(sound: soundfile.SoundFile, most: int) -> NDArray[np.float32]:
    """Return up to `most` frames, piece by piece: what comes before a damaged place is kept."""
    import numpy as np  # noqa: PLC0415
    from soundfile import LibsndfileError  # noqa: PLC0415

    pieces = [np.empty((0, sound.channels), np.float32)]
    with suppress(LibsndfileError):
        while most > 0 and len(piece := sound.read(min(most, PIECE), dtype="float32", always_2d=True)):
            pieces.append(piece)
            most -= len(piece)
    return np.concatenate(pieces)


def _mono(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Mix the channels of `samples` (-1 to 1) into one; what is not a number counts as silence."""
    import numpy as np  # noqa: PLC0415

    mixed = np.clip(np.nan_to_num(samples), -1, 1).mean(axis=1)
    mono: NDArray[np.int16] = np.clip(np.round(mixed * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return mono
