"""Single key presses from the terminal, on POSIX and on Windows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

GLANCE: Final = 0.02
"""Seconds between looks at the keyboard on Windows, which cannot wait for it."""
ESCAPE: Final = "\x1b"
"""With it begins what arrow keys and their like send."""


class Keys:
    """The keyboard, key by key; a context manager that gives the terminal back as it was."""

    def __init__(self) -> None:
        self._more = ""
        """Keys that came together with the last one."""

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            import termios
            import tty

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if sys.platform != "win32":
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def read(self, seconds: float) -> str:
        """Return the key pressed within `seconds`, empty if none; raises `EOFError` where the terminal is gone."""
        if sys.platform == "win32":
            return self._read_windows(seconds)
        import os
        import select

        if not self._more:
            if not select.select([sys.stdin], [], [], seconds)[0]:
                return ""
            self._more = os.read(sys.stdin.fileno(), 16).decode("utf-8", "replace")
            if not self._more:
                raise EOFError
        # An arrow key's three signs are one key; else each sign is one, however quickly they were pressed.
        end = len(self._more) if self._more.startswith(ESCAPE) else 1
        pressed, self._more = self._more[:end], self._more[end:]
        return pressed

    @staticmethod
    def _read_windows(seconds: float) -> str:
        if sys.platform == "win32":
            import msvcrt

            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if msvcrt.kbhit():
                    return msvcrt.getwch()
                time.sleep(GLANCE)
        return ""


def line(prompt: Callable[[], None]) -> str:
    """Return a line that is typed after `prompt` is told, the terminal being put right for both.

    `input` is not what reads it: it would write the prompt past whoever else writes, and where readline is
    loaded keep the line, so that the next patient's arrow key shows it. Raises `EOFError` where the terminal is gone.
    """
    if sys.platform == "win32":
        prompt()
        return input().strip()
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    cooked = termios.tcgetattr(sys.stdin)
    cooked[tty.LFLAG] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, cooked)
    try:
        prompt()
        typed = sys.stdin.buffer.readline()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    if not typed:
        raise EOFError
    return typed.decode("utf-8", "replace").strip()
