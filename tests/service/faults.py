"""The service on a live systemd: `python -m tests.service.faults` installs it, harms it, and prints what came of it.

As root on Linux; nothing of this computer is changed. See `tests.service.machine`.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk import places
from kiosk.intents import content
from kiosk.learning import learn
from tests.service.machine import CHECKOUT, UNIT, CannotBootError, Machine, wait_until

QUESTION = "is tingling normal"
DROP_IN = f"/run/systemd/system/{UNIT}.d/probe.conf"
PROBE = ("env", f"--chdir={CHECKOUT}", sys.executable, "-m", "tests.service.probe")
CACHE = "var/cache/clinic-kiosk"


@contextmanager
def machine() -> Iterator[Machine]:
    """A machine on which nothing is installed, but what is learned is there; raises `CannotBootError`."""
    with tempfile.TemporaryDirectory(prefix="kiosk-machine-") as folder:
        (Path(folder) / "disk").mkdir()
        with Machine(Path(folder) / "disk") as booted:
            learn.learned_for(content.load(places.intents_dir()), places.cache_dir())
            (booted.disk / CACHE).mkdir()
            for kept in places.cache_dir().glob("*.bin"):
                shutil.copy(kept, booted.disk / CACHE)
            yield booted


def install(it: Machine) -> float:
    """Install it as an administrator does, and ask it; return the seconds it took."""
    begun = time.monotonic()
    it.kiosk("service", "install")
    assert it.unit("ActiveState") == "active"
    assert "electric shock" in it.visit(QUESTION)["sentences"][0]
    return time.monotonic() - begun


def kill(it: Machine, signal: str) -> float:
    """Harm the kiosk by a signal; return the seconds until it is ready again, and answers."""
    seconds = it.fell_and_rose(lambda: it.run("kill", f"-{signal}", str(it.main_process)))
    assert it.visit(QUESTION)["sentences"]
    return seconds


def lose_power(it: Machine) -> float:
    """Switch the machine off and on; return the seconds from the start of systemd until the kiosk is ready."""
    it.lose_power()
    return it.boot() + wait_until(lambda: it.unit("ActiveState") == "active")


def add(it: Machine, *lines: str) -> None:
    """Add lines to the service's section of its unit, as long as the machine is not booted anew."""
    it.run("mkdir", "-p", str(Path(DROP_IN).parent))
    (it.disk / DROP_IN[1:]).write_text("\n".join(["[Service]", *lines, ""]))
    it.run("systemctl", "daemon-reload")


def probe(it: Machine) -> dict[str, Any]:
    """Return what a program in the place of the kiosk could do."""
    it.run(*PROBE, "address")
    add(it, f'ExecStartPre="{sys.executable}" "{Path(__file__).with_name("probe.py")}"')
    it.run("systemctl", "restart", UNIT)
    found: dict[str, Any] = json.loads((it.disk / CACHE / "probe.json").read_text())
    return found


def remove(it: Machine) -> list[str]:
    """Take it away; return what is left in /etc, and whether it runs."""
    it.kiosk("service", "remove")
    left = [f"/etc/{path.relative_to(it.disk / 'etc')}" for path in (it.disk / "etc").rglob("clinic-kiosk*")]
    return left + ([] if it.unit("ActiveState") == "inactive" else ["the service runs"])


def main() -> int:
    """Do all of it; returns 1 where something did not hold."""
    try:
        return _main()
    except CannotBootError as why:
        print(f"No systemd can be booted here, so the service was not tried: {why}", file=sys.stderr)
        return 1


def _main() -> int:
    print("| done to the service | what happens | ready again after, s |\n|---|---|---|", flush=True)
    with machine() as it:
        print(f"| `kiosk service install` | it is started, and answers | {install(it):.1f} |", flush=True)
        for what, signal, happens in (
            ("killed", "KILL", "started again"),
            ("crashes (SIGSEGV)", "SEGV", "started again; its memory is not dumped"),
            ("hangs (SIGSTOP)", "STOP", "the watchdog ends it after 30 s; started again"),
        ):
            seconds = max(kill(it, signal) for _ in range(3 if signal != "STOP" else 1))
            print(f"| {what} | {happens} | {seconds:.1f} |", flush=True)
        print(f"| the power fails and is back | started with the system | {lose_power(it):.1f} |", flush=True)
        could = probe(it)["could"]
        left = remove(it)
    print("| `kiosk service remove` | stopped; nothing is left in /etc | |" if not left else f"left: {left}")
    print(f"\nOf what it tried in the place of the kiosk a program could: {', '.join(could)}.")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
