"""Slows whoever guesses PINs: each wrong one makes the next wait longer, and some of them lock for minutes.

Nothing waits here: a PIN that comes too early is refused unread, so that no thread is held and no
number of requests at once is quicker than one. What was counted is kept in a file, so that a restart
forgives nothing.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

FREE: Final = 4
"""Wrong PINs after which the wait is only 1, 2, 4 and 8 seconds."""
LOCKED: Final = 300.0
"""Seconds that the next wrong one locks for; each one after it twice as long, up to `LONGEST`."""
LONGEST: Final = 3600.0
FORGOTTEN: Final = 86_400.0
"""Seconds without a try after which slips of the finger are forgotten."""


class Lock:
    """Counts tries. Use `count` before a PIN is looked at and `forgive` if it was right."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Count in the file `path`; `clock` gives seconds that go on while the kiosk is off."""
        self._path = path
        self._clock = clock
        self._mutex = threading.Lock()
        self._wrong, self._last = self._read()

    def wait(self) -> int:
        """Return the whole seconds until the next PIN may be tried; 0 if now."""
        now = self._clock()
        # A clock that was set back must not lock for longer than the count deserves.
        return math.ceil(max(0.0, min(self._last, now) + pause(self._wrong) - now))

    def count(self) -> bool:
        """Count a try as wrong, before it is looked at; False if it comes too early and must not be."""
        with self._mutex:
            if self.wait():
                return False
            now = self._clock()
            self._wrong = 1 if now - self._last > FORGOTTEN else self._wrong + 1
            self._last = now
            self._write()
            return True

    def forgive(self) -> None:
        """Forget what was counted: the PIN was right."""
        with self._mutex:
            self._wrong = 0
            self._write()

    @property
    def wrong(self) -> int:
        """How many wrong PINs were counted."""
        return self._wrong

    def _read(self) -> tuple[int, float]:
        try:
            kept = json.loads(self._path.read_bytes())
            return int(kept["wrong"]), float(kept["last"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0.0

    def _write(self) -> None:
        # On a full disk the count goes on in memory alone.
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside = self._path.with_name(f"{self._path.name}.new")
            aside.write_text(json.dumps({"wrong": self._wrong, "last": self._last}), encoding="ascii")
            aside.replace(self._path)


def pause(wrong: int) -> float:
    """Return the seconds to wait after so many wrong PINs in a row."""
    if wrong <= FREE:
        return float(2 ** (wrong - 1)) if wrong else 0.0
    return min(LOCKED * 2.0 ** min(wrong - FREE - 1, 10), LONGEST)
