"""Waiting for what comes about in another thread or process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

GLANCE: Final = 0.01


def until(true: Callable[[], object], limit: float = 20.0) -> float:
    """Wait until something is true; return how many seconds it took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() < begun + limit, "it did not come about"
        time.sleep(GLANCE)
    return time.monotonic() - begun
