"""Earlier versions of the files: every save with its time and reason, to compare and to bring back.

One JSON file a save, in a folder outside `intents/`; written in the same transaction as the save itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import unified_diff
from pathlib import Path

from kiosk.terms import KioskError


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
        return "".join(compared(name, self.before[name], self.after[name]) for name in sorted(self.after))

    def written(self) -> str:
        """Return the file that keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def version(reason: str, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Version:
    """Return a save that happens now."""
    now = datetime.now().astimezone()
    return Version(f"{now:%Y%m%d-%H%M%S-%f}", f"{now:%Y-%m-%d %H:%M}", reason, dict(before), dict(after))


def place(folder: Path, name: str) -> Path:
    """Return the file that keeps a version; raises `KioskError` for what cannot be an id."""
    if not name.replace("-", "").isalnum() or not name.isascii():
        raise KioskError(f"There is no earlier version {name!r}.")
    return folder / f"{name}.json"


def read(folder: Path, name: str) -> Version:
    """Return a version by its id; raises `KioskError`."""
    try:
        return Version(**json.loads(place(folder, name).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise KioskError(f"There is no earlier version {name!r}.") from None
    except (OSError, ValueError, TypeError) as error:
        raise KioskError(
            f"The earlier version {name} cannot be read.", "Its file is damaged; the others are not."
        ) from error


def versions(folder: Path) -> Iterator[Version]:
    """Yield every version that can be read, the newest first."""
    for path in sorted(folder.glob("[!.]*.json"), reverse=True):
        try:
            yield read(folder, path.stem)
        except KioskError:
            continue


def compared(name: str, before: str | None, after: str | None) -> str:
    """Return the unified diff of two texts of a file."""
    old, new = ((text or "").splitlines(keepends=True) for text in (before, after))
    lines = unified_diff(old, new, name if before is not None else "(none)", name if after is not None else "(none)")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
