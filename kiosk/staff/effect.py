"""What a draft would change for patients: known questions that would get another answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.staff.editor import Draft, Editor
from kiosk.terms import KioskError

if TYPE_CHECKING:
    from kiosk.understand import Understander


@dataclass(frozen=True, slots=True)
class Change:
    """A known question that would get another answer."""

    question: str
    before: tuple[str, ...]
    """Ids of the intents it is answered with now; empty: refused."""
    after: tuple[str, ...]
    """Ids of the intents it would be answered with."""
    asked_back: bool = False
    """True where the kiosk would ask back: `after` are the choices."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a draft would change."""

    draft: str
    """`Draft.digest` of the draft that was weighed."""
    changed: tuple[Change, ...] = ()
    """Known questions (sample questions, the project's test questions) that would get another answer."""
    lost: tuple[Change, ...] = ()
    """Those that are a warning sign now and would not be: `Editor.save` refuses such a draft."""
    weaker: tuple[Change, ...] = ()
    """Warning signs among the sample questions that are still answered word for word, but no longer when
    said a little differently. A caution to staff, no refusal."""


class Stage(Enum):
    """How far a weighing is."""

    CHECKING = "checking"
    LEARNING = "learning"
    """The longest: about ten seconds; left out where nothing that is learned from changes."""
    COMPARING = "comparing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """`Weighing.error` tells why: faults of form (`ContentError`), most likely."""


class Weighing:
    """Learns with a draft and compares, in a thread of its own that begins at once."""

    def __init__(self, editor: Editor, draft: Draft, before: Understander, cache: Path, tests: Path | None) -> None:
        """Take the draft, what understands now, where learned weights are kept, and the test questions if any."""

    @property
    def stage(self) -> Stage:
        """How far it is."""
        raise NotImplementedError

    @property
    def understander(self) -> Understander | None:
        """What would understand with the draft, to try it: soon with the present weights, then with its own."""
        raise NotImplementedError

    @property
    def effect(self) -> Effect | None:
        """What was found, once `stage` is DONE."""
        raise NotImplementedError

    @property
    def error(self) -> KioskError | None:
        """Why it failed, if it did."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Give up; returns at once."""
        raise NotImplementedError

    def wait(self, seconds: float | None = None) -> Effect:
        """Return the effect when it is known; raises `error`, or `KioskError` when cancelled or not ready by then."""
        raise NotImplementedError
