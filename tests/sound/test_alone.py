"""Offline and private, provably: the whole kiosk without any way out, and what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sound, pytest.mark.speech]

CHECKOUT = Path(__file__).parents[2]
LOOPBACK = "0100007F"
SPOKEN = "I feel sore after the dry needling. Is that normal?"
# No sample question may have these animals: the kept weights hold every word of theirs.
TYPED = "can a pelican narwhal my tingling zebra leg"
WORDS = ("pelican", "zebra", "narwhal", "i feel sore after the dry needling", "feel sore after the dry")
"""What the patient said and typed; the commoner words of it stand in our own files too."""


@pytest.fixture(scope="module")
def alone(sound_card, spoken, understander, kiosk_cache, tmp_path_factory):  # noqa: ARG001 - both must be there
    """The report of `tests.sound.alone`, with the folder that the kiosk could write to."""
    folder = tmp_path_factory.mktemp("alone")
    own = {name: str(folder / name) for name in ("HOME", "TMPDIR", "KIOSK_CACHE", "KIOSK_LOG")}
    for path in own.values():
        Path(path).mkdir()
    for kept in kiosk_cache.glob("weights-*"):
        (folder / "KIOSK_CACHE" / kept.name).write_bytes(kept.read_bytes())
    shelter = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    done = subprocess.run(
        [*shelter, sys.executable, "-m", "tests.sound.alone", str(folder), str(spoken(SPOKEN)), TYPED],
        cwd=CHECKOUT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), folder


def test_without_any_network_it_hears_answers_and_speaks(alone):
    report, _ = alone
    assert "sore" in " ".join(report["aloud"]["sentences"])
    assert report["aloud"]["speaking"]
    assert report["typed"]["sentences"]
    assert report["status"] == 0


def test_every_socket_is_on_the_loopback(alone):
    report, _ = alone
    assert f"tcp {LOOPBACK} 0A" in report["sockets"], "the page is served"
    assert {line.split()[1] for line in report["sockets"]} == {LOOPBACK}
    assert {line.split()[0] for line in report["sockets"]} == {"tcp"}


def test_it_never_looks_up_a_name_nor_connects_anywhere(alone):
    report, _ = alone
    used = {event: [what for kind, what in report["audit"] if kind == event] for event, _ in report["audit"]}
    assert used.get("socket.getaddrinfo", []) == []
    assert all("notify" in what for what in used.get("socket.sendto", []))
    assert used.get("socket.connect", []) == []
    # The second is urllib3, which Vosk brings: it sees whether there is IPv6, and closes it at once.
    assert set(used["socket.bind"]) == {"(('127.0.0.1', 0),)", "(('::1', 0),)"}


def test_it_starts_no_program_but_its_own(alone):
    report, _ = alone
    started = [what for kind, what in report["audit"] if kind == "subprocess.Popen"]
    assert started
    for command in started:
        assert "speak/engine.py" in command or "kiosk.sound.worker" in command or "kiosk.learning" in command, command


def test_nothing_of_what_a_patient_said_is_left_on_the_disk_or_in_the_log(alone):
    report, folder = alone
    for path in folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes().lower()
            assert not [word for word in WORDS if word.encode() in held], path
    assert not [word for word in WORDS if word in report["stderr"].lower()]


def test_parts_that_crash_while_they_hold_sound_and_words_leave_no_memory_dump(alone):
    report, folder = alone
    assert report["crashed"] == 3, "the voice, the microphone, the loudspeaker"
    assert not [*folder.rglob("core*"), *CHECKOUT.glob("core*")]


def test_it_writes_its_log_its_weights_and_the_sound_of_its_own_answers_and_nothing_else(alone):
    _, folder = alone
    mine = {"audit.jsonl", "notify", "stderr"}
    left = {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
    for path in left - {Path(name) for name in mine}:
        kept = path.parts[0] == "KIOSK_CACHE" and (
            path.name.startswith(("weights-", "phrasebook-")) or path.parts[1] == "voice"
        )
        assert kept or path == Path("KIOSK_LOG/kiosk.log"), path


def test_the_log_tells_what_happened(alone):
    _, folder = alone
    log = (folder / "KIOSK_LOG" / "kiosk.log").read_text()
    assert "question typed: " in log
    assert "question heard: answer soreness" in log
    assert "microphone is there" in log
    assert "voice began after" in log


def test_systemd_is_told_that_it_is_ready_and_alive(alone):
    report, _ = alone
    assert report["signs"] == ["READY=1", "WATCHDOG=1"]
