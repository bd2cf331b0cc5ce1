"""A disk that gets full, or cannot be written to: patients notice nothing, staff do, and all is well when it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sound, pytest.mark.speech]

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(sound_card, tmp_path_factory):  # noqa: ARG001 - it hears and speaks by it
    """What `tests.sound.full_disk` found."""
    shelter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    command = [*shelter, sys.executable, "-m", "tests.sound.full_disk", str(tmp_path_factory.mktemp("small"))]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("disk", ["full", "free", "protected", "writable"])
def test_every_question_is_answered_in_writing_and_aloud(report, disk):
    tingling, numb = report[disk]["answers"]
    assert tingling["sentences"]
    assert numb["sentences"][0].startswith("Please tell the reception desk now.")
    assert tingling["spoken"]
    assert numb["spoken"]


@pytest.mark.parametrize(("disk", "why"), [("full", "No space left on device"), ("protected", "Read-only file system")])
def test_staff_are_told_and_what_they_had_is_as_it_was(report, disk, why):
    now, before = report[disk], {"full": "A quick tingle", "protected": "Second new answer."}[disk]
    assert "could not be saved" in now["saved"] or "cannot write to its disk" in now["saved"]
    assert before in now["intent"]
    assert (now["doctor"]["state"], why in now["doctor"]["told"]) == ("bad", True)
    assert why in now["pin"]
    assert "Traceback" not in "".join(report["told"].values())


@pytest.mark.parametrize(("disk", "text"), [("free", "Second new answer."), ("writable", "Fourth new answer.")])
def test_without_a_restart_all_is_well_again_when_there_is_room(report, disk, text):
    now, former = report[disk], report[{"free": "full", "writable": "protected"}[disk]]
    assert now["saved"] == "saved"
    assert text in now["intent"]
    assert now["doctor"]["state"] == "good"
    assert now["counted"] > former["counted"]
    assert any(line.endswith("ms") for line in now["log"].splitlines())


def test_a_log_that_cannot_be_written_is_printed_meanwhile(report):
    assert report["protected"]["log"] == ""
    assert "question typed: answer tingling" in report["told"]["second"]
    assert report["told"]["second"].count("question typed") == 2, "and no more once it can be written"
