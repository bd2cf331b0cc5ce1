"""A kiosk without sound cards: real conversation, real page, and ears and a mouth that wait to be told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.converse.session import Session
from kiosk.hear.listen import Cancelled, Heard, Noise, Outcome, Silence
from kiosk.screen import Look, Screen
from kiosk.terms import DeviceError, Transcript, VoiceError

GLANCE = 0.01
QUIET = -50.0


@dataclass
class Notes:
    """Ears that hear what a test writes: the words so far, and then an outcome."""

    words: str = ""
    level: float = QUIET
    outcome: Outcome | Exception | None = None
    slow: bool = False
    """True to recognise the last words for as long as the test lasts."""
    listening: threading.Event = field(default_factory=threading.Event)
    present: bool = True
    complaint: str = ""

    def listen(self, stop, cancel, on_block) -> Outcome:
        self.present = True
        self.listening.set()
        while not cancel.is_set():
            on_block(self.words, self.level)
            if isinstance(self.outcome, Exception):
                broken = self.outcome
                self.present = False
                self._done(Cancelled())
                raise broken
            if self.outcome is not None:
                return self._done(self.outcome)
            if stop.is_set() and not self.slow:
                return self._done(Heard(Transcript(self.words)) if self.words else Silence())
            cancel.wait(GLANCE)
        return self._done(Cancelled())

    def hear(self, words: str, level: float = -22.0) -> None:
        """Have somebody say `words` and go on listening."""
        self.words, self.level = words, level

    def fall_silent(self) -> None:
        """Have the question end, as after a second of silence."""
        self.outcome = Heard(Transcript(self.words)) if self.words else Noise()

    def break_down(self) -> None:
        self.outcome = DeviceError("The microphone is lost.")

    def _done(self, outcome: Outcome) -> Outcome:
        self.words, self.level, self.outcome = "", QUIET, None
        self.listening.clear()
        return outcome


@dataclass
class Lips:
    """A mouth that says a sentence for as long as a test lets it."""

    volume: float = 1.0
    said: list[str] = field(default_factory=list)
    next: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    broken: bool = False

    @property
    def present(self) -> bool:
        return not self.broken

    def synthesise(self, text: str) -> Path:
        if self.broken:
            raise VoiceError("The voice is gone.")
        return Path(text)

    def play(self, path: Path, stop: threading.Event) -> bool:
        self.said.append(str(path))
        while not self.next.acquire(timeout=GLANCE):
            if stop.is_set():
                return False
        return True

    def go_on(self, sentences: int = 1) -> None:
        """Let that many sentences come to their end."""
        self.next.release(sentences)


@dataclass
class Call:
    """A wake phrase that is said when a test says so."""

    said: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)

    def wait(self, cancel: threading.Event) -> bool:
        self.waiting.set()
        while not cancel.is_set():
            if self.said.wait(GLANCE):
                self.said.clear()
                self.waiting.clear()
                return True
        self.waiting.clear()
        return False


@dataclass
class Kiosk:
    """A kiosk in a test's hands."""

    session: Session
    screen: Screen
    ears: Notes | None
    mouth: Lips | None
    close_page: Callable[[], None]
    """Ends the page's server, as when the kiosk is switched off."""


@contextmanager
def kiosk(  # noqa: PLR0913 - what can be different about a kiosk
    understander, *, ears=None, mouth=None, waker=None, idle=300.0, warned=20.0, look=None
) -> Iterator[Kiosk]:
    """A kiosk that is switched on; without `ears` it is deaf, without `mouth` mute."""
    with Session(understander, ears, mouth, waker, idle=idle, warned=warned) as session, ExitStack() as stack:
        screen = stack.enter_context(Screen(session, understander.phrasebook, look or Look(idle_seconds=idle)))
        yield Kiosk(session, screen, ears, mouth, stack.close)
