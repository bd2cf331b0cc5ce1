"""Takes up changes of `intents/` while the kiosk runs, between questions; a broken file changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kiosk.terms import Fault

if TYPE_CHECKING:
    from kiosk.understand import Understander


class Reloader:
    """Watches a folder of intents from the beginning to the end of the context."""

    def __init__(self, folder: Path, cache: Path, now: Understander, take: Callable[[Understander], None]) -> None:
        """Take the folder, where learned weights are kept, what understands now, and who takes the next.

        `take` is called in the reloader's thread with each new understander: `kiosk.session.Session.adopt`.
        """
        raise NotImplementedError

    @property
    def understander(self) -> Understander:
        """The latest that was given to `take`."""
        raise NotImplementedError

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong in the files now; errors among them mean that the last good content goes on."""
        raise NotImplementedError

    @property
    def learning(self) -> bool:
        """True while the weights of the latest change are still being learned."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        raise NotImplementedError
