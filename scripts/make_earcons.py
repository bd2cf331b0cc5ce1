"""Makes the page's two earcons: a rising pair of soft tones, "speak now", and a falling one, "I have heard you"."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 24_000
TONE = 0.11
"""Seconds of each tone; both together are too short to be taken for a word."""
LOW, HIGH = 523.25, 783.99
"""A fifth, C and G: friendly, and low enough for old ears."""
LOUD = 0.35
FOLDER = Path(__file__).parents[1] / "kiosk" / "screen" / "static"


def tone(pitch: float) -> np.ndarray:
    """Return one tone that swells and fades like a marimba's."""
    time = np.arange(round(TONE * RATE)) / RATE
    swell = np.minimum(time / 0.012, 1) * np.exp(-time * 22)
    return LOUD * swell * (np.sin(2 * np.pi * pitch * time) + 0.2 * np.sin(4 * np.pi * pitch * time))


for name, pitches in {"begin": (LOW, HIGH), "end": (HIGH, LOW)}.items():
    soundfile.write(FOLDER / f"{name}.wav", np.concatenate([tone(pitch) for pitch in pitches]), RATE, "PCM_16")
