"""What the staff page works with: the editor of the files, what runs now, what was asked, and the voice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from kiosk.staff import Weighing

if TYPE_CHECKING:
    from kiosk.hear.listen import Outcome
    from kiosk.staff import Draft, Editor
    from kiosk.staff.asked import Asked
    from kiosk.terms import Fault, Voice
    from kiosk.understand import Understander

WEIGHINGS: Final = 3
"""Drafts that are weighed or were lately; each holds weights of some megabytes."""


class Live(Protocol):
    """What answers patients now: `kiosk.learning.reload.Reloader`."""

    @property
    def understander(self) -> Understander:
        """What understands patients now."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong in the files now."""


class Ears(Protocol):
    """What hears staff: `kiosk.converse.session.Session`, which puts patients first."""

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with microphone and loudspeaker now, a sentence each."""

    def hear_aside(self, stop: threading.Event) -> Outcome | None:
        """Return what was heard, None where a patient is being served; raises `DeviceError`."""


class Weighings:
    """The latest weighings, so that trying, weighing and saving one draft learn it once."""

    def __init__(self) -> None:
        self._latest: OrderedDict[tuple[str, str], Weighing] = OrderedDict()
        self._mutex = threading.Lock()

    def of(self, draft: Draft, desk: Desk) -> Weighing:
        """Return the weighing of `draft`; older ones are given up."""
        before = desk.live.understander
        key = (draft.digest, before.phrasebook.fingerprint)
        with self._mutex:
            if key not in self._latest:
                self._latest[key] = Weighing(desk.editor, draft, before, desk.cache, desk.tests)
            self._latest.move_to_end(key)
            while len(self._latest) > WEIGHINGS:
                self._latest.popitem(last=False)[1].cancel()
            return self._latest[key]

    def drop(self, draft: Draft) -> None:
        """Forget what was found of a draft, so that it is weighed anew."""
        with self._mutex:
            for key in [key for key in self._latest if key[0] == draft.digest]:
                self._latest.pop(key).cancel()


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that the pages share."""

    editor: Editor
    live: Live
    asked: Asked
    cache: Path
    """Where learned weights are kept."""
    tests: Path | None = None
    """The project's test questions, if they are there."""
    voice: Voice | None = None
    rate: int = 150
    """Words a minute of the voice."""
    ears: Ears | None = None
    """What hears a question that staff say, on this computer's own page."""
    weighings: Weighings = field(default_factory=Weighings)

    def weighing(self, draft: Draft) -> Weighing:
        """Return the weighing of this draft against what patients get now; it begins if it has not."""
        return self.weighings.of(draft, self)
