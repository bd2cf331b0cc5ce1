"""The kiosk wakes by its phrase, said alone; near phrases and talk around it do not wake it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import pytest
import soundfile

from kiosk.hear import wake
from kiosk.transcribe.recogniser import transcribe

pytestmark = pytest.mark.speech

PHRASE = "hello clinic"
BLOCK = 0.05


@dataclass
class Recording:
    """A recording in place of a microphone, with a second of a quiet room around it."""

    pcm: bytes
    rate: int

    def blocks(self):
        step = 2 * round(self.rate * BLOCK)
        for start in range(0, len(self.pcm), step):
            yield self.pcm[start : start + step]


def recording(path):
    samples, rate = soundfile.read(path, dtype="int16")
    room = np.random.default_rng(1).normal(0, 10, rate).astype(np.int16)
    return Recording(np.concatenate([room, samples, room, room]).tobytes(), rate)


@pytest.mark.parametrize("voice", ["rms", "slt", "awb", "kal16"])
def test_the_phrase_wakes(recogniser, spoken, voice):
    assert wake.wait(recording(spoken("Hello clinic.", voice)), recogniser, PHRASE, threading.Event())


@pytest.mark.parametrize(
    "said",
    [
        "Hello.",
        "Hello, Nick.",
        "Hello doctor.",
        "Hello picnic.",
        "The clinic.",
        "Hello, is this the clinic on the corner?",
        "Yellow critic.",
        "The clinic opens at nine in the morning.",
        "And now for the weather. Tomorrow will be dry and sunny everywhere.",
    ],
)
def test_other_talk_does_not(recogniser, spoken, said):
    assert wake.wait(recording(spoken(said)), recogniser, PHRASE, threading.Event()) is None


def test_what_follows_the_phrase_is_handed_on_from_its_end_to_the_end_of_the_sound(recogniser, spoken):
    whole = recording(spoken("Hello clinic. Is tingling normal?"))
    rest = wake.wait(whole, recogniser, PHRASE, threading.Event())
    assert rest.rate == whole.rate
    heard = b"".join(rest.blocks())
    assert whole.pcm.endswith(heard)
    words = transcribe(recogniser, heard, rest.rate).text
    assert "tingling normal" in words
    assert "clinic" not in words


def test_waiting_can_be_called_off(recogniser, spoken):
    cancel = threading.Event()
    cancel.set()
    assert wake.wait(recording(spoken("Hello clinic.")), recogniser, PHRASE, cancel) is None
