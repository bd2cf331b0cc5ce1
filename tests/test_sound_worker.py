"""What the process of a sound device sends while somebody listens or something is played, and while it rests."""

import io
import threading
import time
from itertools import count
from types import SimpleNamespace

import pytest

from kiosk.sound import worker
from kiosk.sound.worker import BLOCK, LONG_PIECE, NUMBER, PIECE, PIECES, PLACE, REST, _Ear, _Mouth, packets
from kiosk.terms import DeviceError

BLOCKS = round(REST / BLOCK)


def sent(load: bytes):
    return list(packets(io.BytesIO(load)))


class Ear(_Ear):
    """A microphone that gives these blocks each time that it is opened, and no more."""

    def __init__(self, *blocks: bytes) -> None:
        super().__init__()
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


@pytest.mark.usefixtures("disused")
def test_a_microphone_that_nobody_uses_is_closed_and_says_that_all_is_well():
    one = Ear(*[b"ab"] * BLOCKS)
    one.take(b"L", b"")
    assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]
    assert one.closed == 1
    assert sent(one.next()) == [(b"R", b"")]
    assert one.opened == 1


@pytest.mark.usefixtures("disused")
def test_a_closed_microphone_is_opened_for_whoever_listens_and_stays_so_until_it_is_disused_again():
    one = Ear(*[b"ab"] * (BLOCKS + 1))
    one.take(b"L", b"")
    one.next()
    one.take(b"L", b"1")
    assert sent(one.next()) == [(b"S", b"ab")]
    one.take(b"L", b"")
    assert (one.opened, one.closed) == (2, 1)
    assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]
    assert one.closed == 2


@pytest.mark.usefixtures("disused")
def test_a_closed_microphone_is_looked_at_now_and_then(monkeypatch):
    monkeypatch.setattr(worker, "LOOK", 0.0)
    one = Ear(*[b"ab"] * BLOCKS)
    one.take(b"L", b"")
    for looks in range(1, 4):
        assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]
        assert (one.opened, one.closed) == (looks, looks)


@pytest.mark.usefixtures("disused")
def test_a_microphone_that_is_slow_to_open_is_not_closed_again(monkeypatch):
    monkeypatch.setattr(worker, "QUICK", 0.01)
    monkeypatch.setattr(worker, "LOOK", 0.0)
    one = Ear(*[b"ab"] * BLOCKS * 2)
    one.take(b"L", b"")
    one.next()
    one.slow = 0.02
    for _ in range(3):
        assert sent(one.next()) == [(b"R", b"ab" * BLOCKS)]
    assert (one.opened, one.closed) == (3, 2)


@pytest.mark.usefixtures("disused")
def test_a_microphone_that_was_slow_once_is_closed_again(monkeypatch):
    monkeypatch.setattr(worker, "QUICK", 0.01)
    monkeypatch.setattr(worker, "LOOK", 0.0)
    one = Ear(*[b"ab"] * BLOCKS)
    one.take(b"L", b"")
    one.next()
    for one.slow in (0.02, 0.0, 0.02, 0.0):
        one.next()
    assert (one.opened, one.closed) == (5, 5)


class Played(_Mouth):
    """A loudspeaker that takes sound as fast as it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[float] = []
        self.refuses = False
        self.closed = 0
        self._stream = self._start(PIECE)
        self.over = threading.Event()
        self.taking = threading.Thread(target=self._run, daemon=True)
        self.taking.start()

    def _run(self) -> None:
        while not self.over.wait(0.005):
            self._give(bytearray(200), self._current)

    def _start(self, piece):
        if self.refuses:
            raise DeviceError("There is one stream already.")
        self.pieces.append(piece)
        return SimpleNamespace(close=self.close)

    def close(self) -> None:
        self.closed += 1


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
    while place(mouth.next()) != (number, 2000):
        pass


@pytest.mark.usefixtures("disused")
def test_a_loudspeaker_that_nobody_uses_is_given_long_pieces_until_there_is_something_to_play():
    mouth = Played()
    mouth.next()
    assert mouth.pieces == [PIECE, LONG_PIECE]
    mouth.next()
    assert mouth.pieces == [PIECE, LONG_PIECE]
    play(mouth, 7)
    assert mouth.pieces == [PIECE, LONG_PIECE, PIECE]
    mouth.over.set()


def test_the_first_sound_after_a_silence_goes_to_a_new_stream_and_the_next_to_the_same(monkeypatch):
    monkeypatch.setattr(worker, "FADED", 0.3)
    mouth = Played()
    mouth.next()
    play(mouth, 7)
    play(mouth, 8)
    assert mouth.pieces == [PIECE, PIECE]
    mouth.over.set()


@pytest.mark.usefixtures("disused")
def test_a_loudspeaker_that_takes_one_stream_at_a_time_keeps_it():
    mouth = Played()
    mouth.refuses = True
    mouth.next()
    play(mouth, 7)
    assert mouth.pieces == [PIECE]
    assert not mouth.closed
    mouth.over.set()
