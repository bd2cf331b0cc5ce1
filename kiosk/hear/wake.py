"""Waking: the kiosk listens when somebody says the wake phrase, and not when a television talks.

Vosk looks out for the phrase with a small grammar. Such a grammar likes to hear what it knows, so it
also knows `DECOYS`, to which other talk goes; and the phrase counts only where somebody begins with it,
after quiet. See docs/decisions/0024.

Who says the phrase and goes on with the question is not asked to say it again: what comes after the
phrase is handed on.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk.hear.listen import Source
    from kiosk.transcribe.recogniser import VoskRecogniser

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
LIKELY: Final = 5
"""How many times likelier the phrase is than any decoy: with 1 noise loses every fifth, with 10
other talk wakes it (decision 0024)."""
KEPT: Final = 12.0
"""Seconds of sound kept: the phrase, a question in the same breath, and the quiet that ends both."""
FRESH: Final = 60.0
"""Seconds after which the recogniser is made anew, at the end of an utterance: old ones grow (vosk-api #209)."""
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
        rest = _rest(source.rate, live, recogniser, phrase, cancel)
    except BaseException:
        live.close()
        raise
    if rest is None:
        live.close()
    return rest


def _rest(
    rate: int, live: Generator[bytes, None, None], recogniser: VoskRecogniser, phrase: str, cancel: Event
) -> Rest | None:
    grammar = (*[phrase] * LIKELY, *DECOYS)
    spotter, recent = recogniser.spotter(rate, grammar), _Recent(rate)
    for block in live:
        if cancel.is_set():
            break
        recent.add(block)
        said = spotter.feed(block)
        if said is None:
            continue
        first = said[: len(phrase.split())]
        if " ".join(word.text for word in first) == phrase:
            return Rest(rate, recent.since(first[-1].end), live)
        if recent.passed > FRESH:
            spotter, recent = recogniser.spotter(rate, grammar), _Recent(rate)
    return None


class _Recent:
    """The last seconds of sound, by the time since the first block."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.passed = 0.0
        """Seconds since the first block."""
        self._sound = bytearray()

    def add(self, block: bytes) -> None:
        self.passed += len(block) / SAMPLE / self._rate
        self._sound += block
        del self._sound[: -round(KEPT * self._rate) * SAMPLE]

    def since(self, start: float) -> bytes:
        """Return the sound from the second `start` on, as far as it is kept."""
        wanted = round((self.passed - start) * self._rate) * SAMPLE
        return bytes(self._sound[-wanted:]) if wanted > 0 else b""
