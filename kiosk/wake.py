"""Waking: the kiosk listens when somebody says the wake phrase, and not when a television talks.

Vosk looks out for the phrase with a small grammar. Such a grammar likes to hear what it knows, so it
also knows `DECOYS`, to which other talk goes. Two more things must hold: the phrase comes first, after
quiet, and all of Vosk's words, asked about the same second again, hear something like it. See
docs/decisions/0024.

Who says the phrase and goes on with the question is not asked to say it again: what comes after the
phrase is handed on.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz

from kiosk.transcribe import transcribe

if TYPE_CHECKING:
    from kiosk.listen import Source
    from kiosk.transcribe import VoskRecogniser, Word

DECOYS: Final = (
    *"a the to and of in is it you that he was for on are with as his they at be this have from or one had by".split(),
    *"but what all were we when your can said there use an each which she do how their if will up other about".split(),
    *"out many then them these so some her would make like him into time has look two more write go see".split(),
    *"number no way could people my than first been call who its now find long down day did get come made".split(),
    *"may part hello clinic yes hi good morning doctor nick linda critic clint clinton cleaning picnic".split(),
    *"cynic technique plant plan claim glint glen clear clearly created credit clinical chronic kitchen".split(),
    *"colonel monica eric click clean".split(),
    *("clean it", "click it", "clear it", "can it", "the clinic", "eye clinic", "health clinic", "hotel clinic"),
    *("hello doctor", "hello nick", "hello linda", "hello clint", "hello clinton", "hello critic", "hello picnic"),
    *("hello cleaning", "hello clean it", "hello click it", "hello plant", "hello clear it", "hello clearly"),
    *("hello kitchen", "hello can it", "hello monica", "hello eric", "hello chronic", "hello there"),
    "hello everybody",
)
"""What the grammar may hear beside the phrase: the commonest words of English, and what sounds like "hello clinic"
in some voice. Where the clinic chooses another phrase the common words still help."""
KEPT: Final = 12.0
"""Seconds of sound kept: the phrase, a question in the same breath, and the quiet that ends both."""
FRESH: Final = 60.0
"""Seconds after which the recogniser is made anew, at the end of an utterance: old ones grow (vosk-api #209)."""
MARGIN: Final = 0.3
"""Seconds asked about again before and after the phrase: its edges are not sharp."""
ALIKE: Final = 50.0
"""How much alike the letters of the phrase and of a reading must be, 0 to 100, spaces aside (decision 0024)."""
BLOCK: Final = 0.05
"""Seconds of a block of what was kept, as long as a microphone's."""
SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""


@dataclass(slots=True)
class Rest:
    """What is heard after the phrase: a source that goes on where the phrase ended, to be used once, and soon."""

    rate: int
    """Samples a second."""
    _kept: bytes
    _live: Generator[bytes, None, None]

    def blocks(self) -> Generator[bytes, None, None]:
        """Yield 16-bit mono samples from the end of the phrase on; raises what the source raises."""
        with closing(self._live):
            step = SAMPLE * round(self.rate * BLOCK)
            for start in range(0, len(self._kept), step):
                yield self._kept[start : start + step]
            yield from self._live

    def close(self) -> None:
        """Hear nothing more."""
        self._live.close()


def wait(source: Source, recogniser: VoskRecogniser, phrase: str, cancel: Event) -> Rest | None:
    """Return what follows `phrase` when that has been said to the kiosk, None if `cancel` was set or `source` ended.

    Nothing that is heard is kept longer than `KEPT`. Raises what `source` and `recogniser` raise.
    """
    live = source.blocks()
    try:
        spotter, recent = recogniser.spotter(source.rate, (phrase, *DECOYS)), _Recent(source.rate)
        for block in live:
            if cancel.is_set():
                break
            recent.add(block)
            said = spotter.feed(block)
            if said is None:
                continue
            if (end := _end_of(phrase, said, recent, recogniser)) is not None:
                return Rest(source.rate, recent.cut(end, recent.passed), live)
            if recent.passed > FRESH:
                spotter, recent = recogniser.spotter(source.rate, (phrase, *DECOYS)), _Recent(source.rate)
    except BaseException:
        live.close()
        raise
    live.close()
    return None


def _end_of(phrase: str, said: tuple[Word, ...], recent: _Recent, recogniser: VoskRecogniser) -> float | None:
    """Return the second at which `phrase` ended, None if what was `said` does not begin with it."""
    first = said[: len(phrase.split())]
    if " ".join(word.text for word in first) != phrase:
        return None
    sound = recent.cut(first[0].start - MARGIN, first[-1].end + MARGIN)
    readings = transcribe(recogniser, sound, recent.rate).readings
    return first[-1].end if any(sounds_like(phrase, reading) for reading in readings) else None


def sounds_like(phrase: str, reading: str) -> bool:
    """Tell whether a reading is the phrase, or what Vosk makes of it in some voice or noise: "the low clinic"."""
    return fuzz.ratio(phrase.replace(" ", ""), reading.replace(" ", "")) >= ALIKE


class _Recent:
    """The last seconds of sound, by the time since the first block."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.passed = 0.0
        """Seconds since the first block."""
        self._sound = bytearray()

    def add(self, block: bytes) -> None:
        self.passed += len(block) / SAMPLE / self.rate
        self._sound += block
        del self._sound[: -round(KEPT * self.rate) * SAMPLE]

    def cut(self, start: float, end: float) -> bytes:
        """Return the sound from `start` to `end`, in seconds, as far as it is kept."""
        began = self.passed - len(self._sound) / SAMPLE / self.rate
        first, last = (max(round((second - began) * self.rate), 0) * SAMPLE for second in (start, end))
        return bytes(self._sound[first:last])
