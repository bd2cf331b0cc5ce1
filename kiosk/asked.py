"""What patients asked: counts by the day, and, if staff wish, the words of questions asked in vain.

A local SQLite file. Words are kept only while staff have it switched on, for some days, and without any
time finer than the day; sound never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kiosk.turn import State


@dataclass(frozen=True, slots=True)
class InVain:
    """Questions asked in vain that are much alike."""

    id: int
    """Of the first of them; stays the same while there are any."""
    question: str
    """The commonest wording."""
    wordings: tuple[str, ...]
    """Every wording, the commonest first."""
    count: int
    outcome: Literal["unknown", "clarify"]
    """Refused, or asked back about."""
    first: str
    """The day it was first asked: 2026-11-22."""
    last: str


@dataclass(frozen=True, slots=True)
class Day:
    """How a day went, in counts."""

    day: str
    """2026-11-22."""
    questions: int
    answered: int
    asked_back: int
    unanswered: int
    urgent: int
    """Of those answered."""
    by_intent: Mapping[str, int]


class Asked:
    """The local record. No method raises for a disk that is full or read-only but those that staff call to change it."""

    def __init__(self, file: Path, days: int = 30) -> None:
        """Take the SQLite file (made when needed) and how many days words are kept."""

    # --- what staff call ---
    @property
    def keeping(self) -> bool:
        """Whether the words of questions asked in vain are kept; off until staff switch it on."""
        raise NotImplementedError

    def keep(self, *, on: bool) -> None:
        """Switch it on or off; switching off leaves what was kept until it is deleted or too old."""
        raise NotImplementedError

    def in_vain(self) -> tuple[InVain, ...]:
        """Return what was asked in vain, alike ones together, the most asked first."""
        raise NotImplementedError

    def forget(self, ids: Iterable[int]) -> None:
        """Delete groups of `in_vain` by their id, with all their wordings, beyond recovery."""
        raise NotImplementedError

    def forget_all(self) -> None:
        """Delete everything, the counts too, beyond recovery."""
        raise NotImplementedError

    def use(self, days: int = 30) -> tuple[Day, ...]:
        """Return the counts of the last days, the oldest first; days without a question are zero."""
        raise NotImplementedError

    # --- what the session calls ---
    def show(self, state: State) -> None:
        """Note the reply of a state that has a new one; for `Session.show`. Returns at once, never raises."""
        raise NotImplementedError

    def close(self) -> None:
        """Write what is not yet written, and end."""
        raise NotImplementedError
