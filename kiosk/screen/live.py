"""What is shown now, for any number of pages: a new page sees it at once, a slow one only the latest."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

from kiosk.screen.view import view

if TYPE_CHECKING:
    from kiosk.converse.turn import State
    from kiosk.terms import Phrasebook

LEVELS: Final = 15
"""Levels shown a second; the microphone gives 20, and eyes need no more than 15."""


class Live:
    """The latest view. Keeps nothing of the ones before: what a patient said is gone with its view."""

    def __init__(self, phrasebook: Phrasebook, clock: Callable[[], float] = time.monotonic) -> None:
        self._phrasebook = phrasebook
        self._clock = clock
        self._view: dict[str, Any] = {}
        self._began = 0.0
        self._levelled = 0.0
        self._number = 0
        self._ended = False
        self._pulsed = True
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()

    def begin(self) -> None:
        """Belong to the event loop that is running."""
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """Let every page go; may be called from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._end)

    @property
    def blank(self) -> bool:
        """Whether nothing of a patient is shown."""
        return bool(self._view.get("blank"))

    def adopt(self, phrasebook: Phrasebook) -> None:
        """Take the titles from this from now on, and tell the pages; may be called from any thread."""
        self._phrasebook = phrasebook
        if self._loop:
            self._loop.call_soon_threadsafe(self._renew)

    def pulse(self) -> bool:
        """Tell whether the event loop has done what it was asked for at the last pulse, and ask it again."""
        answered, self._pulsed = self._pulsed, False
        if self._loop:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._answer_pulse)
        return answered

    def _answer_pulse(self) -> None:
        self._pulsed = True

    def show(self, state: State) -> None:
        """Show a state; returns at once and may be called from any thread."""
        seen = view(state, self._phrasebook)
        if self._loop:
            self._loop.call_soon_threadsafe(self._take, seen)
        else:
            self._view = seen

    async def views(self) -> AsyncIterator[str]:
        """Yield the view as JSON, now and whenever it changes."""
        shown = -1
        while not self._ended:
            if shown == self._number:
                await self._changed.wait()
                continue
            shown = self._number
            # How long it has been listening is told anew each time, for a page that joins late.
            yield json.dumps({**self._view, "listened": round(self._clock() - self._began, 2)})

    def _take(self, seen: dict[str, Any]) -> None:
        now = self._clock()
        if seen["turn"] != self._view.get("turn"):
            self._began = now
        if {**seen, "level": 0} == {**self._view, "level": 0}:
            if now - self._levelled < 1 / LEVELS:
                return
            self._levelled = now
        self._view = seen
        self._number += 1
        self._wake()

    def _renew(self) -> None:
        self._number += 1
        self._wake()

    def _end(self) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
