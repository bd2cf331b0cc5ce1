"""A sound card made of software, so that the whole sound path is tested on any Linux machine.

A private PulseAudio has two null sinks. The monitor of the first is the default microphone, so that
what is played into that sink is heard by the kiosk; the second is the default loudspeaker, whose
monitor is recorded.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kiosk import devices

TOOLS = ("pulseaudio", "pactl", "pacat", "paplay", "parec")
INSTALL = "sudo apt-get install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
MICROPHONE = "kiosk_mic_in"
SPEAKER = "kiosk_speaker"
RATE = 48_000
START_LIMIT = 30.0
# A null sink that nobody hurries hands sound over every 2 s; no real card does.
HURRY = "--latency-msec=20"


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


def wait_until(true: Callable[[], bool], limit: float = 20.0) -> float:
    """Wait until something is true; return how many seconds it took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() < begun + limit, "it did not come about"
        time.sleep(0.02)
    return time.monotonic() - begun


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
        for name, value in _environment(folder).items():
            patch.setenv(name, value)
        server = Server(folder)
        server.start()
        try:
            devices.refresh()  # PortAudio may have started before the card was there
            _check_portaudio()
            yield SoundCard(server)
        finally:
            server.stop()
    devices.refresh()


def _environment(folder: Path) -> dict[str, str]:
    alsa = folder / "asound.conf"
    alsa.write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n")
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    return {
        "XDG_RUNTIME_DIR": str(runtime),
        "PULSE_RUNTIME_PATH": str(runtime),
        "PULSE_STATE_PATH": str(runtime),
        "PULSE_COOKIE": str(folder / "cookie"),
        "PULSE_SERVER": f"unix:{folder / 'socket'}",
        "ALSA_CONFIG_PATH": str(alsa),
    }


class Server:
    """A private PulseAudio, and what keeps its sinks busy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen | None = None
        self._silences: list[subprocess.Popen] = []

    def start(self) -> None:
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={self._folder / 'socket'}",
            f"module-null-sink sink_name={MICROPHONE} rate={RATE} channels=1",
            f"module-null-sink sink_name={SPEAKER} rate={RATE} channels=1",
            f"module-remap-source source_name=kiosk_mic master={MICROPHONE}.monitor",
        )
        loading = [option for module in modules for option in ("--load", module)]
        options = ["--daemonize=no", "-n", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        path = self._folder / "pulseaudio.log"
        with path.open("a") as log:
            environment = {**os.environ, "HOME": str(self._folder)}
            self._process = subprocess.Popen(
                ["pulseaudio", *options, *loading], stdout=log, stderr=log, env=environment
            )
        _wait_until_ready(self._process, path)
        # Keep both sinks busy with silence, so that they hand sound over as quickly as a real card does.
        command = ["pacat", "--playback", HURRY, "--device"]
        self._silences = [subprocess.Popen([*command, sink, "/dev/zero"]) for sink in (MICROPHONE, SPEAKER)]

    def tell(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> None:
        for process in (*self._silences, self._process):
            process.send_signal(number)
            process.wait(timeout=20)


def _wait_until_ready(server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    for command in (["pactl", "set-default-sink", SPEAKER], ["pactl", "set-default-source", "kiosk_mic"]):
        while subprocess.run(command, capture_output=True, check=False, timeout=START_LIMIT).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PulseAudio does not start:\n{log.read_text()}", pytrace=False)
            time.sleep(0.05)


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
