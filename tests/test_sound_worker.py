"""What the process of a sound device sends while somebody listens or something is played, and while it rests."""

import io
import threading
import time
from itertools import count
from types import SimpleNamespace

from kiosk.sound.worker import BLOCK, NUMBER, PLACE, REST, _Ear, _Mouth, packets

BLOCKS = round(REST / BLOCK)


def sent(load: bytes):
    return list(packets(io.BytesIO(load)))


def give(ear: _Ear, *blocks: bytes) -> None:
    """Do what PortAudio does: each block comes in two pieces, here of a byte."""
    for piece in b"".join(blocks):
        ear._pieces.put(bytes([piece]))  # noqa: SLF001


def ear(*blocks: bytes) -> _Ear:
    ear = _Ear()
    give(ear, *blocks)
    return ear


def waiting(ear: _Ear, after: int) -> threading.Event:
    """Return what is set when so many pieces were taken and another one is waited for."""
    waits, get, taken = threading.Event(), ear._pieces.get, count()  # noqa: SLF001
    pieces = SimpleNamespace(put=ear._pieces.put)  # noqa: SLF001
    pieces.get = lambda: (next(taken) == after and waits.set()) or get()
    ear._pieces = pieces  # noqa: SLF001
    return waits


def test_the_first_block_comes_at_once_so_that_a_microphone_that_works_is_known():
    assert sent(ear(b"ab").next()) == [(b"S", b"ab")]


def test_while_nobody_listens_the_sound_of_half_a_second_comes_together():
    one = ear(*[b"ab"] * BLOCKS)
    one.take(b"L", b"")
    assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]


def test_who_begins_to_listen_gets_the_very_next_block_and_no_earlier_one():
    one = ear(b"ab", b"cd")
    one.take(b"L", b"")
    waits = waiting(one, after=4)
    told = []
    thread = threading.Thread(target=lambda: told.extend(sent(one.next())))
    thread.start()
    assert waits.wait(60)
    one.take(b"L", b"1")
    give(one, b"ef")
    thread.join(5)
    assert told == [(b"R", b"abcd"), (b"S", b"ef")]


class Played(_Mouth):
    """A loudspeaker that takes sound as fast as it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()
        self.taking = threading.Thread(target=self._run, daemon=True)
        self.taking.start()

    def _run(self) -> None:
        while not self.over.wait(0.005):
            self._give(bytearray(200), 100, None, None)


def place(load: bytes) -> tuple[int, int]:
    ((kind, told),) = sent(load)
    assert kind == b"B"
    return PLACE.unpack(told)


def test_a_loudspeaker_tells_often_while_it_plays_and_seldom_while_it_rests():
    mouth = Played()
    begun = time.monotonic()
    assert place(mouth.next()) == (0, 0)
    assert time.monotonic() - begun >= REST
    mouth.take(b"P", NUMBER.pack(7) + b"x" * 200_000)
    played = []
    while not played or played[-1] != (7, 200_000):
        played.append(place(mouth.next()))
        assert len(played) < 1000
    assert len(played) > 3
    mouth.over.set()


def test_a_loudspeaker_that_takes_nothing_any_more_tells_nothing_even_if_it_just_did():
    mouth = Played()
    mouth.next()
    mouth.over.set()
    mouth.taking.join()
    beat = threading.Thread(target=mouth.next, daemon=True)
    beat.start()
    beat.join(REST + 0.3)
    assert beat.is_alive()
