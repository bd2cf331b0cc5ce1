"""The PIN: kept as a hash that only its owner reads, slow to guess, and never a trivial one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kiosk.cli import main
from kiosk.staff_page.lock import FORGOTTEN, FREE, LOCKED, LONGEST, Lock
from kiosk.staff_page.pin import PinFile, refuse_trivial
from kiosk.staff_page.visits import MOST, Visits
from kiosk.terms import KioskError

PIN = "480531"


class Clock:
    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


# --- the file ---
def test_only_the_hash_is_kept_and_only_its_owner_reads_it(tmp_path):
    file = PinFile(tmp_path / "staff" / "pin")
    file.set(PIN)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.read_text().startswith("$argon2id$")
    assert PIN not in file.path.read_text()
    assert list(file.path.parent.iterdir()) == [file.path]
    assert file.fits(PIN)
    assert not file.fits("480532")
    assert not file.fits(PIN * 100)


def test_a_file_that_others_may_read_opens_nothing(tmp_path):
    file = PinFile(tmp_path / "pin")
    file.set(PIN)
    file.path.chmod(0o644)
    with pytest.raises(KioskError, match="Others than its owner"):
        file.fits(PIN)


def test_a_damaged_file_opens_nothing(tmp_path):
    file = PinFile(tmp_path / "pin")
    file.set(PIN)
    file.path.write_text("$argon2id$nonsense")
    assert not file.fits(PIN)
    file.path.write_bytes(b"\xff\xfe")
    with pytest.raises(KioskError, match="cannot be read"):
        file.fits(PIN)


@pytest.mark.parametrize(
    "pin", "123456 654321 012345 987654 111111 121212 090909 000001 112233 abcdef qwerty password 12345 890123".split()
)
def test_what_everybody_would_try_is_refused(pin):
    with pytest.raises(KioskError, match=r"easy to guess|too short"):
        refuse_trivial(pin)


@pytest.mark.parametrize("pin", ["480531", "ahmedabad clinic 7", "9pälme"])
def test_what_nobody_would_guess_is_taken(pin):
    refuse_trivial(pin)


def test_a_pin_that_cannot_be_kept_is_told(tmp_path):
    (tmp_path / "staff").write_text("a file where the folder should be")
    with pytest.raises(KioskError, match="cannot be kept"):
        PinFile(tmp_path / "staff" / "pin").set(PIN)


# --- the command ---
def test_the_pin_is_set_from_a_pipe_and_removed(tmp_path):
    def kiosk(action, line=""):
        command = [sys.executable, "-m", "kiosk", "staff", action]
        return subprocess.run(command, input=line, text=True, capture_output=True, check=False, env=env)

    env = {"KIOSK_DATA": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    assert kiosk("set-pin", "123456\n").returncode == 1
    assert not (tmp_path / "staff" / "pin").exists()
    done = kiosk("set-pin", f"{PIN}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert PIN not in done.stdout
    assert PinFile(tmp_path / "staff" / "pin").fits(PIN)
    assert "no staff page now" in kiosk("remove-pin").stdout
    assert not (tmp_path / "staff" / "pin").exists()


def test_in_a_terminal_it_is_asked_twice_without_echo(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KIOSK_DATA", str(tmp_path))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter([PIN, "480532", PIN, PIN])
    monkeypatch.setattr("kiosk.cli.staff.getpass", lambda _prompt: next(answers))
    assert main(["staff", "set-pin"]) == 1
    assert "not the same" in capsys.readouterr().err
    assert main(["staff", "set-pin"]) == 0
    assert PinFile(tmp_path / "staff" / "pin").fits(PIN)


# --- guessing ---
def test_each_wrong_pin_makes_the_next_wait_longer_and_then_locks(tmp_path, clock):
    lock = Lock(tmp_path / "tries", clock)
    waits = []
    for _ in range(FREE + 3):
        assert lock.count()
        waits.append(lock.wait())
        clock.now += lock.wait()
    assert waits == [1, 2, 4, 8, LOCKED, 2 * LOCKED, 4 * LOCKED]


def test_a_pin_that_comes_too_early_is_not_looked_at(tmp_path, clock):
    lock = Lock(tmp_path / "tries", clock)
    assert lock.count()
    assert not lock.count()
    clock.now += 1
    assert lock.count()


def test_a_restart_forgives_nothing_and_the_right_pin_everything(tmp_path, clock):
    lock = Lock(tmp_path / "tries", clock)
    for _ in range(FREE + 1):
        clock.now += 10
        assert lock.count()
    again = Lock(tmp_path / "tries", clock)
    assert again.wait() == LOCKED
    assert not again.count()
    clock.now += LOCKED
    assert again.count()
    again.forgive()
    assert Lock(tmp_path / "tries", clock).wait() == 0


def test_slips_of_another_day_are_forgotten(tmp_path, clock):
    lock = Lock(tmp_path / "tries", clock)
    for _ in range(FREE):
        clock.now += 10
        lock.count()
    clock.now += FORGOTTEN + 1
    lock.count()
    assert lock.wait() == 1


def test_a_clock_that_is_set_back_locks_no_longer_than_deserved(tmp_path, clock):
    lock = Lock(tmp_path / "tries", clock)
    for _ in range(20):
        lock.count()
        clock.now += lock.wait()
    clock.now -= 500_000
    assert lock.wait() <= LONGEST


@pytest.mark.parametrize("kept", [b"", b"nonsense", b"[]", b'{"wrong": "x"}', b"\xff"])
def test_a_damaged_count_locks_nobody_out(tmp_path, clock, kept):
    (tmp_path / "tries").write_bytes(kept)
    assert Lock(tmp_path / "tries", clock).wait() == 0


def test_guessing_is_slowed_on_a_full_disk_too(tmp_path, clock):
    (tmp_path / "nowhere").write_text("a file where the folder should be")
    lock = Lock(tmp_path / "nowhere" / "tries", clock)
    assert lock.count()
    assert not lock.count()


# --- the visit ---
def test_a_visit_ends_after_disuse_and_with_another_pin(clock):
    visits = Visits(clock, disuse=900)
    token, visit = visits.begin("hash")
    clock.now += 899
    assert visits.find(token, "hash") is visit
    clock.now += 899
    assert visits.find(token, "hash") is visit
    assert visits.find(token, "another hash") is None
    clock.now += 901
    assert visits.find(token, "hash") is None


def test_nobody_has_the_token_of_another(clock):
    visits = Visits(clock)
    made = [visits.begin("hash") for _ in range(MOST + 5)]
    assert len({token for token, _ in made}) == len({visit.csrf for _, visit in made}) == MOST + 5
    assert visits.find(made[0][0], "hash") is None
    assert visits.find(made[-1][0], "hash") is made[-1][1]
    assert visits.find("", "hash") is None
