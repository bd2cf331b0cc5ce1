"""A kiosk that crashes leaves nothing of a patient on the disk: no memory dump, no words, no sound."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from reliability.processes import children
from tests.sound.alone import DUMPING, Page, port

WORDS = "pelican narwhal zebra"
"""What the patient typed, beside what is understood; none of our own files has it."""
PATTERN = Path("/proc/sys/kernel/core_pattern")


def started(folder: Path, *command: str) -> subprocess.Popen:
    own = {name: str(folder / name) for name in ("HOME", "TMPDIR", "KIOSK_LOG", "KIOSK_DATA")}
    for path in own.values():
        Path(path).mkdir(exist_ok=True)
    with (folder / "stderr").open("a") as told:
        return subprocess.Popen(
            [*DUMPING, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            env={**os.environ, **own, "PULSE_SERVER": "unix:/nowhere"},
        )  # fmt: skip


def holding(folder: Path, word: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


@pytest.fixture
def kiosk(tmp_path, understander, kiosk_cache, monkeypatch):  # noqa: ARG001 - learned
    """A whole kiosk on whose screen a patient's words stand."""
    monkeypatch.setenv("KIOSK_CACHE", str(kiosk_cache))
    kiosk = started(tmp_path, sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0")
    try:
        page = Page(port(tmp_path / "stderr", kiosk))
        page.wait(bool)
        page.wish(wish="type", text=f"is tingling normal {WORDS}")
        page.wait(lambda view: bool(view["sentences"]))
        kiosk.page = page
        yield kiosk
    finally:
        kiosk.kill()
        kiosk.wait()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_kiosk_that_crashes_leaves_nothing_of_what_was_said(kiosk, tmp_path, number):
    kiosk.send_signal(number)
    assert kiosk.wait(60) == -number
    for word in WORDS.split():
        assert holding(tmp_path, word) == []
    assert not list(tmp_path.rglob("core*"))
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".wav", ".raw", ".flac")]


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_part_that_crashes_leaves_nothing_and_the_kiosk_goes_on(kiosk, tmp_path, number):
    """The parts in processes of their own: the voice, and whichever sound device is being looked for."""
    for child in children(kiosk.pid):
        with suppress(ProcessLookupError):  # the device that was looked for is not there: so its process ends
            os.kill(child, number)
    kiosk.page.wish(wish="type", text="can i put ice on it")
    kiosk.page.wait(lambda view: "ice" in " ".join(view["sentences"]).lower())
    for word in WORDS.split():
        assert holding(tmp_path, word) == []
    assert not [*tmp_path.rglob("core*"), *Path(__file__).parents[1].glob("core*")]


def test_where_dumps_are_written_to_a_file_another_program_that_crashes_leaves_one(tmp_path):
    """Else the tests above would show nothing; where a program collects dumps, the next test is what shows it."""
    program = f"import os; kept = '{WORDS}' * 100; os.abort()"
    crashed = started(tmp_path, sys.executable, "-c", program)
    assert crashed.wait(60) == -signal.SIGABRT
    to_file = PATTERN.read_text()[0] not in "|/" and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0
    assert bool(holding(tmp_path, WORDS * 2)) == to_file


def test_no_dump_is_made_of_the_kiosk_nor_handed_to_a_program_that_collects_them():
    program = (
        "import ctypes, resource; from kiosk.upkeep import undumped; undumped.keep_memory_off_the_disk(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "(0, 0) 0\n"
