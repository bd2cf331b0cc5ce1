"""The virtual sound card, from the patient's side: what is said to it, and what it is heard to say."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from evaluation.soundcard import MICROPHONE, RATE, SPEAKER, Server, environment, hurry
from kiosk.sound import devices

TOOLS = ("pulseaudio", "pactl", "pacat", "paplay", "parec")
INSTALL = "sudo apt-get install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
DELAY = 20
HURRY = hurry(DELAY)


def loaded(recogniser) -> Future:
    """A recogniser as a kiosk has it that has been running for a while."""
    model: Future = Future()
    model.set_result(recogniser)
    return model


class Recording:
    """What the virtual loudspeaker plays, while it is played."""

    def __init__(self, stream) -> None:
        self.pcm = bytearray()
        """16-bit mono samples, `RATE` a second."""
        self._stream = stream
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / RATE

    def loud(self, above: float = 0.01) -> np.ndarray:
        """The times, in seconds from the beginning, at which the recording is not silent."""
        samples = np.frombuffer(bytes(self.pcm[: len(self.pcm) // 2 * 2]), np.int16)
        return np.flatnonzero(np.abs(samples) > above * 32768) / RATE

    def wait_until_loud(self, limit: float = 20.0) -> None:
        deadline = time.monotonic() + limit
        while not len(self.loud()):
            assert time.monotonic() < deadline, "nothing was played"
            time.sleep(0.02)

    def wait_for(self, seconds: float, limit: float = 20.0) -> None:
        """Wait until that much more has been recorded."""
        wanted, deadline = self.seconds + seconds, time.monotonic() + limit
        while self.seconds < wanted:
            assert time.monotonic() < deadline, "the recording stopped"
            time.sleep(0.02)

    def _read(self) -> None:
        while piece := self._stream.read1(4096):
            self.pcm += piece

    def end(self) -> None:
        self._thread.join()


class SoundCard:
    """The virtual sound card, from the patient's side."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @contextmanager
    def stopped_server(self) -> Iterator[None]:
        """Have the sound server crash, and start it again in the end."""
        self._server.stop(signal.SIGKILL)
        try:
            yield
        finally:
            self._server.start()

    @contextmanager
    def frozen_server(self) -> Iterator[None]:
        """Have the sound server neither work nor end, as on a machine that is suspended."""
        self._server.tell(signal.SIGSTOP)
        try:
            yield
        finally:
            self._server.tell(signal.SIGCONT)

    def say(self, path: Path) -> None:
        """Play a sound file into the microphone, to its end."""
        subprocess.run(["paplay", HURRY, f"--device={MICROPHONE}", str(path)], check=True, timeout=120)

    @contextmanager
    def unplugged_microphone(self) -> Iterator[None]:
        """Have the microphone fall silent as one that is pulled out does: no error, no more sound."""
        with _suspended("sink", MICROPHONE):
            yield

    @contextmanager
    def unplugged_loudspeaker(self) -> Iterator[None]:
        with _suspended("sink", SPEAKER):
            yield

    @contextmanager
    def muted_microphone(self) -> Iterator[None]:
        """Have the microphone give nothing but zeros, as its switch does."""
        command = ["pactl", "set-source-mute", "kiosk_mic"]
        subprocess.run([*command, "1"], check=True, timeout=20)
        try:
            yield
        finally:
            subprocess.run([*command, "0"], check=True, timeout=20)

    @contextmanager
    def noise(self, loudness: float) -> Iterator[None]:
        """Have the room hiss; at a `loudness` of 1 the microphone can just bear it."""
        hiss = np.random.default_rng(7).normal(scale=loudness / 4, size=5 * RATE).clip(-1, 1)
        command = ["pacat", "--playback", HURRY, f"--device={MICROPHONE}", f"--rate={RATE}", "--channels=1"]
        with subprocess.Popen([*command, "--format=s16ne"], stdin=subprocess.PIPE) as pacat:
            over = threading.Event()

            def play() -> None:
                with suppress(BrokenPipeError):
                    while not over.is_set():
                        pacat.stdin.write((hiss * 32767).astype(np.int16).tobytes())

            thread = threading.Thread(target=play)
            thread.start()
            try:
                yield
            finally:
                over.set()
                pacat.kill()
                thread.join()
                with suppress(BrokenPipeError):
                    pacat.stdin.close()

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record what the loudspeaker plays."""
        command = ["parec", HURRY, f"--device={SPEAKER}.monitor", f"--rate={RATE}", "--channels=1", "--format=s16ne"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as parec:
            recording = Recording(parec.stdout)
            try:
                recording.wait_for(0.1)
                yield recording
            finally:
                parec.terminate()
                recording.end()


@pytest.fixture(scope="session")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCard]:
    """The virtual sound card, which PortAudio takes for the only one there is."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.fail(f"{', '.join(missing)} not found. Install what is missing with: {INSTALL}", pytrace=False)
    folder = tmp_path_factory.mktemp("pulse")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(folder).items():
            patch.setenv(name, value)
        server = Server(folder, DELAY)
        server.start()
        try:
            devices.refresh()  # PortAudio may have started before the card was there
            _check_portaudio()
            yield SoundCard(server)
        finally:
            server.stop()
    devices.refresh()


@contextmanager
def _suspended(kind: str, name: str) -> Iterator[None]:
    command = ["pactl", f"suspend-{kind}", name]
    subprocess.run([*command, "1"], check=True, timeout=20)
    try:
        yield
    finally:
        subprocess.run([*command, "0"], check=True, timeout=20)


def _check_portaudio() -> None:
    if not devices.microphones() or not devices.loudspeakers():
        pytest.fail(f"PortAudio does not reach PulseAudio. Install what is missing with: {INSTALL}", pytrace=False)
