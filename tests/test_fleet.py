"""Two kiosks on one machine, each with a clone of one set of intents: staged roll-out, the gate, and the way back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk import places
from tests.sound.alone import Page, port

CHECKOUT = Path(__file__).parents[1]
PULL = CHECKOUT / "scripts" / "pull_intents.sh"
AUTHOR = {f"GIT_{who}_{what}": "kiosk@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder, *words):
    command = ["git", "-C", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **AUTHOR})
    return done.stdout.strip()


class Fleet:
    """A repository of intents with the branches `first`, for one kiosk, and `main`, for the rest."""

    def __init__(self, folder: Path) -> None:
        self.kiosk = folder / "kiosk"
        # Quick: the rest of the check takes half a minute each time, and tests/intents/test_sense.py has it.
        self.kiosk.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kiosk "$@" --quick\n')
        self.kiosk.chmod(0o755)
        self.office = folder / "office"
        shutil.copytree(places.intents_dir(), self.office)
        git(self.office, "init", "--quiet", "--initial-branch=main")
        git(self.office, "add", ".")
        git(self.office, "commit", "--quiet", "--message=As shipped")
        git(self.office, "branch", "first")
        for name in ("one", "two"):
            git(folder, "clone", "--quiet", str(self.office), name)
        self.one, self.two = folder / "one", folder / "two"

    def change(self, old: str, new: str) -> None:
        """Change the clinic's facts, for the first kiosk."""
        git(self.office, "checkout", "--quiet", "first")
        path = self.office / "clinic.yaml"
        path.write_text(path.read_text().replace(old, new))
        git(self.office, "commit", "--quiet", "--all", "--message=Change")

    def pull(self, kiosk: Path, branch: str) -> int:
        command = ["sh", str(PULL), str(kiosk), branch]
        done = subprocess.run(command, env={**os.environ, "KIOSK": str(self.kiosk)}, check=False, capture_output=True)
        return done.returncode


def city(kiosk: Path) -> str:
    return next(line for line in (kiosk / "clinic.yaml").read_text().splitlines() if line.startswith("city"))


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path)


def test_a_change_reaches_the_first_kiosk_then_all_and_can_be_taken_back(fleet):
    before = city(fleet.one)
    fleet.change(before, "city: Newtown")
    assert (fleet.pull(fleet.one, "first"), fleet.pull(fleet.two, "main")) == (0, 0)
    assert (city(fleet.one), city(fleet.two)) == ("city: Newtown", before)
    git(fleet.office, "branch", "--force", "main", "first")
    assert fleet.pull(fleet.two, "main") == 0
    assert city(fleet.two) == "city: Newtown"
    git(fleet.office, "branch", "--force", "main", "main~1")
    assert fleet.pull(fleet.two, "main") == 0
    assert city(fleet.two) == before


@contextmanager
def running(intents: Path, own: Path, cache: Path) -> Iterator[Page]:
    """A kiosk that runs with its clone, and a page of it."""
    own.mkdir()
    environment = {"KIOSK_CACHE": str(cache), "KIOSK_DATA": str(own), "KIOSK_LOG": str(own)}
    command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0", "--intents", str(intents)]
    with (own / "told").open("w") as told:
        kiosk = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=told,
            env={**os.environ, **environment, "PULSE_SERVER": "unix:/nowhere"},
        )  # fmt: skip
    try:
        page = Page(port(own / "told", kiosk))
        page.wait(bool)
        yield page
    finally:
        kiosk.terminate()
        kiosk.wait(60)


def told(page: Page) -> str:
    """What a patient is told of the place."""
    page.wish(wish="type", text="where is the clinic")
    said = " ".join(page.wait(lambda view: bool(view["sentences"]))["sentences"])
    page.wish(wish="finish")
    page.wait(lambda view: view["blank"])
    return said


def comes_to_tell(page: Page, words: str, seconds: float = 120.0) -> bool:
    """Whether patients are told these words before long; it takes a second."""
    deadline = time.monotonic() + seconds
    while words not in told(page):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_two_kiosks_that_run_take_a_change_up_between_two_questions(fleet, tmp_path, kiosk_cache, understander):  # noqa: ARG001 - learned
    before = city(fleet.one).removeprefix("city: ")
    fleet.change(f"city: {before}", "city: Newtown")
    with (
        running(fleet.one, tmp_path / "own-1", kiosk_cache) as first,
        running(fleet.two, tmp_path / "own-2", kiosk_cache) as second,
    ):
        assert before in told(first)
        fleet.pull(fleet.one, "first")
        assert comes_to_tell(first, "Newtown")
        assert before in told(second)
        git(fleet.office, "branch", "--force", "main", "first")
        fleet.pull(fleet.two, "main")
        assert comes_to_tell(second, "Newtown")
        git(fleet.office, "branch", "--force", "main", "main~1")
        fleet.pull(fleet.two, "main")
        assert comes_to_tell(second, before)


def test_intents_with_faults_are_not_taken(fleet):
    before = city(fleet.one)
    fleet.change(before, "town: Newtown")
    assert fleet.pull(fleet.one, "first") == 1
    assert city(fleet.one) == before
