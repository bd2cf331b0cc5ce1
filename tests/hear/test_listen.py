from __future__ import annotations

import threading

import numpy as np
import pytest

from kiosk.hear.endpoint import Endpoint
from kiosk.hear.listen import Cancelled, Heard, Noise, Silence, listen
from kiosk.hear.sound_file import read_sound
from kiosk.terms import DeviceError, Transcript

RATE = 16_000
BLOCK = RATE // 20 * 2
"""Bytes of 0.05 s."""
SILENCE = bytes(BLOCK)


def _loud(loudness=0.1):
    return (np.random.default_rng(1).normal(0, loudness, BLOCK // 2) * 32767).astype(np.int16).tobytes()


VOICE = [_loud(0.1), _loud(0.02), _loud(0.15), _loud(0.05)]


class Recording:
    """A recording in place of a microphone; `then` is called when it has been heard to its end.

    As time would, `script` keeps it in step: no block is given before the last one was recognised.
    """

    rate = RATE

    def __init__(self, blocks, script=None, then=lambda: None):
        self.given = 0
        self.closed = False
        self._blocks = list(blocks)
        self._script = script
        self._then = then

    def blocks(self):
        try:
            for block in self._blocks:
                if self._script and self.given:
                    self._script.fed.acquire(timeout=60)
                self.given += 1
                yield block
            self._then()
        finally:
            self.closed = True


class Script:
    """A recogniser that hears a word in each block that is not silent, from a script."""

    def __init__(self, words, before=lambda: None):
        self.blocks = []
        self.fed = threading.Semaphore(0)
        self._words = words.split()
        self._before = before
        self._count = 0

    def utterance(self, rate):
        assert rate == RATE
        return self

    def feed(self, pcm):
        self._before()
        self.blocks.append(pcm)
        self._count += pcm != SILENCE
        self.fed.release()
        return self.finish()

    def finish(self):
        return Transcript(" ".join(self._words[: self._count]))


@pytest.fixture
def heard():
    def heard(source, recogniser, endpoint=None, **rest):
        events = {"stop": threading.Event(), "cancel": threading.Event(), **rest}
        return listen(source, recogniser, endpoint or Endpoint(), **events)

    return heard


def test_an_utterance_ends_with_silence_and_nothing_after_it_is_heard(heard):
    script = Script("is it normal")
    source = Recording([SILENCE] * 10 + VOICE * 5 + [SILENCE] * 40 + VOICE * 10, script)
    assert heard(source, script) == Heard(Transcript("is it normal"))
    assert source.given <= 10 + 20 + 31
    assert source.closed


def test_a_recording_that_ends_is_heard_to_its_end(heard):
    assert heard(Recording(VOICE * 3), Script("is it normal")) == Heard(Transcript("is it normal"))


def test_every_block_is_recognised_in_order(heard):
    script, blocks = Script("is it normal"), VOICE * 5
    heard(Recording(blocks), script)
    assert script.blocks == blocks


def test_silence_is_not_noise_and_noise_is_not_speech(heard):
    assert heard(Recording([SILENCE] * 200), Script("is")) == Silence()
    assert heard(Recording([SILENCE] * 10 + VOICE * 5 + [SILENCE] * 200), Script("")) == Noise()
    assert heard(Recording([SILENCE] * 10 + VOICE * 5 + [SILENCE] * 200), Script("huh")) == Noise()
    assert heard(Recording([SILENCE] * 10 + VOICE[:2] + [SILENCE] * 200), Script("help")) == Noise()


def test_a_recogniser_that_falls_behind_holds_nothing_up(heard):
    """It recognises nothing until all of the recording has been heard."""
    all_heard = threading.Event()
    source = Recording(VOICE * 5, then=all_heard.set)
    assert heard(source, Script("is it normal", before=all_heard.wait)) == Heard(Transcript("is it normal"))


def test_soon_after_the_talk_key_is_let_go_it_ends(heard):
    stop = threading.Event()
    source = Recording(VOICE * 100)
    outcome = heard(source, Script("is it normal"), stop=stop, on_block=lambda *_: source.given == 20 and stop.set())
    assert outcome == Heard(Transcript("is it normal"))
    assert source.given <= 24


def test_where_it_is_quiet_already_nothing_more_is_waited_for(heard):
    stop = threading.Event()
    source = Recording(VOICE * 5 + [SILENCE] * 20)
    outcome = heard(source, Script("is it normal"), stop=stop, on_block=lambda *_: source.given == 24 and stop.set())
    assert outcome == Heard(Transcript("is it normal"))
    assert source.given == 25


def test_who_lets_the_talk_key_go_too_soon_is_heard_a_little_longer(heard):
    stop = threading.Event()
    source = Recording(VOICE * 100)
    heard(source, Script("is it normal"), stop=stop, on_block=lambda *_: source.given == 20 and stop.set())
    assert 22 <= source.given <= 24


def test_cancelling_ends_it_without_a_result(heard):
    cancel = threading.Event()
    source = Recording(VOICE * 100)
    outcome = heard(source, Script("is it"), cancel=cancel, on_block=lambda *_: source.given == 20 and cancel.set())
    assert outcome == Cancelled()
    assert source.given == 20
    assert source.closed


def test_cancelling_does_not_wait_for_the_last_words(heard):
    cancel, released = threading.Event(), threading.Event()
    source = Recording(VOICE * 5, then=lambda: threading.Timer(0.1, cancel.set).start())
    assert heard(source, Script("is it", before=released.wait), cancel=cancel) == Cancelled()
    released.set()


def test_words_and_levels_are_told_for_display(heard):
    told = []
    heard(Recording([SILENCE] * 5 + VOICE * 5), Script("is"), on_block=lambda *each: told.append(each))
    assert len(told) == 25
    assert told[0] == ("", -120)
    assert told[-1][1] > -40


def test_what_was_said_may_change_how_long_a_silence_ends_it(heard):
    def patience(so_far):
        return 3.0 if so_far.text.endswith("and") else None

    script = Script("my leg is sore and")
    source = Recording(VOICE * 5 + [SILENCE] * 40 + VOICE * 5 + [SILENCE] * 100, script)
    heard(source, script, patience=patience)
    assert 20 + 40 + 20 + 58 <= source.given <= 20 + 40 + 20 + 62


@pytest.mark.parametrize("error", [DeviceError("The microphone is lost."), RuntimeError("Vosk fails")])
def test_what_goes_wrong_in_either_thread_is_raised_here(heard, error):
    def fail():
        raise error

    with pytest.raises(type(error), match=str(error)):
        heard(Recording(VOICE * 5, then=fail), Script("is it"))
    with pytest.raises(type(error), match=str(error)):
        heard(Recording(VOICE * 5), Script("is it", before=fail))


@pytest.mark.speech
def test_a_recorded_question_is_heard(heard, recogniser, spoken):
    pcm, rate = read_sound(spoken("I cannot breathe properly."))
    assert rate == RATE
    padded = bytes(RATE) + pcm + bytes(4 * RATE)
    source = Recording(padded[start : start + BLOCK] for start in range(0, len(padded), BLOCK))
    outcome = heard(source, recogniser)
    assert outcome == Heard(Transcript("i cannot breathe properly"))
    assert source.given < len(padded) / BLOCK
