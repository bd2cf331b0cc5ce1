"""What a user would write instead of the kiosk: the usual thirty lines, with Vosk, PocketSphinx or Whisper.

    python -m bench.usual vosk|pocketsphinx|whisper MODEL SAMPLES

MODEL: the folder of the model; PocketSphinx brings its own. SAMPLES: a JSON file of [question, answer] pairs. It prints
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


def by_pocketsphinx(_model: str) -> Iterator[str]:
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


def by_whisper(model: str) -> Iterator[str]:
    """Yield what was said; Whisper has no endpoint of its own, so PocketSphinx's stands in."""
    import faster_whisper
    import numpy as np
    import pocketsphinx

    endpointer, network = pocketsphinx.Endpointer(), faster_whisper.WhisperModel(model, "cpu", compute_type="int8")
    heard = b""
    for block in blocks(endpointer.frame_bytes // 2):
        speech = endpointer.process(block)
        if speech is None:
            continue
        heard += speech
        if not endpointer.in_speech:
            sound = np.frombuffer(heard, np.int16).astype(np.float32) / 32768
            yield "".join(piece.text for piece in network.transcribe(sound, language="en", beam_size=1)[0])
            heard = b""


def main() -> None:
    """Listen, match and speak, for ever."""
    kind, model, samples = sys.argv[1:]
    answers = dict(json.loads(Path(samples).read_text(encoding="utf-8")))
    engine = pyttsx3.init()
    listen = {"vosk": by_vosk, "pocketsphinx": by_pocketsphinx, "whisper": by_whisper}[kind]
    for said in listen(model):
        if said:
            best = process.extractOne(said, answers.keys(), scorer=fuzz.token_set_ratio)
            engine.say(answers[best[0]])
            engine.runAndWait()


if __name__ == "__main__":
    main()
