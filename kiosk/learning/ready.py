"""Makes what understands questions ready, quickly: from what was read and learned before, where files are the same.

To read and judge 28,000 lines of YAML takes 0.4 s, to read them as they were kept 0.05 s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.intents import journal
from kiosk.learning import learn, packed
from kiosk.learning.shelf import Shelf
from kiosk.terms import ContentError, Fault, Phrasebook
from kiosk.understand import Understander

KIND: Final = "phrasebook"
"""What the kept file is called."""


def understander(folder: Path, cache: Path, report: Callable[[], None] = lambda: None) -> Understander:
    """Return what understands questions by the intents in `folder`, keeping in `cache` what took time.

    `report` is called before learning, which takes some seconds. Raises `ContentError` or `KioskError`.
    """
    phrases = phrasebook(folder, cache)
    return Understander(phrases, learn.learned_for(phrases, cache, report))


def phrasebook(folder: Path, cache: Path) -> Phrasebook:
    """Return the phrasebook in `folder`, as it was kept in `cache` if no file is other than then.

    Raises `ContentError` with every fault, or `KioskError`.
    """
    read, faults = check(folder, cache)
    if read is None:
        raise ContentError([fault for fault in faults if not fault.warning])
    return read


def check(folder: Path, cache: Path) -> tuple[Phrasebook | None, list[Fault]]:
    """Return what `kiosk.intents.content.check` does, kept likewise where it can be used; raises `KioskError`."""
    journal.recover(folder)
    digest = _digest(folder)
    shelf = Shelf(cache, KIND, digest)
    kept = shelf.read(packed.read_checked)
    if kept is not None:
        return kept
    from kiosk.intents import content  # noqa: PLC0415 - with the YAML library, it is needed only where files have changed

    read, faults = content.check(folder)
    if read is not None and _digest(folder) == digest:  # else it may be of files that were changed meanwhile
        shelf.keep(packed.checked_bytes(read, faults))
    return read, faults


def _digest(folder: Path) -> str:
    """Return what changes with every file in `folder`: names and bytes, since times can be set back."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith(".") or "/." in name:
            continue  # no content: what editors and version control put there
        digest.update(name.encode() + b"\0")
        if path.is_file():
            raw = path.read_bytes()
            digest.update(len(raw).to_bytes(8) + raw)
    return digest.hexdigest()
