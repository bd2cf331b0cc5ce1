"""A question is asked in a room as noisy as it says."""

import numpy as np
import pytest

from evaluation.rooms import AFTER, BEFORE, NOISY, QUIET, Room, asked_in, fan, resample

RATE = 16_000
SPEECH = np.sin(np.arange(RATE) * 0.3).astype(np.float32)
TALK = np.random.default_rng(0).standard_normal(3 * RATE).astype(np.float32)


def decibels(signal, noise):
    return 10 * np.log10(np.mean(signal.astype(float) ** 2) / np.mean(noise.astype(float) ** 2))


def speech_in(sound):
    return sound[round(BEFORE * RATE) : -round(AFTER * RATE)]


@pytest.mark.parametrize("room", NOISY)
def test_speech_stands_above_the_noise_as_the_room_says(room):
    quiet, noisy = (asked_in(SPEECH, RATE, each, TALK, seed=1) for each in (QUIET, room))
    noise = noisy / np.abs(noisy).max() - quiet / np.abs(noisy).max()
    assert decibels(speech_in(quiet) / np.abs(noisy).max(), noise) == pytest.approx(room.snr, abs=0.7)


def test_a_quiet_room_is_silent_before_and_after():
    sound = asked_in(SPEECH, RATE, QUIET, TALK, seed=1)
    assert not sound[: round(BEFORE * RATE)].any()
    assert not sound[-round(AFTER * RATE) :].any()
    assert len(sound) == len(SPEECH) + round((BEFORE + AFTER) * RATE)


def test_loudness_does_not_depend_on_the_voice():
    loud, soft = (asked_in(SPEECH * gain, RATE, QUIET, TALK, seed=1) for gain in (0.9, 0.01))
    assert np.allclose(loud, soft, atol=1e-6)


def test_nothing_clips():
    clicks = np.zeros(RATE, np.float32)
    clicks[::4000] = 1
    assert np.abs(asked_in(clicks, RATE, Room("fan", 5), TALK, seed=1)).max() <= 1


@pytest.mark.parametrize("room", [QUIET, *NOISY])
def test_a_room_sounds_the_same_each_time(room):
    assert np.array_equal(asked_in(SPEECH, RATE, room, TALK, 7), asked_in(SPEECH, RATE, room, TALK, 7))


def test_a_fan_hums_more_than_it_hisses():
    power = np.abs(np.fft.rfft(fan(RATE, RATE, seed=1))) ** 2
    assert power[20:400].sum() > 10 * power[4000:].sum()


def test_another_rate_keeps_the_length_in_seconds():
    assert len(resample(SPEECH, RATE, 8_000)) == pytest.approx(RATE / 2, abs=1)
