"""Saves, and is killed (as by a power cut) at one call into the system after the other: a program for `test_killed`."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

from kiosk.intents import journal
from kiosk.staff import Draft, Editor, Effect
from tests import folder as small

SYSTEM = {"posix", "fcntl", "_io", "io", "time"}
"""The modules whose functions reach the system."""


def saving(editor: Editor, draft: Draft, last: int) -> bool:
    """Save in a process of its own that is killed at its `last` call into the system; tell whether it came so far."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    calls = 0

    def count(_frame, event, what) -> None:
        nonlocal calls
        if event != "c_call" or (what.__module__ or type(what.__self__).__module__) not in SYSTEM:
            return
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    editor.save(draft, Effect(draft.digest), "because")
    sys.setprofile(None)
    os._exit(0)


def everything(folder: Path) -> dict[str, str]:
    """Return every file that is content."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("[!.]*")
        if path.is_file()
    }


def main(place: Path) -> None:
    """Kill the save at every point, and tell how often the content was the old, the new, or neither afterwards."""
    folder, history = small.make(place / "intents"), place / "history"
    editor = Editor(folder, history)
    old = everything(folder)
    # Files are changed, one is added and one goes, and a version is kept: all that a save can do.
    draft = editor.rename_intent(editor.intent("ice"), "cold")
    new = {name: text for name, text in {**old, **draft.files}.items() if text is not None}
    seen: Counter[str] = Counter()
    killed = True
    while killed:
        seen["trials"] += 1
        for name in draft.files:
            (folder / name).unlink(missing_ok=True)
        small.make(folder)
        for version in history.glob("*"):
            version.unlink()
        killed = saving(editor, draft, seen["trials"])
        journal.recover(folder)  # as whoever reads the folder next does
        there, kept = everything(folder), len(editor.versions())
        seen["old" if (there, kept) == (old, 0) else "new" if (there, kept) == (new, 1) else "mixed"] += 1
        with journal.lock(folder):  # whoever was killed does not hold it any more
            pass
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
