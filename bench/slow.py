"""A computer as slow as a Raspberry Pi 4: a process that is stopped for most of the time.

    python -m bench.slow COUNT

asks COUNT recorded questions in their own time and prints, for each, the seconds from its last sample
to where the sound of the answer is ready. `answers` starts this and holds it back: it may run for
`RUN` of every `ROUND` seconds, on one core. A Pi 4's core does about a quarter of the work of a
present-day desktop core (1.5 GHz, two instructions at a time) and it has four; here all threads
together get a quarter of one, so that a real one is quicker. Its memory, 1 GB in the smallest, is not
held back: the kiosk's is told beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

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

ROUND: Final = 0.02
RUN: Final = 0.005


def answers(count: int) -> list[float]:
    """Return the seconds to each answer on the slow computer."""
    command = [sys.executable, "-m", "bench.slow", str(count)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=Path(__file__).parent.parent
    ) as process:
        assert process.stdout
        process.stdout.readline()  # what is prepared before is not held back
        while process.poll() is None:
            os.killpg(process.pid, signal.SIGSTOP)
            time.sleep(ROUND - RUN)
            os.killpg(process.pid, signal.SIGCONT)
            time.sleep(RUN)
        return [json.loads(line) for line in process.stdout]


def main() -> None:
    """Ask and time."""
    os.sched_setaffinity(0, {0})
    args = argparse.Namespace(model=None)
    understander = ready.understander(places.intents_dir(), places.cache_dir())
    asked = questions.asked(int(sys.argv[1]))
    sounds = [trimmed(*speak(each.text, each.voice, 1.0)) for each in asked]
    with ExitStack() as stack:
        recogniser = parts.recogniser(args, Settings())
        recogniser.expect(understander.phrasebook.questions)
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
