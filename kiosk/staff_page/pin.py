"""The PIN that opens the staff page: kept as an argon2 hash in a file that only its owner can read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.terms import KioskError

PIN_FILE: Final = "pin"
"""Its name in the folder of what belongs to staff."""
SHORTEST: Final = 6
"""Characters."""
LONGEST: Final = 128
"""Characters; hashing more than this would only cost time."""
TRIVIAL: Final = frozenset(
    "password passwort letmein welcome clinic kiosk physio reception 112233 121212 123123 123321 159753 147258 "
    "696969 102030 qwerty qwertz asdfgh admin1 abc123".split()
)
"""What everybody tries first, beside rows and repetitions."""
ROWS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
FEWEST: Final = 3
"""Different signs a PIN must have."""
OTHERS: Final = 0o077
"""The rights of everybody but the owner."""


class PinFile:
    """The file with the hash. No file: no PIN, and no staff page."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hasher = PasswordHasher()

    def exists(self) -> bool:
        """Tell whether a PIN is set."""
        return self.path.is_file()

    def set(self, pin: str) -> None:
        """Keep the hash of `pin`; raises `KioskError` if it is too easy to guess, or cannot be kept."""
        refuse_trivial(pin)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp makes a file that only its owner may read, before there is anything in it.
            handle, aside = tempfile.mkstemp(prefix=".pin-", dir=self.path.parent)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(self._hasher.hash(pin) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(aside).replace(self.path)
            finally:
                Path(aside).unlink(missing_ok=True)
        except OSError as error:
            raise KioskError(
                f"The PIN cannot be kept in {self.path}: {error.strerror}.",
                "Free some space on the disk, or see to it that this folder can be written to.",
            ) from error

    def remove(self) -> bool:
        """Forget the PIN; tell whether there was one. Raises `KioskError`."""
        there = self.exists()
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise KioskError(f"{self.path} cannot be deleted: {error.strerror}.", "Delete it by hand.") from error
        return there

    def fits(self, pin: str) -> bool:
        """Tell whether `pin` is the one; takes some tens of milliseconds on purpose. Raises `KioskError`."""
        if len(pin) > LONGEST:
            return False
        try:
            return self._hasher.verify(self.hash(), pin)
        except (VerificationError, InvalidHashError):
            return False

    def hash(self) -> str:
        """Return the hash, which changes with the PIN; empty without one. Raises `KioskError`."""
        try:
            if os.name == "posix" and self.path.stat().st_mode & OTHERS:
                raise KioskError(
                    f"Others than its owner may read {self.path}.", "Set the PIN anew: kiosk staff set-pin"
                )
            return self.path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise KioskError(f"The PIN in {self.path} cannot be read.", "Set it anew: kiosk staff set-pin") from error


def refuse_trivial(pin: str) -> None:
    """Raise `KioskError` for a PIN that is too short, or that somebody who stands there would try."""
    if len(pin) < SHORTEST:
        raise KioskError(
            f"This PIN is too short: {len(pin)} of at least {SHORTEST} characters.", "Choose a longer one."
        )
    if len(pin) > LONGEST:
        raise KioskError(f"This PIN is too long: {LONGEST} characters are the most.", "Choose a shorter one.")
    plain = pin.lower()
    rows = (*ROWS, *(row[::-1] for row in ROWS))
    repeated = any(plain == (plain[:size] * len(plain))[: len(plain)] for size in (1, 2))
    if plain in TRIVIAL or len(set(plain)) < FEWEST or repeated or any(plain in row * 2 for row in rows):
        raise KioskError("This PIN is easy to guess.", "Choose one without a row, a repetition or a well-known word.")
