"""The service on a live systemd: it starts by itself, is started again whatever happens to it, and is fenced in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.service import faults
from tests.service.machine import CHECKOUT, CannotBootError

ALLOWED = ["write to its intents", "write to its cache", "speak to the loopback"]
AGAIN = 60.0
"""Seconds within which a busy machine has it ready again; it takes 4."""


@pytest.fixture(scope="module")
def machine(kiosk_cache, understander):  # noqa: ARG001 - learned
    """A machine with the service installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIOSK_CACHE", str(kiosk_cache))
        try:
            with faults.machine() as it:
                faults.install(it)
                yield it
        except CannotBootError as why:
            pytest.fail(f"no systemd can be booted here: {why}", pytrace=False)


def test_where_no_systemd_can_be_booted_the_command_says_so_and_fails():
    command = ["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", sys.executable, "-m"]
    done = subprocess.run([*command, "tests.service.faults"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No systemd can be booted here" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_killed_or_crashes_is_ready_again_at_once(machine):
    for signal in ("KILL", "SEGV"):
        assert faults.kill(machine, signal) < AGAIN
    assert not list((machine.disk / "var/lib/clinic-kiosk").rglob("core*"))


def test_what_hangs_is_started_again_by_the_watchdog_which_its_own_loop_feeds(machine):
    faults.add(machine, "WatchdogSec=20")
    machine.run("systemctl", "restart", faults.UNIT)
    before = machine.unit("NRestarts")
    assert faults.kill(machine, "STOP") < AGAIN
    assert machine.unit("NRestarts") == str(int(before) + 1), "it was fed until it hung"


def test_after_a_power_failure_it_starts_without_hands_and_keeps_what_staff_changed(machine):
    clinic = machine.disk / "var/lib/clinic-kiosk/intents/clinic.yaml"
    clinic.write_text(clinic.read_text().replace("city: ", "city: New "))
    assert faults.lose_power(machine) < AGAIN
    assert "city: New " in (machine.disk / "var/lib/clinic-kiosk/intents/clinic.yaml").read_text()
    assert machine.visit(faults.QUESTION)["sentences"]


def test_the_administrator_sets_its_pin_and_the_service_can_read_it(machine):
    machine.kiosk("staff", "set-pin", given="471192\n")
    assert machine.run("stat", "--format=%U %a", "/var/lib/clinic-kiosk/staff/pin").stdout == "clinic-kiosk 600\n"
    found = json.loads(machine.kiosk("doctor", "--json", "--no-sound"))["found"]
    states = {each["part"]: each["state"] for each in found}
    assert (states["pin"], states["service"], states["page"]) == ("good", "good", "good")


def test_its_unit_lets_it_do_what_it_needs_and_nothing_else(machine):
    machine.run("rm", "-f", "/var/cache/clinic-kiosk/probe.json")
    found = faults.probe(machine)
    assert found["user"] != 0
    assert found["could"] == ALLOWED
    machine.run(*faults.PROBE)
    free = json.loads((machine.disk / faults.CACHE / "probe.json").read_text())["could"]
    assert "speak to another address" in free, "it is the unit that keeps it from that"


def test_removed_it_runs_no_more_and_leaves_nothing_in_etc(machine):
    assert faults.remove(machine) == []
