"""Earlier versions of the files: every save with its time and reason, to compare and to bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """One save: what each of its files was before, and became."""

    id: str
    """Sorts by time; letters, digits and hyphens only, so it may stand in an address."""
    time: str
    """When it was saved, local time: 2026-11-22 17:05."""
    reason: str
    """In the words of who saved it."""
    before: Mapping[str, str | None]
    """Text by file (a path below `intents/`); None where there was no such file."""
    after: Mapping[str, str | None]
    """Likewise; None where the file was removed."""

    def compare(self) -> str:
        """Return what the save changed, as a unified diff over all its files."""
        raise NotImplementedError
