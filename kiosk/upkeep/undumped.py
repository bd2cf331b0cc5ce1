"""Keeps what is in memory off the disk when this process crashes: a dump would hold a patient's words, and sound."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Final

SET_DUMPABLE: Final = 4
"""prctl(2): without it a dump is not even handed to a program that collects them, which no limit prevents."""


def keep_memory_off_the_disk() -> None:
    """Have no dump made of this process, nor of those that it starts; where the system has none, do nothing."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
