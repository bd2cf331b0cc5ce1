"""Sound files as 16-bit mono samples: a recorded question in place of a spoken one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.hear.microphone import FULL_SCALE
from kiosk.terms import SoundFileError

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

LONGEST_FILE: Final = 60.0
"""Seconds read of a sound file; no question is longer."""
SHORTEST_FILE: Final = 0.1
"""Seconds; the shortest words take twice as long."""
PIECE: Final = 4096
"""Frames read at a time."""
RATES: Final = range(4_000, 384_001)
"""Samples a second that a real recording has; other figures come from damaged headers."""
GIVE: Final = "Give a sound file: WAV, FLAC or OGG."


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
