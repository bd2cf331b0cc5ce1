"""Faults on purpose: `python -m tests.sound.faults` prints what the patient sees, and how soon all is well again.

The kiosk's parts are real, its sound card is virtual. A fault is done to a running kiosk, a question is
typed meanwhile, the fault is mended, and the time is taken twice: until it is told on the screen, and,
from the mending on, until the kiosk hears and speaks again.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk import content, devices, learn, places
from kiosk.cli import parts
from kiosk.hear import Microphone
from kiosk.session import Session
from kiosk.settings import Settings
from kiosk.speak import Loudspeaker, Pyttsx3Voice
from kiosk.terms import Transcript
from kiosk.transcribe import VoskRecogniser
from kiosk.turn import Asked, Asking, Finished, Phase, State
from kiosk.understand import Understander
from tests.sound.conftest import Server, SoundCard, _environment, wait_until

TIMES = 3
"""Each fault is done so often; the slowest counts."""


@dataclass
class Kiosk:
    session: Session
    card: SoundCard
    voice: Pyttsx3Voice

    @property
    def state(self) -> State:
        return self.session.state


@contextmanager
def kiosk() -> Iterator[Kiosk]:
    """A kiosk with a virtual sound card."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-faults-")))
        os.environ.update(_environment(folder))
        server = Server(folder)
        server.start()
        stack.callback(server.stop)
        devices.refresh()
        phrasebook = content.load(places.intents_dir())
        understander = Understander(phrasebook, learn.learned_for(phrasebook, places.cache_dir()))
        microphone = stack.enter_context(Microphone())
        ears = parts.MicrophoneEars(microphone, VoskRecogniser(places.model_dir()), Settings().listening, understander)
        voice = stack.enter_context(Pyttsx3Voice(cache_dir=folder / "voice", limit=2.0))
        loudspeaker = stack.enter_context(Loudspeaker())
        loudspeaker.open()
        session = stack.enter_context(Session(understander, ears, parts.LoudspeakerMouth(voice, loudspeaker)))
        yield Kiosk(session, SoundCard(server), voice)


@contextmanager
def _frozen_voice(it: Kiosk) -> Iterator[None]:
    """Have the voice's process hang, so that it must be ended and started again."""
    it.voice.synthesise("To have a process.")
    process = it.voice._engine._process  # noqa: SLF001 - nobody else can tell which it is
    assert process
    process.send_signal(signal.SIGSTOP)
    yield


FAULTS: dict[str, tuple[Callable[[Kiosk], AbstractContextManager[None]], str, Callable[[State], bool]]] = {
    "microphone pulled out": (
        lambda it: it.card.unplugged_microphone(),
        "I cannot hear at the moment. Please type ...",
        lambda state: not state.can_hear,
    ),
    "loudspeaker pulled out": (
        lambda it: it.card.unplugged_loudspeaker(),
        "the answer in writing, and that the voice is off",
        lambda state: not state.can_speak,
    ),
    "sound server killed": (
        lambda it: it.card.stopped_server(),
        "both",
        lambda state: not (state.can_hear or state.can_speak),
    ),
    "sound server frozen": (
        lambda it: it.card.frozen_server(),
        "both",
        lambda state: not (state.can_hear or state.can_speak),
    ),
}


def done(it: Kiosk, fault: str) -> tuple[float, float]:
    """Do a fault to a kiosk; return the seconds until it is told, and until all is well again after its end."""
    harm, _, told = FAULTS[fault]
    wait_until(lambda: it.state.can_hear and it.state.can_speak)
    with harm(it):
        seconds = wait_until(lambda: told(it.state))
        it.session.post(Asked(Transcript("is tingling normal")))
        wait_until(lambda: it.state.answer is not None and it.state.answer.intents == ("tingling",))
        it.session.post(Finished())
        wait_until(lambda: it.state.phase is Phase.IDLE)
        time.sleep(3)  # it tries in vain meanwhile, and has come to wait longest
    back = wait_until(lambda: it.state.can_hear and it.state.can_speak)
    return seconds, back


def switched_off(it: Kiosk) -> tuple[float, float]:
    """Ask a microphone that gives nothing at all, and then play into it."""
    wait_until(lambda: it.state.can_hear)
    it.session.post(Asking())
    wait_until(lambda: it.state.phase is Phase.LISTENING)
    told = wait_until(lambda: not it.state.can_hear)
    it.session.post(Finished())
    return told, wait_until(lambda: it.state.can_hear)


def hanging_voice(it: Kiosk) -> tuple[float, float]:
    """Ask while the voice's process hangs: the text stands there at once, the voice as soon as it is started again."""
    question = Asked(Transcript("can i put ice on it"))
    with _frozen_voice(it):
        it.session.post(question)
        told = wait_until(lambda: it.state.answer is not None)
        back = wait_until(lambda: it.state.sentence >= 0)
    it.session.post(Finished())
    return told, back


def main() -> int:
    """Do every fault, print the table; returns 1 where a limit was missed."""
    print("| fault | what the patient sees | told after, s | well again after, s |\n|---|---|---|---|", flush=True)
    missed = 0
    with kiosk() as it:
        rows: list[tuple[str, str, Callable[[], tuple[float, float]]]] = [
            (name, seen, lambda name=name: done(it, name)) for name, (_, seen, _) in FAULTS.items()
        ]
        rows.append(("microphone switched off", "I cannot hear at the moment ...", lambda: switched_off(it)))
        rows.append(("voice hangs", "the answer in writing; the voice follows", lambda: hanging_voice(it)))
        for name, seen, do in rows:
            times = [do() for _ in range(TIMES)]
            told, back = max(first for first, _ in times), max(second for _, second in times)
            print(f"| {name} | {seen} | {told:.1f} | {back:.1f} |", flush=True)
            missed += told > 2 or back > 5
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
