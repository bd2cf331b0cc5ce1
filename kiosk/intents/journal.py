"""Changes several files as one: after a crash at any point all of them are new, or none is.

The new texts are written aside and brought to the disk first; whatever can fail for want of space fails
there. Then a journal, which only lists what is to be renamed and removed, takes its name: from that moment
on the change counts. What is left are renames, which any process may do again as often as it likes:
`recover` does so before every read. The decision: docs/decisions/0060-saving-and-reloading.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from kiosk.terms import KioskError

JOURNAL: Final = ".saving"
LOCK: Final = ".saving.lock"
ASIDE: Final = ".new"
"""The ending of what is written aside; the name begins with a dot, so that nobody reads it as content."""
PATIENCE: Final = 10.0
"""Seconds to wait for another process that saves; it takes some milliseconds."""


def lock(folder: Path) -> FileLock:
    """Return the lock that whoever changes `folder` holds, to be used as a context manager.

    The system frees it when its holder dies.
    """
    return FileLock(folder / LOCK, timeout=PATIENCE)


def recover(folder: Path) -> None:
    """Bring a change to its end that a crash has cut short; raises `KioskError` where that cannot be."""
    if not (folder / JOURNAL).exists():
        return
    with suppress(Timeout), _explained(folder), lock(folder):  # held by another: it is being finished at this moment
        _finish(folder)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = _told(error) if isinstance(error, OSError) else "its journal is damaged"
        raise KioskError(
            f"A save in {folder} was cut short and cannot be brought to its end: {told}.",
            "Make room on the disk, or start the kiosk as the user who saved.",
        ) from error


def replace(folder: Path, texts: Mapping[Path, str | None]) -> None:
    """Give each file its text, None to remove it: all of them or, with `KioskError`, none.

    folder: where the journal lies. The files may lie elsewhere; their folders must exist. The lock must be held.
    """
    with _explained(folder):
        _finish(folder)
    try:
        _prepare(folder, texts)
        _aside(folder / JOURNAL).replace(folder / JOURNAL)
    except OSError as error:
        _sweep((folder / JOURNAL, *texts))
        raise KioskError(
            f"This could not be saved: {_told(error)}. All is as it was.",
            "Make room on the disk, or see to it that the kiosk may write there.",
        ) from error
    with suppress(OSError):  # it counts already; what is left is done before the next read
        _settle(folder)
        _finish(folder)


def _prepare(folder: Path, texts: Mapping[Path, str | None]) -> None:
    for path, text in texts.items():
        if text is not None:
            _write(_aside(path), text)
    listed = {
        "rename": [str(path.absolute()) for path, text in texts.items() if text is not None],
        "remove": [str(path.absolute()) for path, text in texts.items() if text is None],
    }
    _write(_aside(folder / JOURNAL), json.dumps(listed))
    for parent in {folder, *(path.parent for path in texts)}:
        _settle(parent)


def _finish(folder: Path) -> None:
    """Do what the journal lists, as far as it is not done, then drop it."""
    try:
        listed = json.loads((folder / JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    renamed, removed = map(Path, listed["rename"]), [Path(name) for name in listed["remove"]]
    parents = {folder, *(path.parent for path in removed)}
    for path in renamed:
        parents.add(path.parent)
        with suppress(FileNotFoundError):  # done before the crash
            _aside(path).replace(path)
    for path in removed:
        path.unlink(missing_ok=True)
    for parent in parents:
        _settle(parent)
    (folder / JOURNAL).unlink(missing_ok=True)
    _settle(folder)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}{ASIDE}")


def _sweep(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            _aside(path).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(error: OSError) -> str:
    return error.strerror or str(error)
