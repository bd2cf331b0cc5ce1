"""Waking: the kiosk listens when somebody says the wake phrase, and not when a television talks.

Vosk looks out for the phrase with a grammar of that phrase alone. Such a grammar likes to hear what it
knows, so two more things must hold: the phrase stands alone, with quiet before and after it, and all
of Vosk's words, asked about the same seconds again, hear it too. See docs/decisions/0024.
"""

from __future__ import annotations

from collections import deque
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING, Final

from kiosk.transcribe import transcribe

if TYPE_CHECKING:
    from kiosk.listen import Source
    from kiosk.transcribe import VoskRecogniser

KEPT: Final = 3.0
"""Seconds of sound kept to be asked about again; the phrase takes one, the silence after it half of one."""
FRESH: Final = 60.0
"""Seconds after which the recogniser is made anew, at the end of an utterance: old ones grow (vosk-api #209)."""
SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""


def wait(source: Source, recogniser: VoskRecogniser, phrase: str, cancel: Event) -> bool:
    """Return True when `phrase` has been said to the kiosk, False when `cancel` was set or `source` has ended.

    Nothing that is heard is kept longer than `KEPT`. Raises what `source` and `recogniser` raise.
    """
    with closing(source.blocks()) as blocks:
        spotter, age = recogniser.spotter(source.rate, phrase), 0.0
        recent: deque[bytes] = deque()
        kept = 0.0
        for block in blocks:
            if cancel.is_set():
                return False
            seconds = len(block) / SAMPLE / source.rate
            recent.append(block)
            kept, age = kept + seconds, age + seconds
            while kept > KEPT:
                kept -= len(recent.popleft()) / SAMPLE / source.rate
            said = spotter.feed(block)
            if said == phrase and _confirmed(b"".join(recent), source.rate, recogniser, phrase):
                return True
            if said is not None and age > FRESH:
                spotter, age = recogniser.spotter(source.rate, phrase), 0.0
    return False


def _confirmed(pcm: bytes, rate: int, recogniser: VoskRecogniser, phrase: str) -> bool:
    """Tell whether the recogniser with all its words hears the phrase too, in any of its readings."""
    return any(reading.endswith(phrase) for reading in transcribe(recogniser, pcm, rate).readings)
