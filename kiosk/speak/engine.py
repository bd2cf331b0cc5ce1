"""The speech engine, in a process of its own: started by `kiosk.speak.voice`, run by its path.

pyttsx3 keeps one engine per process, which can hang or crash from C and prints what it likes. Here it
may: the process is ended and started again.

Requests come one a line on standard input, replies go one a line to standard output, both JSON.
First comes {"ready": true} or {"error": why}. Then to {"text", "path", "rate", "volume", "voice"}
comes {} once the sound is in the file, or {"error": why}; to {"voices": true} comes
{"voices": [[id, name, languages], ...]}. At the end of input, which is also when whoever started it
dies, the process ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any, Final

GLANCE: Final = 0.05
"""Seconds between looks for an error while the engine speaks."""
FINISHES: Final = sys.platform != "win32"
"""False where the engine never says that it has finished: on Windows the file is whole before that."""


class Engine:
    """pyttsx3 with its errors gathered, which it otherwise only tells as events."""

    def __init__(self) -> None:
        import pyttsx3  # noqa: PLC0415 - whatever it raises is reported

        self._engine = pyttsx3.init()
        self._finished = threading.Event()
        self._errors: list[str] = []
        self._engine.connect("finished-utterance", lambda **_: self._finished.set())
        self._engine.connect("error", lambda exception, **_: self._errors.append(str(exception)))
        self._english = self._english_voice()
        self._manner: tuple[int, float, str] | None = None
        # Before the first run properties are only put off, and errors with them.
        self._engine.runAndWait()

    def voices(self) -> list[tuple[str, str, list[str]]]:
        """Return id, name and languages of every voice."""
        return [(each.id, each.name, list(each.languages or ())) for each in self._engine.getProperty("voices")]

    def save(self, text: str, path: str, rate: int, volume: float, voice: str) -> str:
        """Speak `text` into a file; return what went wrong, or nothing."""
        self._finished.clear()
        self._errors.clear()
        self._set(rate, volume, voice)
        if self._errors:
            return "; ".join(self._errors)
        # Never say(): its sound cannot be stopped, and the next would be lost (pyttsx3 #219, #402).
        self._engine.save_to_file(text, path)
        self._engine.runAndWait()
        while FINISHES and not self._errors and not self._finished.wait(GLANCE):
            pass  # runAndWait may return before the file is whole; `voice` ends us if this takes too long
        return "; ".join(self._errors)

    def _set(self, rate: int, volume: float, voice: str) -> None:
        """Set how it speaks, if that is new: set anew each time, one text in 500 came out empty (measured)."""
        if self._manner == (rate, volume, voice):
            return
        self._manner = None
        self._engine.setProperty("voice", voice or self._english)
        self._engine.setProperty("rate", rate)
        self._engine.setProperty("volume", volume)
        if not self._errors:
            self._manner = (rate, volume, voice)
            time.sleep(GLANCE)  # espeak takes them in another thread, and drops a text that comes meanwhile

    def _english_voice(self) -> str | None:
        """Return the engine's own voice if it speaks English, else the first that does, else its own."""
        own = self._engine.getProperty("voice")
        english = [name for name, _, languages in self.voices() if any(_is_english(each) for each in languages)]
        return own if own in english or not english else english[0]


def main() -> None:
    """Serve requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the kiosk
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what pyttsx3 and the engine print must not get among the replies

    def reply(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=replies, flush=True)

    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    try:
        engine = Engine()
    except Exception as error:  # noqa: BLE001 - each engine fails in its own way; it is told and the process ends
        reply({"error": str(error) or type(error).__name__})
        return
    reply({"ready": True})
    while True:
        request = requests.get()
        if "voices" in request:
            reply({"voices": engine.voices()})
        else:
            wrong = engine.save(**request)
            reply({"error": wrong} if wrong else {})


def _read(requests: SimpleQueue[dict[str, Any]]) -> None:
    """Pass requests on; end the process at the end of input, even while the engine hangs."""
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)


def _is_english(language: str | bytes) -> bool:
    text = language.decode(errors="replace") if isinstance(language, bytes) else language
    return text.lower().startswith("en")


if __name__ == "__main__":
    main()
