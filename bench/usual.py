"""What a user would write instead of the kiosk: the usual thirty lines, with Vosk or with PocketSphinx.

    python -m bench.usual vosk|pocketsphinx MODEL SAMPLES

MODEL: the folder of the Vosk model. SAMPLES: a JSON file of [question, answer] pairs. It prints
"ready" once it listens, and then answers aloud whatever it hears, as such scripts do.
"""

from __future__ import annotations

import json
import queue
import sys
from collections.abc import Iterator
from pathlib import Path

import pyttsx3
import sounddevice
from rapidfuzz import fuzz, process

RATE = 16_000


def blocks(size: int) -> Iterator[bytes]:
    """Yield what the default microphone hears, `size` samples at a time."""
    heard: queue.Queue[bytes] = queue.Queue()
    with sounddevice.RawInputStream(
        samplerate=RATE, blocksize=size, channels=1, dtype="int16", callback=lambda block, *_: heard.put(bytes(block))
    ):
        print("ready", flush=True)
        while True:
            yield heard.get()


def by_vosk(model: str) -> Iterator[str]:
    """Yield what was said, each time Vosk finds that somebody has finished."""
    import vosk

    vosk.SetLogLevel(-1)
    recogniser = vosk.KaldiRecognizer(vosk.Model(model), RATE)
    for block in blocks(8000):  # as in Vosk's own example
        if recogniser.AcceptWaveform(block):
            yield json.loads(recogniser.Result())["text"]


def by_pocketsphinx() -> Iterator[str]:
    """Yield what was said, each time PocketSphinx's endpointer finds that somebody has finished."""
    import pocketsphinx

    endpointer = pocketsphinx.Endpointer()
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL")
    spoke = False
    for block in blocks(endpointer.frame_bytes // 2):
        speech = endpointer.process(block)
        if speech is None:
            continue
        if not spoke:
            decoder.start_utt()
            spoke = True
        decoder.process_raw(speech)
        if not endpointer.in_speech:
            decoder.end_utt()
            spoke = False
            yield decoder.hyp().hypstr if decoder.hyp() else ""


def main() -> None:
    """Listen, match and speak, for ever."""
    kind, model, samples = sys.argv[1:]
    answers = dict(json.loads(Path(samples).read_text(encoding="utf-8")))
    engine = pyttsx3.init()
    for said in by_vosk(model) if kind == "vosk" else by_pocketsphinx():
        if said:
            best = process.extractOne(said, answers.keys(), scorer=fuzz.token_set_ratio)
            engine.say(answers[best[0]])
            engine.runAndWait()


if __name__ == "__main__":
    main()
