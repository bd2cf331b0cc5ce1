"""Several files change as one: whole after a crash at any point, and after a disk that is full."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from kiosk.intents import journal
from kiosk.terms import KioskError

ROOT = Path(__file__).parents[2]
OLD = {"a.yaml": "old a\n", "b.yaml": "old b\n", "c.yaml": None, "d.yaml": "old d\n"}
NEW = {"a.yaml": "new a\n", "b.yaml": "new b\n", "c.yaml": "new c\n", "d.yaml": None}


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def write(folder, texts):
    for name, text in texts.items():
        (folder / name).unlink(missing_ok=True) if text is None else (folder / name).write_text(text)


def read(folder):
    return {name: (folder / name).read_text() if (folder / name).exists() else None for name in OLD}


def replace(folder, texts):
    with journal.lock(folder):
        journal.replace(folder, {folder / name: text for name, text in texts.items()})


def test_changes_adds_and_removes_files_together(folder):
    write(folder, OLD)
    replace(folder, NEW)
    assert read(folder) == NEW
    assert {path.name for path in folder.iterdir()} <= {"a.yaml", "b.yaml", "c.yaml", journal.LOCK}


def test_nothing_changes_where_one_file_cannot_be_written(folder):
    write(folder, OLD)
    with journal.lock(folder), pytest.raises(KioskError, match="All is as it was"):
        journal.replace(folder, {folder / "a.yaml": "new", folder / "nowhere" / "e.yaml": "new"})
    assert read(folder) == OLD
    assert not [path for path in folder.iterdir() if path.name.endswith(journal.ASIDE)]


def test_a_damaged_journal_is_told(folder):
    (folder / journal.JOURNAL).write_text("{")
    with pytest.raises(KioskError, match="its journal is damaged"):
        journal.recover(folder)


KILLED = """
    # Saves, and is killed at the n-th call into the system or the library, for every n: SIGKILL, as in a power cut.
    import json, os, signal, sys
    from pathlib import Path
    from kiosk.intents import journal

    folder, old, new = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
    states = {"old": 0, "new": 0, "mixed": 0}
    trials = 0
    while True:
        trials += 1
        for name, text in old.items():
            (folder / name).unlink(missing_ok=True) if text is None else (folder / name).write_text(text)
        child = os.fork()
        if not child:
            calls = 0
            def count(frame, event, what):
                global calls
                if event == "c_call":
                    calls += 1
                    if calls == trials:
                        os.kill(os.getpid(), signal.SIGKILL)
            held = journal.lock(folder)
            held.acquire()
            sys.setprofile(count)
            journal.replace(folder, {folder / name: text for name, text in new.items()})
            sys.setprofile(None)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        journal.recover(folder)
        there = {name: (folder / name).read_text() if (folder / name).exists() else None for name in old}
        states["old" if there == old else "new" if there == new else "mixed"] += 1
        assert not (folder / journal.JOURNAL).exists()
        if os.WIFEXITED(status):
            break
    print(json.dumps({"trials": trials, **states}))
"""


def test_a_save_that_is_killed_at_any_point_leaves_the_old_or_the_new_whole(folder):
    script = [sys.executable, "-c", dedent(KILLED), str(folder), json.dumps(OLD), json.dumps(NEW)]
    told = json.loads(subprocess.run(script, check=True, capture_output=True, text=True, timeout=900, cwd=ROOT).stdout)
    assert told["trials"] > 300
    assert told["mixed"] == 0, told
    assert min(told["old"], told["new"]) > 20, "both sides of the moment from which it counts were met"
