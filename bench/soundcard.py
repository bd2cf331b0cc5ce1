"""The virtual sound card, for measuring: its microphone and its loudspeaker are listened to alike.

So the time from one to the other is known to 10 ms.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Self

import numpy as np

from evaluation.soundcard import MICROPHONE, RATE, SPEAKER, Server, environment, hurry
from evaluation.voices import Sound, write

DELAY: Final = 10
"""Milliseconds after which sound is handed over."""
HURRY: Final = hurry(DELAY)
LOUD: Final = 0.004
"""Of 1: what is louder is sound."""
PIECE: Final = RATE // 200 * 2
"""Bytes of 5 ms."""
PATIENCE: Final = 20.0
"""Seconds that anything may take."""


class Tap:
    """Listens to a sink from the beginning to the end of the context, and notes when it is loud."""

    def __init__(self, sink: str) -> None:
        command = ["parec", HURRY, f"--device={sink}.monitor", f"--rate={RATE}", "--channels=1", "--format=s16ne"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._heard = threading.Condition()
        self._loud: list[float] = []
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._thread.join()
        self._process.wait()

    def first_after(self, moment: float, patience: float = PATIENCE) -> float:
        """Return when it was first loud after `moment`, by the monotonic clock; infinity if it never was."""
        deadline = time.monotonic() + patience
        with self._heard:
            while not (found := [at for at in self._loud if at > moment]):
                if not self._heard.wait(deadline - time.monotonic()):
                    return float("inf")
            return found[0]

    def wait_for_quiet(self, seconds: float) -> None:
        """Wait until it has been quiet for so long."""
        while True:
            with self._heard:
                passed = time.monotonic() - (self._loud[-1] if self._loud else 0.0)
            if passed >= seconds:
                return
            time.sleep(seconds - passed)

    def _read(self) -> None:
        assert self._process.stdout
        while piece := self._process.stdout.read(PIECE):
            now = time.monotonic()
            if np.abs(np.frombuffer(piece, np.int16).astype(np.int32)).max() > LOUD * 32768:
                with self._heard:
                    self._loud.append(now)
                    self._heard.notify_all()


class SoundCard:
    """The card, with a tap at the microphone and one at the loudspeaker."""

    def __init__(self, microphone: Tap, speaker: Tap) -> None:
        self.microphone = microphone
        self.speaker = speaker

    def say(self, sound: Sound, rate: int) -> float:
        """Play a sound without silence at its ends into the microphone; return the moment its last sample came.

        Returns at that moment, not later.
        """
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            write(sound, rate, Path(wav.name))
            began = time.monotonic()
            with subprocess.Popen(["paplay", HURRY, f"--device={MICROPHONE}", wav.name]):
                end = self.microphone.first_after(began) + len(sound) / rate
                time.sleep(max(0.0, end - time.monotonic()))
        return end


@contextmanager
def sound_card() -> Iterator[SoundCard]:
    """Have PortAudio take a virtual sound card for the only one there is; raises `KioskError`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(_restore, dict(os.environ))
        os.environ.update(environment(folder))
        server = Server(folder, DELAY)
        stack.callback(server.stop)
        server.start()
        yield SoundCard(stack.enter_context(Tap(MICROPHONE)), stack.enter_context(Tap(SPEAKER)))


def _restore(before: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)
