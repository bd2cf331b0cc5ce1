"""A microphone or a loudspeaker, in a process of its own: started by `kiosk.sound.supervised`.

PortAudio hangs when a sound server does, knows only the devices there were when it began, and may end
its process from C. Here it may: the process is ended and started again, and sees the devices anew.

The arguments are the way, `input` or `output`, and which device, in JSON. Both pipes carry packets: a
letter, the length in four bytes, the load. To standard output go E (what is wrong, and how to mend
it), O (the device is open: its name and rate), S (sound), R (sound while nobody listens, for its level
alone: half a second at a time, for each packet costs), B (a beat: the number of the sound that is
played, and how many of its bytes were). From standard input come L (somebody listens, or nobody any
more), P (a number, and the sound to play), H (hush), V (the volume). When standard input ends, which is
also when whoever started it dies, the process ends, and so it does when no sound flows any more:
without a farewell, which could hang.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
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
SETTLED: Final = 0.5
"""Seconds of sound after which a loudspeaker counts as open: one that stands still takes as much as it can hold."""
VOICED: Final = 22_050
"""Samples a second that a loudspeaker is opened with where it takes them: the voice's own, so that nothing is lost."""
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

    def __init__(self) -> None:
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._listened = threading.Event()
        self._listened.set()  # until it is told otherwise: that it hears is to be known at once
        self._stream: Any = None

    def open(self, device: devices.Device) -> int:
        sound = devices.portaudio()
        self._stream = devices.start(
            device,
            lambda: sound.RawInputStream(
                samplerate=device.rate,
                blocksize=round(device.rate * BLOCK / PIECES),
                device=device.number,
                channels=1,
                dtype="int16",
                callback=lambda piece, *_: self._pieces.put(bytes(piece)),  # PortAudio's thread must never wait
            ),
        )
        return device.rate

    def take(self, kind: bytes, load: bytes) -> None:
        if kind == b"L":
            (self._listened.set if load else self._listened.clear)()

    def next(self) -> bytes:
        rested: list[bytes] = []
        while len(rested) < REST / BLOCK:
            block = b"".join(self._pieces.get() for _ in range(PIECES))
            if self._listened.is_set():
                return (packet(b"R", b"".join(rested)) if rested else b"") + packet(b"S", block)
            rested.append(block)
        return packet(b"R", b"".join(rested))


class _Mouth:
    """Plays on a loudspeaker that stays open, so that a loss is noticed and the first word is not swallowed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number, self._pcm, self._given, self._volume = 0, b"", 0, 1.0
        self._fetched, self._playing = threading.Event(), threading.Event()
        self._taken = self._settled = 0.0
        self._stream: Any = None

    def open(self, device: devices.Device) -> int:
        sound = devices.portaudio()
        rate = VOICED
        try:
            sound.check_output_settings(device=device.number, channels=1, dtype="int16", samplerate=rate)
        except sound.PortAudioError:
            rate = device.rate
        self._settled = 2 * rate * SETTLED
        self._stream = devices.start(
            device,
            lambda: sound.RawOutputStream(
                samplerate=rate,
                blocksize=round(rate * PIECE),
                device=device.number,
                channels=1,
                dtype="int16",
                callback=self._give,
            ),
        )
        return rate

    def take(self, kind: bytes, load: bytes) -> None:
        with self._lock:
            match kind:
                case b"P":
                    (self._number,) = NUMBER.unpack_from(load)
                    self._pcm, self._given = load[NUMBER.size :], 0
                    self._playing.set()
                case b"H":
                    self._pcm, self._given = b"", 0
                case b"V":
                    (self._volume,) = LOUDNESS.unpack(load)

    def next(self) -> bytes:
        if self._playing.wait(REST):
            time.sleep(BEAT)
        self._fetched.clear()  # after the rest: what was fetched before it proves nothing now
        self._fetched.wait()
        while self._taken < self._settled:  # what fills the device's own store proves nothing
            time.sleep(BEAT)
        with self._lock:
            if self._given == len(self._pcm):
                self._playing.clear()
            return packet(b"B", PLACE.pack(self._number, self._given))

    def _give(self, out: Any, _frames: int, _time: object, _status: object) -> None:  # noqa: ANN401 - a cffi buffer
        with self._lock:
            piece, volume = self._pcm[self._given : self._given + len(out)], self._volume
            self._given += len(piece)
        self._taken += len(out)
        out[:] = _at_volume(piece, volume).ljust(len(out), b"\0")
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
    part = _Ear() if way == "input" else _Mouth()
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
    for kind, load in packets(sys.stdin.buffer):
        part.take(kind, load)
    os._exit(0)


def _write(pipe: int, load: bytes) -> None:
    while load:
        load = load[os.write(pipe, load) :]


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)
