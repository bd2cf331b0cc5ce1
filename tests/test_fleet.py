"""Two kiosks on one machine, each with a clone of one set of intents: staged roll-out, the gate, and the way back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import places

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
        self.kiosk.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kiosk "$@"\n')
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


def test_intents_with_faults_are_not_taken(fleet):
    before = city(fleet.one)
    fleet.change(before, "town: Newtown")
    assert fleet.pull(fleet.one, "first") == 1
    assert city(fleet.one) == before
