"""The log: what happened, and never what was said.

A line tells which intent answered, how sure and how fast, what failed and which device is gone. No
words of a patient, no sound and no text of an unforeseen error, which might hold some, ever get here.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from kiosk.terms import KioskError

if TYPE_CHECKING:
    from kiosk.terms import Answer

FILE: Final = "kiosk.log"
FORMAT: Final = "%(asctime)s %(levelname)s %(message)s"
MEGABYTE: Final = 1_000_000

_log = logging.getLogger("kiosk")

Part = Literal["microphone", "loudspeaker"]


class Witness(Protocol):
    """Who is told what happens, in whatever thread it happens; each must return soon."""

    def answered(self, said: Answer, *, heard: bool, seconds: float) -> None:
        """Take up that a question, heard or typed, was understood in so many seconds."""

    def unheard(self) -> None:
        """Take up that somebody wanted to speak, and no question came of it."""

    def spoke(self, seconds: float) -> None:
        """Take up that the voice began so many seconds after the answer was shown."""

    def failed(self, doing: str, error: Exception) -> None:
        """Take up that something failed; the question it was for is over, the kiosk goes on."""

    def device(self, part: Part, *, present: bool) -> None:
        """Take up that a device is lost, or is back."""

    def complained(self, what: str) -> None:
        """Take up that the microphone works, but not as it should."""


class Logbook:
    """Writes what happens into the log; implements `Witness`."""

    def answered(self, said: Answer, *, heard: bool, seconds: float) -> None:
        """Write a question's outcome."""
        way, intents = "heard" if heard else "typed", "+".join(said.intents) or "-"
        _log.info("question %s: %s %s, score %.0f, %.0f ms", way, said.outcome, intents, said.score, 1000 * seconds)

    def unheard(self) -> None:
        """Write that nothing came of a turn."""
        _log.info("no question was heard")

    def spoke(self, seconds: float) -> None:
        """Write when the voice began."""
        _log.info("voice began after %.0f ms", 1000 * seconds)

    def failed(self, doing: str, error: Exception) -> None:
        """Write what failed."""
        _log.warning("%s failed: %s", doing, told(error))

    def device(self, part: Part, *, present: bool) -> None:
        """Write that a device has come or gone."""
        _log.log(logging.INFO if present else logging.WARNING, "%s %s", part, "is there" if present else "is lost")

    def complained(self, what: str) -> None:
        """Write what is wrong with the microphone's sound."""
        _log.warning("microphone %s", what)


class Several:
    """Tells several witnesses; implements `Witness`."""

    def __init__(self, *witnesses: Witness) -> None:
        self._witnesses = witnesses

    def answered(self, said: Answer, *, heard: bool, seconds: float) -> None:
        """Tell each."""
        for witness in self._witnesses:
            witness.answered(said, heard=heard, seconds=seconds)

    def unheard(self) -> None:
        """Tell each."""
        for witness in self._witnesses:
            witness.unheard()

    def spoke(self, seconds: float) -> None:
        """Tell each."""
        for witness in self._witnesses:
            witness.spoke(seconds)

    def failed(self, doing: str, error: Exception) -> None:
        """Tell each."""
        for witness in self._witnesses:
            witness.failed(doing, error)

    def device(self, part: Part, *, present: bool) -> None:
        """Tell each."""
        for witness in self._witnesses:
            witness.device(part, present=present)

    def complained(self, what: str) -> None:
        """Tell each."""
        for witness in self._witnesses:
            witness.complained(what)


def told(error: BaseException) -> str:
    """Return what staff can use of an error; others may hold a patient's words, so only kind and place are told."""
    if isinstance(error, KioskError):
        return " ".join(str(error).split())
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return " ".join([type(error).__name__, *(f"at {place}" for place in places[-3:])])


class _Discreet(logging.Formatter):
    """Tells an error that comes with a line as `told` does."""

    def formatException(self, ei: tuple[Any, Any, Any] | tuple[None, None, None]) -> str:  # noqa: N802 - logging's name
        return told(ei[1]) if ei[1] else ""


def tell_unforeseen() -> None:
    """Have what nobody catches told in the log alone, in whatever thread it happens, as `told` does."""

    def tell(error: BaseException | None) -> None:
        if error is not None:
            _log.error("Nobody foresaw this: %s", told(error))

    threading.excepthook = lambda thrown: tell(thrown.exc_value)
    sys.unraisablehook = lambda thrown: tell(thrown.exc_value)


class _Kept(RotatingFileHandler):
    """The file of the log, tried anew at every line: where it cannot be written, the line goes to standard error."""

    def __init__(self, file: Path, *, most: int, others: int) -> None:
        super().__init__(file, maxBytes=most, backupCount=others, encoding="utf-8", delay=True)
        self._spare = logging.StreamHandler()
        for handler, form in ((self, FORMAT), (self._spare, "%(message)s")):
            handler.setFormatter(_Discreet(form))

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        stream, self.stream = self.stream, None
        with suppress(OSError):  # it would write what it still holds
            if stream:
                stream.close()
        self._spare.handle(record)


def keep(folder: Path, *, megabytes: float, files: int) -> Path:
    """Write the log into `folder` from now on: at most `files` files of `megabytes` each, the oldest go first.

    Returns the file. Where it cannot be written lines go to standard error, until it can: the kiosk needs no
    log to answer.
    """
    logging.raiseExceptions = False  # where there is no standard error either
    _log.setLevel(logging.INFO)
    _log.propagate = False
    _log.addHandler(_Kept(folder / FILE, most=round(megabytes * MEGABYTE), others=files - 1))
    return folder / FILE
