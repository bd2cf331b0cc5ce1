"""Thousands of spoken questions through one kiosk: recogniser, understanding, conversation and voice are real.

Only the sound card is missing, so that it goes as fast as the computer can: the microphone is a
recording, and what is spoken is made but not played.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice, product
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from kiosk import places
from kiosk.converse.session import Session
from kiosk.converse.turn import Asking, Finished, Phase, State
from kiosk.hear.endpoint import Endpoint
from kiosk.hear.listen import Outcome, listen
from kiosk.hear.sound_file import read_sound
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.speak.voice import Pyttsx3Voice
from kiosk.transcribe.recogniser import VoskRecogniser
from kiosk.understand import Understander
from reliability.processes import children

if TYPE_CHECKING:
    from collections.abc import Callable

VOICES: Final = ("rms", "slt")
ASKED: Final = (
    "is tingling normal", "can i put ice on it", "what is dry needling", "does it hurt", "i feel sore",
    "my leg is numb", "i cannot breathe", "can i drive home", "is bleeding normal", "i feel dizzy",
    "when can i exercise", "what is a trigger point", "why did my muscle twitch", "can i take a bath",
    "is it safe", "i have a fever", "it still hurts", "thank you", "what does it cost", "who won the match",
    "my arm feels weak", "is bruising normal", "can i have a drink", "say that again", "where is the toilet",
    "what is a nerve", "it feels like electricity", "how long does it last", "should i stretch", "i have chest pain",
)  # fmt: skip
"""Short questions: what counts here is how many, not how well they are understood."""
BLOCK: Final = 0.05
CACHE: Final = 2_000_000
"""Bytes of kept sounds: so few that the voice goes on making them."""
PATIENCE: Final = 120.0
"""Seconds a question may take on a busy machine; it takes about one."""
SAMPLE: Final = 50
"""Questions between two looks at memory, threads and files."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the process holds at one time."""

    questions: int
    memory: float
    """Megabytes that are resident."""
    threads: int
    files: int
    children: int


@dataclass(slots=True)
class Soaked:
    """What came of it."""

    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    """Questions without an outcome."""
    times: list[float] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Threads, processes and files that outlived the kiosk."""

    @property
    def growth(self) -> float:
        """How much memory grew after warm-up, the first fifth: the last fifth's median against the second's."""
        memory = [look.memory for look in self.looks]
        fifth = max(1, len(memory) // 5)
        early = statistics.median(memory[fifth : 2 * fifth] or memory)
        return statistics.median(memory[-fifth:]) / early - 1


class _Recording:
    """A microphone in front of which a recording is played, as fast as it is taken."""

    def __init__(self) -> None:
        self.rate = 16_000
        self.pcm = b""

    def blocks(self) -> Generator[bytes, None, None]:
        step = 2 * round(self.rate * BLOCK)
        for start in range(0, len(self.pcm), step):
            yield self.pcm[start : start + step]


class _Ears:
    """Hears the recording."""

    present = True
    complaint = ""

    def __init__(self, recogniser: VoskRecogniser) -> None:
        self.source = _Recording()
        self._recogniser = recogniser

    def listen(self, stop: Event, cancel: Event, on_block: Callable[[str, float], None]) -> Outcome:
        return listen(self.source, self._recogniser, Endpoint(), stop=stop, cancel=cancel, on_block=on_block)


class _Mouth:
    """Has the voice make every sentence, and plays it in no time."""

    volume = 1.0
    present = True

    def __init__(self, voice: Pyttsx3Voice) -> None:
        self._voice = voice

    def synthesise(self, text: str) -> Path:
        return self._voice.synthesise(text)

    def play(self, path: Path, stop: Event) -> bool:
        return bool(path.read_bytes()) and not stop.is_set()


class _Watcher:
    """Waits for what the session shows."""

    def __init__(self, session: Session) -> None:
        self._changed = threading.Condition()
        self._state = session.state
        session.show(self._show)

    def _show(self, state: State) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()

    def wait(self, wanted: Callable[[State], bool]) -> State | None:
        with self._changed:
            return self._state if self._changed.wait_for(lambda: wanted(self._state), PATIENCE) else None


def soak(questions: int, report: Callable[[Look], None] = lambda _look: None) -> Soaked:
    """Ask so many questions of one kiosk, and tell what came of it."""
    done = Soaked()
    before = {thread.name for thread in threading.enumerate()}
    before_it = set(children(os.getpid()))
    with tempfile.TemporaryDirectory(prefix="kiosk-soak-") as folder:
        with _kiosk(Path(folder)) as (session, ears, watcher):
            begun = time.monotonic()
            for number, pcm in enumerate(islice(cycle(_spoken(Path(folder), questions)), questions), start=1):
                ears.source.pcm = pcm
                _ask(session, watcher, done)
                if number % SAMPLE == 0:
                    done.looks.append(_look(number))
                    report(done.looks[-1])
            done.seconds = time.monotonic() - begun
        done.left += [f"the file {path.name}" for path in Path(folder).rglob("making-*")]
    done.left += [f"the thread {each.name}" for each in threading.enumerate() if each.name not in before]
    done.left += [f"the process {each}" for each in set(children(os.getpid())) - before_it]
    return done


def _ask(session: Session, watcher: _Watcher, done: Soaked) -> None:
    turn, begun = session.state.turn, time.monotonic()
    session.post(Asking())
    over = watcher.wait(lambda state: state.turn > turn and (state.phase is Phase.ANSWERED or bool(state.notice)))
    if over is None:
        done.lost += 1
        return
    done.times.append(time.monotonic() - begun)
    done.outcomes[over.answer.outcome if over.answer else "nothing heard"] += 1
    session.post(Finished())
    watcher.wait(lambda state: state.blank)


@contextmanager
def _kiosk(folder: Path) -> Iterator[tuple[Session, _Ears, _Watcher]]:
    phrasebook = content.load(places.intents_dir())
    understander = Understander(phrasebook, learn.learned_for(phrasebook, places.cache_dir()))
    recogniser = VoskRecogniser(places.model_dir())
    recogniser.expect(phrasebook.questions)
    ears = _Ears(recogniser)
    with Pyttsx3Voice(cache_dir=folder / "voice", cache_limit=CACHE) as voice:
        session = Session(understander, ears, _Mouth(voice))
        watcher = _Watcher(session)
        with session:
            yield session, ears, watcher


def _spoken(folder: Path, most: int) -> Sequence[bytes]:
    """Return up to `most` different questions as 16 kHz samples."""
    spoken: list[bytes] = []
    for voice, text in islice(product(VOICES, ASKED), most):
        path = folder / f"{len(spoken)}.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)  # noqa: S607
        pcm, _rate = read_sound(path)
        spoken.append(pcm)
    return spoken


def _look(questions: int) -> Look:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return Look(
        questions=questions,
        memory=int(fields["VmRSS"].split()[0]) / 1024,
        threads=int(fields["Threads"]),
        files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names alone
        children=len(children(os.getpid())),
    )
