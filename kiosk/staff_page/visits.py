"""Who has entered the PIN, and how long ago they last did something. Kept in memory alone."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

DISUSE: Final = 15 * 60.0
"""Seconds without use after which a visit has ended."""
MOST: Final = 50
"""Visits at a time; the one unused for longest gives way."""


@dataclass(slots=True)
class Visit:
    """One browser's stay between the PIN and leaving."""

    pin: str
    """The hash of the PIN it was opened with: another PIN ends it."""
    last: float
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What every form must send back, which no other page can know."""


class Visits:
    """The visits that go on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, disuse: float = DISUSE) -> None:
        self._clock = clock
        self.disuse = disuse
        self._visits: dict[str, Visit] = {}
        self._mutex = threading.Lock()

    def begin(self, pin: str) -> tuple[str, Visit]:
        """Begin a visit with the PIN of this hash; return its token, which only its browser gets to know."""
        token = secrets.token_urlsafe(32)
        visit = Visit(pin, self._clock())
        with self._mutex:
            self._drop_ended()
            while len(self._visits) >= MOST:
                del self._visits[min(self._visits, key=lambda name: self._visits[name].last)]
            self._visits[token] = visit
        return token, visit

    def find(self, token: str, pin: str) -> Visit | None:
        """Return the visit of this token if it goes on, and count this as use of it."""
        with self._mutex:
            self._drop_ended()
            visit = self._visits.get(token)
            if visit is None or visit.pin != pin:
                return None
            visit.last = self._clock()
            return visit

    def end(self, token: str) -> None:
        """End a visit; one that is not there has ended already."""
        with self._mutex:
            self._visits.pop(token, None)

    def _drop_ended(self) -> None:
        latest = self._clock() - self.disuse
        for token in [token for token, visit in self._visits.items() if visit.last < latest]:
            del self._visits[token]
