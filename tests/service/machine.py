"""A computer with a live systemd, for the service to be installed on: namespaces and an overlay, no virtual machine.

It has this system's files, changes none of them, and has no network but its own loopback. Needs root and
Linux; `unshare`, `nsenter` and systemd are in Debian's util-linux and systemd.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

CHECKOUT: Final = Path(__file__).parents[2]
BOOT: Final = CHECKOUT / "tests/service/boot.sh"
PATIENCE: Final = 120.0
UNIT: Final = "clinic-kiosk.service"
RUNS: Final = ("starting", "running", "degraded")
NAMESPACES: Final = ("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--root", "--wd")


class CannotBootError(Exception):
    """This computer lets nobody boot a systemd in namespaces; says why."""


class Machine:
    """The computer, from its first boot to the end of the context."""

    def __init__(self, folder: Path) -> None:
        """Take an empty folder, whose contents nobody outside will see."""
        self._folder = folder
        self._log = folder.with_suffix(".log")

    def __enter__(self) -> Self:
        missing = [tool for tool in ("unshare", "nsenter", "systemctl", "pivot_root") if not shutil.which(tool)]
        if missing or os.geteuid() != 0:
            raise CannotBootError(f"missing: {', '.join(missing)}" if missing else "it needs root")
        with self._log.open("wb") as log:
            self._booter = subprocess.Popen(
                ["unshare", "--mount", "sh", str(BOOT), str(self._folder), str(CHECKOUT)],
                stdin=subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            self.boot()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.lose_power()
        if self._booter.stdin:
            self._booter.stdin.close()
        try:
            self._booter.wait(PATIENCE)
        finally:
            self._booter.kill()

    def boot(self) -> float:
        """Start it; return the seconds until systemd answers. Raises `CannotBootError`."""
        begun = time.monotonic()
        assert self._booter.stdin
        try:
            self._booter.stdin.write(b"boot\n")
            self._booter.stdin.flush()
        except BrokenPipeError:
            self._fail()
        while not self._first or self.run("systemctl", "is-system-running", check=False).stdout.strip() not in RUNS:
            if self._booter.poll() is not None or time.monotonic() > begun + PATIENCE / 4:
                self._fail()
            time.sleep(0.1)
        return time.monotonic() - begun

    def _fail(self) -> None:
        lines = self._log.read_text(errors="replace").splitlines() or ["systemd does not start"]
        raise CannotBootError(lines[-1])

    def lose_power(self) -> None:
        """End every process of it at once."""
        if first := self._first:
            os.kill(first, 9)
        wait_until(lambda: not self._first)

    @property
    def disk(self) -> Path:
        """Its files, as seen from outside."""
        return Path(f"/proc/{self._first}/root")

    def run(self, *command: str, check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run something on it, as root."""
        line = ["nsenter", f"--target={self._first}", *NAMESPACES, *command]
        plain = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run(
            line, check=check, capture_output=True, text=True, env=plain, timeout=PATIENCE, input=given
        )

    def kiosk(self, *words: str, given: str = "") -> str:
        """Run `kiosk` on it, as root; return what it printed."""
        # With the service's cache, so that what it has learned need not be learned anew.
        own = "KIOSK_CACHE=/var/cache/clinic-kiosk"
        line = ["env", f"--chdir={CHECKOUT}", own, sys.executable, "-m", "kiosk", *words]
        done = self.run(*line, check=False, given=given)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def visit(self, text: str) -> dict[str, Any]:
        """Type a question on the kiosk's page; return the view of the answer."""
        line = ["env", f"--chdir={CHECKOUT}", sys.executable, "-m", "tests.service.visitor", text]
        view: dict[str, Any] = json.loads(self.run(*line).stdout)
        return view

    def unit(self, name: str) -> str:
        """Return a property of the kiosk's unit."""
        return self.run("systemctl", "show", UNIT, "--value", f"--property={name}").stdout.strip()

    @property
    def main_process(self) -> int:
        """The kiosk's number on this machine; 0 while it does not run."""
        return int(self.unit("MainPID") or 0)

    def fell_and_rose(self, fall: Callable[[], object]) -> float:
        """Do a harm; return the seconds until systemd has the kiosk ready again."""
        before = self.main_process
        fall()
        return wait_until(lambda: self.main_process not in (0, before) and self.unit("ActiveState") == "active")

    @property
    def _first(self) -> int:
        """The number, outside, of its first process; 0 while there is none."""
        for unshare in _children(self._booter.pid):
            for first in _children(unshare):
                try:
                    if Path(f"/proc/{first}/comm").read_text() == "systemd\n":
                        return first
                except OSError:
                    continue
        return 0


def _children(process: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def wait_until(true: Callable[[], bool]) -> float:
    """Wait until something is true; return how many seconds it took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() < begun + PATIENCE, "it did not come about"
        time.sleep(0.1)
    return time.monotonic() - begun
