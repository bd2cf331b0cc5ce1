"""Keeps in the cache what took time to make: one file of a kind, named by what it was made from.

A kept file that is damaged or of another version counts as missing, and where nothing can be written
nothing is kept: that costs time at the next start, and no more.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from kiosk import __version__

DIGEST: Final = 32
"""Bytes of SHA-256 that a kept file ends with."""
FORMAT: Final = f"clinic-kiosk 15, kiosk {__version__}"
"""How a kept file begins: its form, and the version that made it."""

Thing = TypeVar("Thing")


class Shelf:
    """The place of one file."""

    def __init__(self, folder: Path, kind: str, source: str) -> None:
        """Take the folder, what kind of thing it is, and a digest of what it is made from."""
        self._kind = kind
        self._path = folder / f"{kind}-{source[:16]}.bin"
        self._head = f"{FORMAT} {kind} {source}\n".encode()

    def read(self, parse: Callable[[memoryview], Thing]) -> Thing | None:
        """Return what `parse` makes of the kept bytes, None if there is nothing that can be used."""
        try:
            raw = memoryview(self._path.read_bytes())  # a view, for each copy of 18 MB takes 10 ms
        except OSError:
            return None
        body = raw[:-DIGEST]
        if body[: len(self._head)] != self._head or hashlib.sha256(body).digest() != raw[-DIGEST:]:
            return None
        try:
            return parse(body[len(self._head) :])
        except (ValueError, KeyError, TypeError):
            return None

    def keep(self, made: bytes) -> None:
        """Keep the bytes, and drop what was made of older files; does nothing if the disk is full or read-only."""
        body = self._head + made
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(body + hashlib.sha256(body).digest())
            aside.replace(self._path)
            for old in self._path.parent.glob(f"{self._kind}-*.bin*"):
                if old != self._path:
                    old.unlink(missing_ok=True)
        except OSError:
            with suppress(OSError):
                aside.unlink()
