"""What the C library keeps of memory that nobody uses any more; only glibc has these calls, others do without."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

ARENA_MAX: Final = -8
"""mallopt(3): from how many stores the threads of a process are served."""


def keep_together() -> None:
    """Serve all threads from one store, not each from its own: to be called before there are threads.

    What is free in one thread's store serves no other one; docs/decisions/0048 has the figures.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Give what is free to the system."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
