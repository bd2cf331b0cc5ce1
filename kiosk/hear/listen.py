"""Listening: one utterance from a microphone to its end, with the words while they are recognised.

The device's thread only puts blocks aside (`microphone`); this thread watches the loudness and decides
when the utterance is over (`endpoint`); a third recognises (`transcribe`), which comes in bursts and
may fall behind on a slow computer without any sound being lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

from kiosk.hear.microphone import level
from kiosk.terms import Transcript
from kiosk.transcribe.recogniser import says_something, without_noise

if TYPE_CHECKING:
    from kiosk.hear.endpoint import Endpoint
    from kiosk.terms import Recogniser, Utterance

TAIL: Final = 0.1
"""Seconds heard on after `stop`, while it is loud: devices hand sound over late, and the last word would
lose its end."""
GLANCE: Final = 0.02
"""Seconds between looks at `cancel` while the last words are recognised."""
SAMPLE: Final = 2
"""Bytes of one 16-bit sample."""


class Source(Protocol):
    """Where sound comes from: a microphone, or a recording in its place."""

    @property
    def rate(self) -> int:
        """Samples a second; known once `blocks` has been called."""

    def blocks(self) -> Generator[bytes, None, None]:
        """Yield 16-bit mono samples as they are heard, from now on; raises `DeviceError`."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody said something."""

    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody spoke, and nothing was louder than the room."""


@dataclass(frozen=True, slots=True)
class Noise:
    """There was sound, but no words in it."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It was called off; whatever was heard is forgotten."""


Outcome = Heard | Silence | Noise | Cancelled


def listen(  # noqa: PLR0913 - each of them is somebody else's business
    source: Source,
    recogniser: Recogniser,
    endpoint: Endpoint,
    *,
    stop: Event,
    cancel: Event,
    on_block: Callable[[str, float], None] = lambda _words, _level: None,
    patience: Callable[[Transcript], float | None] = lambda _so_far: None,
) -> Outcome:
    """Hear one utterance to its end and return what came of it.

    It ends when `endpoint` says so, when `source` does, or soon after `stop` is set (the talk key);
    when `cancel` is set it ends at once, without a result. After each block, `on_block` is called in
    this thread with the words so far and the level in dBFS, for display. `patience` may tell, by what
    was heard so far, how many seconds of silence end the utterance now. Raises what `source` and
    `recogniser` raise.
    """
    with closing(source.blocks()) as blocks, _Decoding(recogniser.utterance(source.rate)) as decoding:
        tail = TAIL
        for block in blocks:
            stopped = stop.is_set()
            loudness, seconds = level(block), len(block) / SAMPLE / source.rate
            so_far = decoding.feed(block)
            meant = so_far.text if says_something(so_far.text) else ""
            state = endpoint.feed(loudness, seconds, meant, silence=patience(so_far))
            on_block(so_far.text, loudness)
            tail -= seconds if stopped else 0
            if state.over or (stopped and endpoint.quiet) or tail <= 0 or cancel.is_set():
                break
        blocks.close()  # what is said while the last words are recognised is not for us
        transcript = decoding.finish(cancel)
    return Cancelled() if transcript is None else _outcome(without_noise(transcript), endpoint)


def _outcome(transcript: Transcript, endpoint: Endpoint) -> Outcome:
    if transcript.text and not endpoint.only_noise:
        return Heard(transcript)
    return Noise() if endpoint.noticed else Silence()


class _Decoding:
    """A recogniser at work in a thread of its own, fed without ever waiting for it."""

    def __init__(self, utterance: Utterance) -> None:
        self._utterance = utterance
        self._worker = ThreadPoolExecutor(1, "transcribe")
        self._pending: deque[Future[Transcript]] = deque()
        self._so_far = Transcript("", heard=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for fed in self._pending:  # of what is called off
            fed.cancel()
        self._worker.shutdown(wait=False)  # what is finished for nobody still gives its recogniser back

    def feed(self, block: bytes) -> Transcript:
        """Hand over a block; return what is recognised by now, which may be that of earlier blocks."""
        self._pending.append(self._worker.submit(self._utterance.feed, block))
        while self._pending and self._pending[0].done():
            self._so_far = self._pending.popleft().result()
        return self._so_far

    def finish(self, cancel: Event) -> Transcript | None:
        """Wait for the last words and return all, or None as soon as `cancel` is set."""
        finished = self._worker.submit(self._utterance.finish)
        while not cancel.is_set():
            if wait([finished], timeout=GLANCE).done:
                for fed in self._pending:
                    fed.result()  # raises what went wrong on the way
                return finished.result()
        return None
