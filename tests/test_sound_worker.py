"""What the process of a sound device sends while somebody listens or something is played, and while it rests."""

import io
import threading
import time
from itertools import count
from types import SimpleNamespace

import pytest

from kiosk.sound import worker
from kiosk.sound.worker import (
    BLOCK,
    FADED,
    LONG_PIECE,
    NUMBER,
    PIECE,
    PIECES,
    PLACE,
    QUICK,
    REST,
    _Ear,
    _Mouth,
    packets,
)
from kiosk.terms import DeviceError

BLOCKS = round(REST / BLOCK)


def sent(load: bytes):
    return list(packets(io.BytesIO(load)))


class Ear(_Ear):
    """A microphone that gives these blocks each time that it is opened, and no more."""

    def __init__(self, *blocks: bytes, never_close: bool = False) -> None:
        super().__init__(never_close=never_close)
        self.opened = self.closed = 0
        self.slow = 0.0
        self.blocks = blocks
        self._open()

    def _start(self, put):
        self.opened += 1
        time.sleep(self.slow)
        for block in self.blocks:
            give(put, block)
        return SimpleNamespace(close=self.close)

    def close(self) -> None:
        self.closed += 1


def give(put, block: bytes) -> None:
    """Do what PortAudio does: each block comes in pieces."""
    for number in range(PIECES):
        put(block[number * len(block) // PIECES : (number + 1) * len(block) // PIECES])


def waiting(ear: _Ear, after: int) -> threading.Event:
    """Return what is set when so many blocks were taken and another one is waited for."""
    waits, get, taken = threading.Event(), ear._pieces.get, count()  # noqa: SLF001
    pieces = SimpleNamespace(put=ear._pieces.put)  # noqa: SLF001
    pieces.get = lambda: (next(taken) == after * PIECES and waits.set()) or get()
    ear._pieces = pieces  # noqa: SLF001
    return waits


def test_the_first_block_comes_at_once_so_that_a_microphone_that_works_is_known():
    assert sent(Ear(b"abcdefghij").next()) == [(b"S", b"abcdefghij")]


def test_while_nobody_listens_the_sound_of_half_a_second_comes_together():
    one = Ear(*[b"abcdefghij"] * BLOCKS)
    one.take(b"L", b"")
    assert sent(one.next()) == [(b"R", b"abcdefghij" * BLOCKS)]


def test_who_begins_to_listen_gets_the_very_next_block_and_no_earlier_one():
    one = Ear(b"ab", b"cd")
    one.take(b"L", b"")
    waits = waiting(one, after=2)
    told = []
    thread = threading.Thread(target=lambda: told.extend(sent(one.next())))
    thread.start()
    assert waits.wait(60)
    one.take(b"L", b"1")
    give(one._pieces.put, b"ef")  # noqa: SLF001
    thread.join(5)
    assert told == [(b"R", b"abcd"), (b"S", b"ef")]


@pytest.fixture
def disused(monkeypatch):
    """A device counts as disused after the first half second."""
    monkeypatch.setattr(worker, "DISUSED", REST)


CLOSED = [(b"C", b"")]


@pytest.fixture
def closed(monkeypatch):
    """A microphone that nobody has used for half a second; it gives as much each time that it is opened."""
    monkeypatch.setattr(worker, "DISUSED", REST)
    one = Ear(*[b"ab"] * BLOCKS)
    one.take(b"L", b"")
    assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]
    assert (one.opened, one.closed) == (1, 1)
    return one


def test_a_closed_microphone_tells_that_all_is_well(closed):
    assert sent(closed.next()) == CLOSED
    assert (closed.opened, closed.closed) == (1, 1)


def test_a_closed_microphone_is_opened_for_whoever_listens_and_stays_so_until_it_is_disused_again(closed):
    closed.blocks = (b"cd",) * (BLOCKS + 1)
    closed.take(b"L", b"1")
    assert sent(closed.next()) == CLOSED
    assert sent(closed.next()) == [(b"S", b"cd")]
    closed.take(b"L", b"")
    assert (closed.opened, closed.closed) == (2, 1)
    assert sent(closed.next()) == [(b"R", b"cd" * BLOCKS)]
    assert closed.closed == 2


def look(one: Ear) -> None:
    one._look_at = 0.0  # noqa: SLF001
    assert sent(one.next()) == CLOSED
    assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]


def test_a_closed_microphone_is_looked_at_now_and_then(closed):
    look(closed)
    look(closed)
    assert (closed.opened, closed.closed) == (3, 3)


def test_a_microphone_that_was_slow_to_open_twice_in_a_row_is_not_closed_again(closed):
    for closed.slow in (2 * QUICK, 0.0, 2 * QUICK):
        look(closed)
    assert (closed.opened, closed.closed) == (4, 4)
    closed.slow = 2 * QUICK
    look(closed)
    assert (closed.opened, closed.closed) == (5, 4)


@pytest.mark.usefixtures("disused")
def test_one_that_must_never_be_closed_stays_open():
    one = Ear(*[b"ab"] * BLOCKS, never_close=True)
    one.take(b"L", b"")
    one.next()
    assert (one.opened, one.closed) == (1, 0)


class Played(_Mouth):
    """A loudspeaker that takes sound as fast as it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.refuses = 0
        self._stream = self._start(PIECE)
        self.over = threading.Event()
        self.taking = threading.Thread(target=self._run, daemon=True)
        self.taking.start()

    def _run(self) -> None:
        while not self.over.wait(0.005):
            self._give(bytearray(200), self._current)

    def _start(self, piece):
        if self.refuses:
            self.refuses -= 1
            raise DeviceError("There is one stream already.")
        self._current = name = f"{piece} ({len(self.done)})"
        self.done.append(f"open {name}")
        return SimpleNamespace(close=lambda: self.done.append(f"close {name}"))


def place(load: bytes) -> tuple[int, int]:
    ((kind, told),) = sent(load)
    assert kind == b"B"
    return PLACE.unpack(told)


def test_a_loudspeaker_tells_often_while_it_plays_and_seldom_while_it_rests():
    mouth = Played()
    begun = time.monotonic()
    assert place(mouth.next()) == (0, 0)
    assert time.monotonic() - begun >= REST
    mouth.take(b"P", NUMBER.pack(7) + b"x" * 40_000)
    played = []
    while not played or played[-1] != (7, 40_000):
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


def play(mouth: Played, number: int) -> None:
    mouth.take(b"P", NUMBER.pack(number) + b"x" * 2000)
    for _ in range(1000):
        if place(mouth.next()) == (number, 2000):
            return
    pytest.fail("it was not played to its end")


SHORT, LONG, SHORT_AGAIN = f"{PIECE} (0)", f"{LONG_PIECE} (1)", f"{PIECE} (3)"


@pytest.mark.usefixtures("disused")
def test_a_loudspeaker_that_nobody_uses_is_given_long_pieces_until_there_is_something_to_play():
    mouth = Played()
    mouth.next()
    mouth.next()
    assert mouth.done == [f"open {SHORT}", f"open {LONG}", f"close {SHORT}"]
    mouth._used_at -= FADED  # noqa: SLF001
    mouth.take(b"P", NUMBER.pack(7) + b"x" * 2000)
    assert mouth.done[3:] == [f"open {SHORT_AGAIN}", f"close {LONG}"]
    mouth.over.set()


def test_the_first_sound_after_a_silence_goes_to_a_new_stream_and_the_next_to_the_same():
    mouth = Played()
    mouth._used_at -= FADED  # noqa: SLF001
    play(mouth, 7)
    play(mouth, 8)
    newer = f"{PIECE} (1)"
    assert mouth.done == [f"open {SHORT}", f"open {newer}", f"close {SHORT}"]
    mouth.over.set()


def test_a_stream_that_is_about_to_be_closed_is_given_none_of_the_sound():
    mouth = _Mouth()
    mouth._current = "new"  # noqa: SLF001
    mouth.take(b"P", NUMBER.pack(7) + b"xyz")
    old, new = bytearray(4), bytearray(4)
    mouth._give(old, "old")  # noqa: SLF001
    mouth._give(new, "new")  # noqa: SLF001
    assert (bytes(old), bytes(new)) == (b"\0\0\0\0", b"xyz\0")


def test_a_loudspeaker_that_takes_one_stream_at_a_time_keeps_it():
    mouth = Played()
    mouth.refuses = 1
    for number in (7, 8):
        mouth._used_at -= FADED  # noqa: SLF001
        play(mouth, number)
    assert mouth.done == [f"open {SHORT}"]
    mouth.over.set()


@pytest.mark.usefixtures("disused")
def test_where_a_second_stream_is_refused_long_pieces_end_all_the_same():
    mouth = Played()
    mouth.next()
    mouth.refuses = 1
    mouth._used_at -= FADED  # noqa: SLF001
    mouth.take(b"P", NUMBER.pack(7) + b"x" * 2000)
    assert mouth.done[3:] == [f"close {LONG}", f"open {PIECE} (4)"]
    mouth.over.set()
