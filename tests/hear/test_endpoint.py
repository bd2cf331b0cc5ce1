from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.hear.endpoint import CAP, NO_SPEECH, QUIETEST_ROOM, SILENCE, Endpoint, State

BLOCK = 0.0625  # seconds; a power of two, so that sums are exact
ROOM = -60.0
VOICE = (-25.0, -38.0, -20.0, -30.0, -22.0)  # a voice is never steady


def feed(endpoint, seconds, levels, words="", **rest):
    """Feed blocks for so many seconds, or until it is over; return how many seconds that took."""
    levels = (levels,) if isinstance(levels, float) else levels
    for number in range(round(seconds / BLOCK)):
        if endpoint.feed(levels[number % len(levels)], BLOCK, words, **rest).over:
            return (number + 1) * BLOCK
    return seconds


def test_nobody_speaks():
    endpoint = Endpoint()
    assert feed(endpoint, 20, ROOM) == pytest.approx(NO_SPEECH)
    assert endpoint.state is State.NO_SPEECH
    assert endpoint.only_noise
    assert not endpoint.noticed


def test_silence_after_speech_ends_it():
    endpoint = Endpoint()
    feed(endpoint, 1, ROOM)
    assert feed(endpoint, 2, VOICE) == 2
    assert endpoint.state is State.SPEAKING
    assert feed(endpoint, 5, ROOM) == pytest.approx(SILENCE, abs=BLOCK)
    assert endpoint.state is State.ENDED
    assert not endpoint.only_noise
    assert endpoint.spoken == pytest.approx(2)


def test_somebody_may_speak_at_once():
    endpoint = Endpoint()
    feed(endpoint, 2, VOICE)
    assert feed(endpoint, 5, ROOM) == pytest.approx(SILENCE, abs=BLOCK)
    assert endpoint.state is State.ENDED


def test_a_pause_for_thought_does_not_end_it():
    endpoint = Endpoint()
    feed(endpoint, 1, VOICE)
    feed(endpoint, SILENCE - BLOCK, ROOM)
    assert endpoint.state is State.SPEAKING
    feed(endpoint, 1, VOICE)
    assert endpoint.state is State.SPEAKING


@pytest.mark.parametrize("silence", [0.5, 3.0])
def test_the_silence_needed_may_change_with_every_block(silence):
    endpoint = Endpoint()
    feed(endpoint, 1, VOICE)
    assert feed(endpoint, 5, ROOM, silence=silence) == pytest.approx(silence)
    assert endpoint.state is State.ENDED


def test_who_never_stops_is_taken_at_the_cap():
    endpoint = Endpoint()
    assert feed(endpoint, 20, VOICE) == pytest.approx(CAP)
    assert endpoint.state is State.CAPPED


def test_a_click_is_no_speech():
    endpoint = Endpoint()
    feed(endpoint, 1, ROOM)
    feed(endpoint, 2 * BLOCK, -10.0)
    assert feed(endpoint, 20, ROOM) + 1 + 2 * BLOCK == pytest.approx(NO_SPEECH)
    assert endpoint.state is State.NO_SPEECH
    assert endpoint.only_noise
    assert endpoint.noticed


def test_clicks_do_not_add_up_to_speech():
    endpoint = Endpoint()
    for _ in range(3):
        feed(endpoint, 2 * BLOCK, -10.0)
        feed(endpoint, 1.1, ROOM)
    assert endpoint.only_noise
    assert endpoint.state is State.WAITING


def test_a_short_word_is_speech():
    endpoint = Endpoint()
    feed(endpoint, 1, ROOM)
    feed(endpoint, 0.3, (-45.0, -30.0, -22.0, -28.0, -45.0, -58.0))
    feed(endpoint, 2, ROOM)
    assert endpoint.state is State.ENDED
    assert not endpoint.only_noise


def test_who_begins_at_the_last_moment_is_not_cut_off():
    endpoint = Endpoint()
    feed(endpoint, NO_SPEECH - BLOCK, ROOM)
    assert feed(endpoint, 2, VOICE) == 2
    assert endpoint.state is State.SPEAKING


@pytest.mark.parametrize("fan", [-45.0, -30.0, -10.0])
def test_a_steady_sound_is_the_room(fan):
    endpoint = Endpoint()
    feed(endpoint, 20, (fan - 1, fan + 1))
    assert endpoint.state is State.NO_SPEECH
    assert endpoint.only_noise
    assert endpoint.room == pytest.approx(fan, abs=2)


@pytest.mark.parametrize("fan", [-45.0, -30.0])
def test_a_voice_is_heard_above_a_fan(fan):
    endpoint = Endpoint()
    feed(endpoint, 1.5, (fan - 1, fan + 1))
    feed(endpoint, 2, tuple(level + 5 for level in VOICE))
    assert endpoint.state is State.SPEAKING
    assert feed(endpoint, 5, (fan - 1, fan + 1)) == pytest.approx(SILENCE, abs=2 * BLOCK)
    assert endpoint.state is State.ENDED
    assert not endpoint.only_noise


def test_a_fan_that_starts_meanwhile_does_not_hold_it_open():
    endpoint = Endpoint()
    feed(endpoint, 2, VOICE)
    assert feed(endpoint, 20, (-36.0, -34.0)) == pytest.approx(SILENCE, abs=2 * BLOCK)
    assert endpoint.state is State.ENDED


def test_what_an_earlier_utterance_told_of_the_room_is_used_at_once():
    endpoint = Endpoint(room=-35.0)
    feed(endpoint, 0.5, (-36.0, -34.0))
    assert not endpoint.noticed


def test_growing_words_hold_it_open_however_soft_the_voice():
    endpoint = Endpoint()
    for count in range(1, 5):
        feed(endpoint, 0.5, ROOM, "is it normal now".rsplit(" ", 4 - count)[0])
        assert endpoint.state is State.SPEAKING
    assert feed(endpoint, 5, ROOM, "is it normal now") < SILENCE
    assert endpoint.state is State.ENDED
    assert endpoint.only_noise  # though not for whoever asks whether it was loud enough to be meant


def test_words_that_come_after_their_sound_do_not_delay_the_end():
    endpoint = Endpoint()
    feed(endpoint, 1, VOICE, "is it")
    waited = feed(endpoint, 0.25, ROOM, "is it")
    waited += feed(endpoint, 5, ROOM, "is it normal")
    assert waited == pytest.approx(SILENCE, abs=BLOCK)


def test_when_it_is_over_nothing_changes_it():
    endpoint = Endpoint(no_speech=0.1)
    feed(endpoint, 1, ROOM)
    assert endpoint.feed(-10.0, 3.0, "is it normal") is State.NO_SPEECH
    assert endpoint.spoken == 0


@given(
    blocks=st.lists(st.tuples(st.floats(-120, 0), st.floats(0.01, 0.5), st.integers(0, 3)), max_size=200),
    silence=st.floats(0.2, 5),
)
def test_whatever_comes_it_ends_by_the_cap(blocks, silence):
    endpoint = Endpoint(silence=silence)
    passed, words = 0.0, 0
    for level, seconds, more in blocks:
        words += more
        passed += seconds
        if endpoint.feed(level, seconds, " ".join(["word"] * words)).over:
            break
    assert endpoint.state.over or passed < CAP
    assert passed < CAP + 0.5
    assert 0 <= endpoint.spoken <= passed + 1e-6
    assert QUIETEST_ROOM <= endpoint.room <= 0
