"""A sound card made of software, so that the whole sound path runs on any Linux machine.

A private PulseAudio has two null sinks. The monitor of the first is the default microphone, so that
what is played into that sink is heard by the kiosk; the second is the default loudspeaker, whose
monitor can be recorded.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from kiosk.terms import KioskError

MICROPHONE: Final = "kiosk_mic_in"
SPEAKER: Final = "kiosk_speaker"
RATE: Final = 48_000
PATIENCE: Final = 30.0
"""Seconds that the server may take to start, and to end."""


def hurry(milliseconds: int) -> str:
    """Return pacat's and paplay's option for so short a delay; unhurried, a null sink waits 2 s, no real card does."""
    return f"--latency-msec={milliseconds}"


def environment(folder: Path) -> dict[str, str]:
    """Return the variables by which PortAudio and the tools reach the server of `folder`, and no other card."""
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
    """A private PulseAudio, and what keeps its sinks busy; wants `environment` in force."""

    def __init__(self, folder: Path, milliseconds: int) -> None:
        """Keep its files in `folder`; its sinks hand sound over every few `milliseconds`."""
        self._folder = folder
        self._hurry = hurry(milliseconds)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Return when the card is there; raises `KioskError`."""
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={self._folder / 'socket'}",
            f"module-null-sink sink_name={MICROPHONE} rate={RATE} channels=1",
            f"module-null-sink sink_name={SPEAKER} rate={RATE} channels=1",
            f"module-remap-source source_name=kiosk_mic master={MICROPHONE}.monitor",
        )
        loading = [option for module in modules for option in ("--load", module)]
        options = ["--daemonize=no", "-n", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        path = self._folder / "pulseaudio.log"
        try:
            with path.open("a") as log:
                server = subprocess.Popen(
                    ["pulseaudio", *options, *loading],
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "HOME": str(self._folder)},
                )
        except OSError as error:
            raise KioskError("PulseAudio is missing.", "Run: sh scripts/setup.sh test") from error
        self._processes = [server]
        _wait_until_ready(server, path)
        # Kept busy with silence, the sinks hand sound over as quickly as a real card does.
        silence = ["pacat", "--playback", self._hurry, "--device"]
        self._processes += [subprocess.Popen([*silence, sink, "/dev/zero"]) for sink in (MICROPHONE, SPEAKER)]

    def tell(self, number: int) -> None:
        """Send the server a signal."""
        self._processes[0].send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it by a signal."""
        while self._processes:
            process = self._processes.pop()
            process.send_signal(number)
            process.wait(PATIENCE)


def _wait_until_ready(server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    for command in (["pactl", "set-default-sink", SPEAKER], ["pactl", "set-default-source", "kiosk_mic"]):
        while subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                raise KioskError(f"PulseAudio does not start: {log.read_text()}", "Try again.")
            time.sleep(0.05)
