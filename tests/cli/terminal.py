"""`kiosk run` in a terminal: a pseudo-terminal with somebody at its keyboard."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PATIENT = 60.0
"""Seconds that anything may take on a busy machine."""


class Terminal:
    """What the kiosk writes, and the keys that are pressed."""

    def __init__(self, process: subprocess.Popen, keyboard: int) -> None:
        self.process = process
        self.told = ""
        """All that was written since the last `wait_for`."""
        self._keyboard = keyboard

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return where it is written, and forget what was written before."""
        deadline = time.monotonic() + PATIENT
        while not (found := re.search(pattern, self.told)):
            assert time.monotonic() < deadline, self.told
            self.read(0.1)
        self.told = self.told[found.end() :]
        return found

    def read(self, seconds: float) -> None:
        """Take what is written, if anything is within so long."""
        if select.select([self._keyboard], [], [], seconds)[0]:
            with suppress(OSError):  # the kiosk has ended
                self.told += os.read(self._keyboard, 4096).decode()

    def fall_silent(self) -> None:
        """Take what is written until nothing new comes for half a second."""
        before = None
        while before != self.told:
            before = self.told
            self.read(0.5)

    def press(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())


@contextmanager
def kiosk_run(*options: str, **environment: str) -> Iterator[Terminal]:
    """Start the kiosk in a terminal; at the end it is told to end, if it has not."""
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "kiosk", "run", "--port", "0", *options]
    with subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, env={**os.environ, **environment}, start_new_session=True
    ) as process:
        os.close(its)
        try:
            yield Terminal(process, ours)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENT) == 0
            os.close(ours)
