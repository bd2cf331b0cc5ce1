"""A computer like a Raspberry Pi 4: a process with a share of one core and a part of the memory.

    python -m bench.slow COUNT

asks COUNT recorded questions in their own time and prints, for each, the seconds from its last sample
to where the sound of the answer is ready. `answers` starts this and puts it into a control group of
its own, which only the superuser may make. A Pi 4's core does about a quarter of the work of a
present-day desktop core (1.5 GHz, two instructions at a time), and the two recognisers run on two of
its four: all threads together get half of one here. What a Pi does on its other two cores waits, and
what only one thread does is up to twice as quick. The smallest Pi has 1 GB of memory, of which the
system and the browser take the half.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from bench import questions
from bench.endpointing import trimmed
from evaluation.voices import speak
from kiosk import places
from kiosk.cli import parts
from kiosk.converse.conversation import Memory, reply
from kiosk.converse.turn import sentences
from kiosk.hear.microphone import BLOCK
from kiosk.learning import ready
from kiosk.settings import Settings
from kiosk.terms import KioskError

GROUPS: Final = Path("/sys/fs/cgroup")
NAME: Final = "kiosk-slow"
ROUND: Final = 20_000
"""Microseconds: short, so that the process is slow at all times and not stopped for long."""
SHARE: Final = 0.5
"""Of one core, for all threads together: a quarter of one for each of the two recognisers."""
MEMORY: Final = 512 * 1024**2
"""Bytes."""


def answers(count: int) -> list[float]:
    """Return the seconds to each answer on the slow computer; raises `KioskError` where none can be made."""
    command = [sys.executable, "-m", "bench.slow", str(count)]
    with ExitStack() as stack:
        group = stack.enter_context(_Group())
        process = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)
        )
        stack.callback(process.kill)  # if anything below fails, it must not be waited for
        assert process.stdout
        group.take(process.pid)
        process.stdout.readline()
        group.slow_down()  # what is prepared before a patient comes may take its time
        return [json.loads(line) for line in process.stdout]


class _Group:
    """A control group of either version; it is there within the context."""

    def __init__(self) -> None:
        run = str(round(SHARE * ROUND))
        if (GROUPS / "cgroup.controllers").exists():  # version 2
            cpu = memory = GROUPS / NAME
            self._speed = {cpu / "cpu.max": f"{run} {ROUND}"}
            self._room = memory / "memory.max"
        else:
            cpu, memory = GROUPS / "cpu" / NAME, GROUPS / "memory" / NAME
            self._speed = {cpu / "cpu.cfs_period_us": str(ROUND), cpu / "cpu.cfs_quota_us": run}
            self._room = memory / "memory.limit_in_bytes"
        self._folders = {cpu, memory}

    def __enter__(self) -> Self:
        try:
            for folder in self._folders:
                folder.mkdir(exist_ok=True)
            self._room.write_text(str(MEMORY))
        except OSError as error:
            self._remove()
            mend = f"Run it as root, where {GROUPS} can be written."
            raise KioskError(f"No control group can be made: {error.strerror}.", mend) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._remove()

    def take(self, pid: int) -> None:
        """Put a process into the group."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def slow_down(self) -> None:
        """Hold the group back from now on."""
        for setting, value in self._speed.items():
            setting.write_text(value)

    def _remove(self) -> None:
        for folder in self._folders:
            with suppress(OSError):
                folder.rmdir()


def main() -> None:
    """Ask and time."""
    args = argparse.Namespace(model=None)
    understander = ready.understander(places.intents_dir(), places.cache_dir())
    asked = questions.asked(int(sys.argv[1]))
    sounds = [trimmed(*speak(each.text, each.voice, 1.0)) for each in asked]
    with ExitStack() as stack:
        recogniser = parts.recogniser(args, Settings())
        recogniser.expect(understander.phrasebook.questions)
        recogniser.warm(sounds[0][1])
        voice = stack.enter_context(parts.voice(Settings()))
        for sentence in parts.spoken(understander.phrasebook):
            voice.synthesise(sentence)
        print("ready", flush=True)
        for sound, rate in sounds:
            pcm = (sound * np.iinfo(np.int16).max).astype(np.int16).tobytes()
            utterance, began, step = recogniser.utterance(rate), time.perf_counter(), 2 * round(rate * BLOCK)
            for number, start in enumerate(range(0, len(pcm), step), start=1):
                time.sleep(max(0.0, began + number * BLOCK - time.perf_counter()))
                utterance.feed(pcm[start : start + step])
            ended = began + len(pcm) / 2 / rate
            said, _ = reply(utterance.finish(), Memory(), understander)
            voice.synthesise(sentences(said.text)[0]).read_bytes()
            print(time.perf_counter() - ended, flush=True)


if __name__ == "__main__":
    main()
