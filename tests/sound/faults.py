"""Faults on purpose: `python -m tests.sound.faults` prints what the patient sees, and how soon all is well again.

The kiosk's parts are real, its sound card is virtual. A fault is done to a running kiosk, a question is
typed meanwhile, the fault is mended, and the time is taken twice: until it is told on the screen, and,
from the mending on, until the kiosk hears and speaks again.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import pty
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evaluation.soundcard import Server, environment
from kiosk import places
from kiosk.cli import parts
from kiosk.converse.session import Session
from kiosk.converse.turn import Asked, Asking, Finished, Phase, State
from kiosk.hear.microphone import Microphone
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.settings import Settings
from kiosk.sound import devices
from kiosk.speak.loudspeaker import Loudspeaker
from kiosk.speak.voice import Pyttsx3Voice
from kiosk.terms import Transcript
from kiosk.transcribe.recogniser import VoskRecogniser
from kiosk.understand import Understander
from kiosk.upkeep.logbook import Logbook
from reliability.processes import children
from tests.sound.alone import Page, port
from tests.sound.conftest import DELAY, SoundCard, loaded
from tests.waiting import until

TIMES = 3
"""Each fault is done so often; the slowest counts."""
NAMED = "kiosk_usb"
"""The microphone that the settings name, as ALSA knows it."""
PLUGGED = f"pcm.{NAMED} {{ type pulse device kiosk_mic }}\n"
OTHERS = "pcm.a_new_one { type pulse }\npcm.another { type pulse }\n"
"""Devices that are plugged in before it, so that its number changes."""
TAKEN = "pcm.{name} {{ type oss device {terminal} }}\n"
DROP, MAY_OPEN_ALL = 24, 21
"""Linux's PR_CAPBSET_DROP and CAP_SYS_ADMIN."""
WELL_AGAIN = 5.0
"""Seconds."""
ASLEEP = 5.0
"""Seconds that the machine sleeps."""


@dataclass
class Kiosk:
    session: Session
    card: SoundCard
    voice: Pyttsx3Voice
    ears: parts.MicrophoneEars
    complaints: list[str]
    """What staff were told of the microphone."""
    asound: Path
    """What ALSA knows."""

    @property
    def state(self) -> State:
        return self.session.state


class Staff(Logbook):
    """Reads the log."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def complained(self, what: str) -> None:
        self.complaints.append(what)


@contextmanager
def kiosk() -> Iterator[Kiosk]:
    """A kiosk with a virtual sound card."""
    # To a process of root that may do everything no device is ever busy. For others this does nothing.
    ctypes.CDLL(None).prctl(DROP, MAY_OPEN_ALL, 0, 0, 0)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-faults-")))
        os.environ.update(environment(folder))
        asound = Path(os.environ["ALSA_CONFIG_PATH"])
        asound.write_text(asound.read_text() + PLUGGED)
        server = Server(folder, DELAY)
        server.start()
        stack.callback(server.stop)
        devices.refresh()
        phrasebook = content.load(places.intents_dir())
        understander = Understander(phrasebook, learn.learned_for(phrasebook, places.cache_dir()))
        microphone = stack.enter_context(Microphone(NAMED))
        ears = parts.MicrophoneEars(
            microphone, loaded(VoskRecogniser(places.model_dir())), Settings().listening, understander
        )
        voice = stack.enter_context(Pyttsx3Voice(cache_dir=folder / "voice", limit=2.0))
        loudspeaker = stack.enter_context(Loudspeaker())
        loudspeaker.open()
        staff, mouth = Staff(), parts.LoudspeakerMouth(voice, loudspeaker)
        session = stack.enter_context(Session(understander, ears, mouth, witness=staff))
        yield Kiosk(session, SoundCard(server), voice, ears, staff.complaints, asound)


@contextmanager
def _frozen_voice(it: Kiosk) -> Iterator[None]:
    """Have the voice's process hang, so that it must be ended and started again."""
    it.voice.synthesise("To have a process.")
    process = it.voice._engine._process  # noqa: SLF001 - nobody else can tell which it is
    assert process
    process.send_signal(signal.SIGSTOP)
    yield


@contextmanager
def _renumbered(it: Kiosk) -> Iterator[None]:
    """Pull the microphone out; when it is plugged in again others have come before it, or gone."""
    with it.card.unplugged_microphone():
        before = it.asound.read_text()
        it.asound.write_text(
            before.replace(OTHERS, "") if OTHERS in before else before.replace(PLUGGED, OTHERS + PLUGGED)
        )
        yield


@contextmanager
def _taken(it: Kiosk) -> Iterator[None]:
    """Pull the microphone out; when it is plugged in again another program is quicker, and holds it for a while.

    A virtual card is never busy, but a terminal that somebody holds for himself is, and ALSA opens it (EBUSY).
    """
    before = it.asound.read_text()
    held, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCEXCL)
    opened = subprocess.run(["cat", os.ttyname(terminal)], capture_output=True, check=False, env={"LC_ALL": "C"})
    assert b"busy" in opened.stderr
    try:
        with it.card.unplugged_microphone():
            it.asound.write_text(before.replace(PLUGGED, TAKEN.format(name=NAMED, terminal=os.ttyname(terminal))))
            yield
    finally:
        it.asound.write_text(before)
        os.close(terminal)
        os.close(held)


FAULTS: dict[str, tuple[Callable[[Kiosk], AbstractContextManager[None]], str, Callable[[State], bool]]] = {
    "microphone pulled out": (
        lambda it: it.card.unplugged_microphone(),
        "I cannot hear at the moment. Please type ...",
        lambda state: not state.can_hear,
    ),
    "microphone back under another number": (
        _renumbered,
        "I cannot hear at the moment. Please type ...",
        lambda state: not state.can_hear,
    ),
    "microphone held by another program": (
        _taken,
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
    until(lambda: it.state.can_hear and it.state.can_speak)
    with harm(it):
        seconds = until(lambda: told(it.state))
        it.session.post(Asked(Transcript("is tingling normal")))
        until(lambda: it.state.answer is not None and it.state.answer.intents == ("tingling",))
        it.session.post(Finished())
        until(lambda: it.state.phase is Phase.IDLE)
        time.sleep(3)  # it tries in vain meanwhile, and has come to wait longest
    back = until(lambda: it.state.can_hear and it.state.can_speak)
    return seconds, back


def switched_off(it: Kiosk) -> tuple[float, float]:
    """Ask a microphone that gives nothing at all, and then play into it."""
    until(lambda: it.state.can_hear)
    it.session.post(Asking())
    until(lambda: it.state.phase is Phase.LISTENING)
    told = until(lambda: not it.state.can_hear)
    it.session.post(Finished())
    return told, until(lambda: it.state.can_hear)


def muted(it: Kiosk) -> tuple[float, float]:
    """Mute a microphone in a room that is never quite still, while it listens."""
    until(lambda: it.state.can_hear)
    with it.card.noise(0.01):
        it.session.post(Asking())
        until(lambda: it.state.phase is Phase.LISTENING)
        with it.card.muted_microphone():
            told = until(lambda: not it.state.can_hear)
        back = until(lambda: it.state.can_hear)
        it.session.post(Finished())
    return told, back


def too_loud(it: Kiosk) -> tuple[float, float]:
    """Turn a microphone up too far: staff are told; the time is theirs, since patients go on."""
    until(lambda: it.state.can_hear)
    until(lambda: not it.ears.complaint, 60)  # the last time is forgotten by and by
    it.complaints.clear()
    with it.card.noise(30.0):
        told = until(lambda: "is turned up too far" in it.complaints)
        assert it.state.can_hear
    return told, 0.0


def asleep(it: Kiosk) -> tuple[float, float]:
    """Stop a whole kiosk and the sound server, as when the machine sleeps, and let them go on."""
    command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0", "--microphone", NAMED]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        with told.open("w") as errors:
            other = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors)
        try:
            page = Page(port(told, other))
            page.wait(lambda view: view["can_hear"] and view["can_speak"])
            with it.card.frozen_server(), _stopped(other.pid):
                time.sleep(ASLEEP)
            begun = time.monotonic()
            page.wish(wish="type", text="is tingling normal")
            page.wait(lambda view: bool(view["sentences"]))
            back = time.monotonic() - begun
            while time.monotonic() < begun + WELL_AGAIN:  # it may find out only now that its devices were gone
                if not page.wait(lambda view: not view["blank"])["can_hear"]:
                    back = time.monotonic() - begun
                time.sleep(0.05)
            other.send_signal(signal.SIGTERM)
            assert other.wait(20) == 0
        finally:
            other.kill()
    until(lambda: it.state.can_hear and it.state.can_speak)
    return 0.0, back


@contextmanager
def _stopped(process: int) -> Iterator[None]:
    """Have a process and its own processes stand still."""
    every = [process, *children(process)]
    for each in every:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in every:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)


def hanging_voice(it: Kiosk) -> tuple[float, float]:
    """Ask while the voice's process hangs: the text stands there at once, the voice as soon as it is started again."""
    question = Asked(Transcript("can i put ice on it"))
    with _frozen_voice(it):
        it.session.post(question)
        told = until(lambda: it.state.answer is not None)
        back = until(lambda: it.state.sentence >= 0)
    it.session.post(Finished())
    return told, back


ROWS: dict[str, tuple[str, Callable[[Kiosk], tuple[float, float]], float]] = {
    **{name: (seen, partial(done, fault=name), 2.0) for name, (_, seen, _) in FAULTS.items()},
    "microphone switched off": ("I cannot hear at the moment ...", switched_off, 2.0),
    "microphone muted": ("I cannot hear at the moment ...", muted, 2.0),
    "microphone turned up too far": ("nothing; staff, in the log and at /metrics", too_loud, 10.0),
    "the machine sleeps for 5 s": ("nothing more than that it stood still", asleep, 2.0),
    "voice hangs": ("the answer in writing; the voice follows", hanging_voice, 2.0),
}
"""What the patient sees, what does it, and the most seconds until it is told."""


def main() -> int:
    """Do every fault, or those that are named, and print the table; returns 1 where a limit was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.sound.faults")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each is done; the slowest counts")
    parser.add_argument("names", nargs="*", metavar="FAULT", help=f"only these: {', '.join(ROWS)}")
    args = parser.parse_args()
    print("| fault | what the patient sees | told after, s | well again after, s |\n|---|---|---|---|", flush=True)
    missed = 0
    with kiosk() as it:
        for name in args.names or ROWS:
            seen, do, limit = ROWS[name]
            times = [do(it) for _ in range(args.times)]
            told, back = max(first for first, _ in times), max(second for _, second in times)
            print(f"| {name} | {seen} | {told:.1f} | {back:.1f} |", flush=True)
            missed += told > limit or back > WELL_AGAIN
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
