"""Waits a little for something that is nearly there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

GLANCE: Final = 0.03
"""Seconds between looks."""

Thing = TypeVar("Thing")


def until(look: Callable[[], Thing | None], seconds: float) -> Thing | None:
    """Return what `look` gives as soon as it gives something, None if it does not within `seconds`."""
    end = time.monotonic() + seconds
    while (thing := look()) is None and time.monotonic() < end:
        time.sleep(GLANCE)
    return thing
