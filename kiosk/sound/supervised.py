"""A sound device that comes and goes: its process is kept running, and told of when it is lost and back.

`hear.microphone.Microphone` and `speak.loudspeaker.Loudspeaker` are its two kinds. Nothing here waits for
PortAudio: it works in `worker`, which is ended as soon as no packet comes from it, and started again until the
device is there.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Final, Self

from kiosk.sound.worker import CLOSED, packet, packets
from kiosk.terms import DeviceError

if TYPE_CHECKING:
    from kiosk.sound.devices import Way

LOST_AFTER: Final = 1.5
"""Seconds without a packet after which a device counts as lost: patients are to be told within 2 s, and
nothing is raised when a device is unplugged, its sound just ceases (python-sounddevice #627)."""
OPENING: Final = 5.0
"""Seconds until the first packet: Bluetooth and idle sound servers take up to 2 s to wake (measured)."""
AGAIN: Final = (0.1, 0.5, 1.0, 2.0)
"""Seconds until a device that does not open is tried again, the first times and then always: each try costs
0.15 s of a processor, and patients are to be heard 5 s after the device is back."""
WORKER: Final = (sys.executable, "-m", "kiosk.sound.worker")
HOME: Final = Path(__file__).parents[2]
"""Where Python finds this package, wherever the kiosk was started."""
FAREWELL: Final = 5.0
"""Seconds that a killed process gets to go."""
LOST: Final = {
    "input": ("The microphone is lost: no sound comes from it any more.", "hear"),
    "output": ("The loudspeaker is lost: it takes no more sound.", "sound"),
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A device that works."""

    name: str
    rate: int
    """Samples a second."""


class SoundDevice(ABC):
    """A device that comes and goes: once used it is looked for, by name, until it is closed.

    One that was unplugged and plugged in again is found. Use it as a context manager, or call `close`.
    """

    _way: ClassVar[Way]

    def __init__(self, wanted: str | int | None = None, *, lost_after: float = LOST_AFTER) -> None:
        """Take the device `wanted` (see `devices.find`), not yet opened."""
        self.opened: Opened | None = None
        """What works now; None while there is nothing, or nothing yet."""
        self.losses = 0
        """Times that it worked and then no more."""
        self._wanted = wanted
        self._lost_after = lost_after
        self._problem: DeviceError | None = None
        self._never_close = False
        """Whether it was lost while it was closed: it may be too slow to wake for patients to wait."""
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def _take(self, kind: bytes, load: bytes) -> None:
        """Take up what a packet of this kind brought; must return soon."""

    @abstractmethod
    def _greet(self) -> None:
        """Take up that it works from now on; must return soon."""

    @property
    def present(self) -> bool:
        """Whether it works."""
        return self.opened is not None

    def gone(self) -> DeviceError:
        """Return what to raise where it is lost."""
        what, verb = LOST[self._way]
        return DeviceError(what, f"Plug it in again; `kiosk devices` shows what the computer can {verb} with.")

    def start(self) -> None:
        """Begin to look for it, and never stop until `close`; returns at once."""
        if self._keeper is None:
            self._closing.clear()
            self._keeper = threading.Thread(target=self._keep, name=f"sound-{self._way}", daemon=True)
            self._keeper.start()

    def open(self) -> Opened:
        """Return it once it works; raises `DeviceError` if it does not."""
        self.start()
        with self._changed:
            self._changed.wait_for(lambda: self.opened or self._problem, OPENING)
            if self.opened:
                return self.opened
            raise self._problem or self.gone()

    def close(self) -> None:
        """Let it go; it can be opened again."""
        self._closing.set()
        if process := self._process:
            process.kill()
        if self._keeper:
            self._keeper.join()
            self._keeper = None
        with self._changed:
            self.opened = self._problem = None

    def _send(self, kind: bytes, load: bytes = b"") -> None:
        """Tell it something; raises `DeviceError` when it is lost."""
        try:
            process = self._process
            if process is None or process.stdin is None:
                raise BrokenPipeError
            with self._sending:
                process.stdin.write(packet(kind, load))
                process.stdin.flush()
        except (OSError, ValueError) as error:
            raise self.gone() from error

    def _wait(self, wanted: Callable[[], bool], seconds: float) -> bool:
        """Wait until a packet, or its loss, brings what is `wanted`, or `seconds` are over; tell which."""
        with self._changed:
            return self._changed.wait_for(wanted, seconds)

    def _keep(self) -> None:
        tries = 0
        while not self._closing.is_set():
            try:
                was_open = self._serve()
            except OSError as error:  # no more processes, or no more memory: try again later
                _log.warning("The process for the %s does not start: %s", self._way, error.strerror)
                was_open = False
            tries = 0 if was_open else tries + 1
            self._closing.wait(AGAIN[min(tries, len(AGAIN) - 1)])

    def _serve(self) -> bool:
        """Run the process for as long as packets come from it; return whether the device was open."""
        came: SimpleQueue[tuple[bytes, bytes]] = SimpleQueue()
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*WORKER, self._way, json.dumps(self._wanted), json.dumps(self._never_close)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=HOME,
        )
        self._process = process
        if self._closing.is_set():  # `close` may not have seen it
            process.kill()
        reader = threading.Thread(target=_read, args=(process, came), name=f"sound-{self._way}-read", daemon=True)
        reader.start()
        try:
            return self._attend(came)
        finally:
            self._process = None
            process.kill()
            reader.join(FAREWELL)
            with suppress(OSError, subprocess.TimeoutExpired), process:
                process.wait(FAREWELL)

    def _attend(self, came: SimpleQueue[tuple[bytes, bytes]]) -> bool:
        problem, closed = self.gone(), False
        with suppress(Empty):
            while not self._closing.is_set():
                kind, load = came.get(timeout=self._lost_after if self.opened else OPENING)
                if kind == b"E":
                    problem = DeviceError(*json.loads(load))
                if kind in (b"E", b""):
                    break
                closed = kind == CLOSED
                with self._changed:
                    if kind == b"O":
                        self.opened, self._problem = Opened(*json.loads(load)), None
                        self._greet()
                    else:
                        self._take(kind, load)
                    self._changed.notify_all()
        self._never_close |= closed and not self._closing.is_set()
        return self._lost(problem)

    def _lost(self, problem: DeviceError) -> bool:
        with self._changed:
            was_open, self.opened = self.opened is not None, None
            self._problem = problem
            self.losses += was_open and not self._closing.is_set()
            self._changed.notify_all()
        return was_open


def _read(process: subprocess.Popen[bytes], came: SimpleQueue[tuple[bytes, bytes]]) -> None:
    """Pass the packets on, and an empty one at their end."""
    assert process.stdout
    for each in packets(process.stdout):
        came.put(each)
    came.put((b"", b""))
