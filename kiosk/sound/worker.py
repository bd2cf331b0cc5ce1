"""A microphone or a loudspeaker, in a process of its own: started by `kiosk.sound.supervised`.

PortAudio hangs when a sound server does, knows only the devices there were when it began, and may end
its process from C. Here it may: the process is ended and started again, and sees the devices anew.

The arguments are the way, `input` or `output`, and in JSON which device, and whether it must never be
closed. Both pipes carry packets: a letter, the length in four bytes, the load. To standard output go E
(what is wrong, and how to mend it), O (the device is open: its name and rate), S (sound), R (sound while
nobody listens, for its level alone: half a second at a time, for each packet costs), C (the microphone is
closed, and all is well), B (a beat: the number of the sound that is played, and how many of its bytes
were). From standard input come L (somebody listens, or nobody any more), P (a number, and the sound to
play), H (hush), V (the volume).
When standard input ends, which is also when whoever started it dies, the process ends, and so it does
when no sound flows any more: without a farewell, which could hang.

A device that nobody has used for a while costs next to nothing: a microphone is closed, and opened now
and then to see whether it is still there; a loudspeaker goes on with long pieces of silence.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import IO, Any, Final

from kiosk.sound import devices
from kiosk.terms import DeviceError
from kiosk.upkeep import undumped

BLOCK: Final = 0.05
"""Seconds of one block of a microphone: short enough for a lively meter, long enough to hold a level."""
PIECES: Final = 2
"""In which a block comes from the device: it hands sound over two pieces late."""
BEAT: Final = 0.05
"""Seconds between two beats of a loudspeaker."""
REST: Final = 0.5
"""Seconds between two packets while nobody listens, and while nothing is played."""
PIECE: Final = 0.02
"""Seconds of sound a loudspeaker is given at a time: left to itself PortAudio asks for 8 ms, at twice the cost."""
LONG_PIECE: Final = 0.25
"""The same while nobody uses it."""
DISUSED: Final = 60.0
"""Seconds without use after which a device is to cost next to nothing."""
LOOK: Final = 20.0
"""Seconds between two looks at whether a closed microphone is still there."""
QUICK: Final = 0.15
"""Seconds within which a microphone that is opened must give sound, for whoever speaks at once must not lose a word.
Where the sound server suspends what nobody uses it may take 2."""
SLOW: Final = 2
"""Times in a row that it did not, after which it is never closed again; once may be a busy computer."""
FADED: Final = 1.0
"""Seconds after which a sound has come out to its end, even by Bluetooth: then a new one goes to a new stream, since
an old one first plays the silence that it holds (45 ms, decision 0049)."""
SETTLED: Final = 0.5
"""Seconds of sound after which a loudspeaker counts as open: one that stands still takes as much as it can hold."""
VOICED: Final = 22_050
"""Samples a second that a loudspeaker is opened with where it takes them: the voice's own, so that nothing is lost."""
CLOSED: Final = b"C"
HEAD: Final = struct.Struct("<cI")
PLACE: Final = struct.Struct("<II")
"""The number of a sound, and how many of its bytes were played."""
NUMBER: Final = struct.Struct("<I")
LOUDNESS: Final = struct.Struct("<d")


def packet(kind: bytes, load: bytes = b"") -> bytes:
    """Return a packet for either pipe."""
    return HEAD.pack(kind, len(load)) + load


def packets(pipe: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the packets that come through a pipe, until it ends."""
    while len(head := pipe.read(HEAD.size)) == HEAD.size:
        kind, length = HEAD.unpack(head)
        if len(load := pipe.read(length)) < length:
            return
        yield kind, load


class _Ear:
    """Passes on what a microphone hears."""

    _device: devices.Device

    def __init__(self, *, never_close: bool = False) -> None:
        self._never_close = never_close
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._listened = threading.Event()
        self._listened.set()  # until it is told otherwise: that it hears is to be known at once
        self._unheard = 0.0
        """Seconds of sound since somebody last listened."""
        self._stream: Any = None
        self._look_at = 0.0
        self._slow = 0

    def open(self, device: devices.Device) -> int:
        self._device = device
        self._open()
        return device.rate

    def take(self, kind: bytes, load: bytes) -> None:
        if kind == b"L":
            (self._listened.set if load else self._listened.clear)()

    def next(self) -> bytes:
        if self._stream is None:
            return self._closed()
        unheard: list[bytes] = []
        while len(unheard) < REST / BLOCK:
            block = b"".join(self._pieces.get() for _ in range(PIECES))
            if self._listened.is_set():
                self._unheard = 0.0
                return (packet(b"R", b"".join(unheard)) if unheard else b"") + packet(b"S", block)
            unheard.append(block)
        self._unheard += REST
        if self._unheard >= DISUSED and self._slow < SLOW and not self._never_close:
            self._close()
        return packet(b"R", b"".join(unheard))

    def _closed(self) -> bytes:
        """Open it as soon as somebody listens, or when it is time to look; return after `REST`, or when sound comes."""
        if self._listened.wait(REST) or time.monotonic() >= self._look_at:
            begun = time.monotonic()
            self._open()
            self._slow = self._slow + 1 if time.monotonic() - begun > QUICK else 0
        # Before there is a block: opening may have taken long, and no news is taken for a loss.
        return packet(CLOSED)

    def _open(self) -> None:
        """Return when sound comes."""
        pieces: SimpleQueue[bytes] = SimpleQueue()  # what is left in an older one was said to nobody
        flows = threading.Event()

        def put(piece: bytes) -> None:  # in PortAudio's thread, which must never wait
            pieces.put(piece)
            flows.set()

        self._stream, self._pieces = self._start(put), pieces
        flows.wait()

    def _start(self, put: Callable[[bytes], None]) -> Any:  # noqa: ANN401 - sounddevice has no types
        sound, device = devices.portaudio(), self._device
        return devices.start(
            device,
            lambda: sound.RawInputStream(
                samplerate=device.rate,
                blocksize=round(device.rate * BLOCK / PIECES),
                device=device.number,
                channels=1,
                dtype="int16",
                callback=lambda piece, *_: put(bytes(piece)),
            ),
        )

    def _close(self) -> None:
        self._stream.close()
        self._stream, self._look_at = None, time.monotonic() + LOOK


class _Mouth:
    """Plays on a loudspeaker that stays open, so that a loss is noticed and the first word is not swallowed."""

    _device: devices.Device
    _rate: int

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number, self._pcm, self._given, self._volume = 0, b"", 0, 1.0
        self._fetched, self._playing = threading.Event(), threading.Event()
        self._taken = self._settled = 0.0
        self._stream: Any = None
        self._current: object = None
        """Of which stream the sound is asked; an old one that is about to be closed is given none."""
        self._switching = threading.Lock()
        self._piece = PIECE
        self._single = False
        """Whether it takes only one stream at a time."""
        self._used_at = time.monotonic()

    def open(self, device: devices.Device) -> int:
        sound = devices.portaudio()
        rate = VOICED
        try:
            sound.check_output_settings(device=device.number, channels=1, dtype="int16", samplerate=rate)
        except sound.PortAudioError:
            rate = device.rate
        self._device, self._rate = device, rate
        self._settled = 2 * rate * SETTLED
        self._stream = self._start(PIECE)
        return rate

    def take(self, kind: bytes, load: bytes) -> None:
        match kind:
            case b"P":
                with self._switching:
                    old = self._renewed(PIECE) if time.monotonic() - self._used_at >= FADED else None
                    self._used_at = time.monotonic()
                    self._hold(load[NUMBER.size :], *NUMBER.unpack_from(load))
                    self._playing.set()
                    if old:
                        old.close()
            case b"H":
                self._hold(b"", self._number)
            case b"V":
                (self._volume,) = LOUDNESS.unpack(load)

    def _hold(self, pcm: bytes, number: int) -> None:
        with self._lock:
            self._pcm, self._given, self._number = pcm, 0, number

    def next(self) -> bytes:
        if self._playing.wait(REST):
            self._used_at = time.monotonic()
            time.sleep(BEAT)
        with self._switching:
            disused = self._piece != LONG_PIECE and time.monotonic() - self._used_at >= DISUSED
            if disused and (old := self._renewed(LONG_PIECE)):
                old.close()
        self._fetched.clear()  # after the rest: what was fetched before it proves nothing now
        self._fetched.wait()
        while self._taken < self._settled:  # what fills the device's own store proves nothing
            time.sleep(BEAT)
        with self._lock:
            if self._given == len(self._pcm):
                self._playing.clear()
            return packet(b"B", PLACE.pack(self._number, self._given))

    def _renewed(self, piece: float) -> Any:  # noqa: ANN401 - sounddevice has no types
        """Go over to a new stream, which asks for so many seconds of sound at a time; return the old one, to be closed.

        Both are there for a moment: the loudspeaker of a screen that gets nothing at all swallows what comes next.
        Returns None where the device takes one at a time, and keeps that.
        """
        old = self._stream
        if self._single or old is None:
            return None
        try:
            self._stream = self._start(piece)
        except DeviceError:
            if self._piece == PIECE:
                self._single = True
                return None
            old.close()  # what is to be played must not wait for long pieces: then one after the other
            old, self._stream = None, self._start(piece)
        self._piece = piece
        return old

    def _start(self, piece: float) -> Any:  # noqa: ANN401
        sound, mine = devices.portaudio(), object()
        stream = devices.start(
            self._device,
            lambda: sound.RawOutputStream(
                samplerate=self._rate,
                blocksize=round(self._rate * piece),
                device=self._device.number,
                channels=1,
                dtype="int16",
                callback=lambda out, *_: self._give(out, mine),
            ),
        )
        self._current = mine
        return stream

    def _give(self, out: Any, stream: object) -> None:  # noqa: ANN401 - a cffi buffer
        piece = b""
        with self._lock:
            if stream is self._current:
                piece = self._pcm[self._given : self._given + len(out)]
                self._given += len(piece)
        self._taken += len(out)
        out[:] = _at_volume(piece, self._volume).ljust(len(out), b"\0")
        self._fetched.set()


def _at_volume(pcm: bytes, volume: float) -> bytes:
    """Return 16-bit samples made as quiet as `volume`, 0 to 1."""
    if volume >= 1 or not pcm:
        return pcm
    import numpy as np  # noqa: PLC0415 - it takes as long to load as all the rest

    return (np.frombuffer(pcm, np.int16) * volume).astype(np.int16).tobytes()


def main() -> None:
    """Open the device and serve until there is nothing more to do."""
    undumped.keep_memory_off_the_disk()
    way: devices.Way = "input" if sys.argv[1] == "input" else "output"
    replies = os.dup(1)
    os.dup2(2, 1)  # what the sound systems print must not get among the packets
    part = _Ear(never_close=json.loads(sys.argv[3])) if way == "input" else _Mouth()
    threading.Thread(target=_read, args=(part,), daemon=True).start()
    try:
        device = devices.find(way, json.loads(sys.argv[2]))
        rate = part.open(device)
    except DeviceError as error:
        _write(replies, packet(b"E", json.dumps([error.what, error.mend]).encode()))
        return
    begun = part.next()  # some devices let themselves be opened, and then nothing flows
    _write(replies, packet(b"O", json.dumps([device.name, rate]).encode()) + begun)
    while True:
        _write(replies, part.next())


def _read(part: _Ear | _Mouth) -> None:
    """Do what is told; end the process at the end of input, even while PortAudio hangs."""
    try:
        for kind, load in packets(sys.stdin.buffer):
            part.take(kind, load)
    finally:
        os._exit(0)


def _write(pipe: int, load: bytes) -> None:
    while load:
        load = load[os.write(pipe, load) :]


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)
