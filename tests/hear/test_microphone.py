from __future__ import annotations

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.hear.microphone import LOWEST, Watch, level
from kiosk.hear.sound_file import read_sound
from kiosk.terms import SoundFileError

RATE = 16_000
TONE = 0.5 * np.sin(np.arange(2 * RATE) * 2 * np.pi * 300 / RATE)


def write(path, samples=TONE, rate=RATE, subtype=None):
    soundfile.write(path, samples, rate, subtype)
    return path


def pcm(samples):
    return np.round(np.asarray(samples) * 32767).astype(np.int16).tobytes()


def test_the_level_of_silence_is_the_lowest():
    assert level(bytes(1600)) == LOWEST
    assert level(b"") == LOWEST


def test_the_level_of_a_full_tone_is_3_db_below_full_scale():
    assert level(pcm(2 * TONE)) == pytest.approx(-3.0, abs=0.1)


def test_half_as_loud_is_6_db_less():
    assert level(pcm(TONE)) - level(pcm(TONE / 2)) == pytest.approx(6.0, abs=0.1)


def test_the_constant_that_cheap_microphones_add_is_not_heard():
    assert level(pcm(TONE / 100 + 0.3)) == pytest.approx(level(pcm(TONE / 100)), abs=0.1)


@given(st.binary(max_size=400).filter(lambda data: len(data) % 2 == 0))
def test_every_level_is_on_the_scale(data):
    assert LOWEST <= level(data) <= 0


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "FLOAT"),
        ("a.wav", "ULAW"),
        ("a.flac", None),
        ("a.ogg", None),
    ],
)
@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_every_usual_format_and_rate_is_read(tmp_path, name, subtype, rate):
    sound, read_rate = read_sound(write(tmp_path / name, TONE, rate, subtype))
    assert read_rate == rate
    assert len(sound) == 2 * len(TONE)
    assert level(sound) == pytest.approx(-9.0, abs=0.2)


def test_channels_are_mixed_into_one(tmp_path):
    both = np.stack([TONE, np.zeros_like(TONE)], axis=1)
    sound, _ = read_sound(write(tmp_path / "stereo.wav", both))
    assert len(sound) == 2 * len(TONE)
    assert level(sound) == pytest.approx(level(pcm(TONE / 2)), abs=0.1)


def test_only_the_first_seconds_of_a_long_file_are_read(tmp_path):
    sound, rate = read_sound(write(tmp_path / "long.wav"), longest=0.5)
    assert len(sound) == rate


@pytest.mark.parametrize(("name", "subtype"), [("a.wav", "PCM_16"), ("a.wav", "FLOAT"), ("a.flac", None)])
def test_a_file_that_was_cut_off_is_used_as_far_as_it_goes(tmp_path, name, subtype):
    path = write(tmp_path / name, TONE, subtype=subtype)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    sound, _ = read_sound(path)
    assert len(TONE) < len(sound) < 2 * len(TONE)


def test_samples_that_are_no_numbers_or_too_loud_do_no_harm(tmp_path):
    samples = np.tile([np.nan, np.inf, -np.inf, 5.0, -5.0], RATE)
    sound = np.frombuffer(read_sound(write(tmp_path / "a.wav", samples, subtype="FLOAT"))[0], np.int16)
    assert sound[:5].tolist() == [0, 32767, -32768, 32767, -32768]


def _empty(path):
    path.write_bytes(b"")


def _text(path):
    path.write_text("Is tingling normal?\n" * 100)


def _header_only(path):
    write(path)
    path.write_bytes(path.read_bytes()[:44])


def _half_header(path):
    write(path)
    path.write_bytes(path.read_bytes()[:20])


def _one_moment(path):
    write(path, TONE[:100])


def _impossible_rate(path):
    write(path, rate=100)


def _nothing(path):
    pass


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_empty, "is empty"),
        (_text, "is not a sound file"),
        (_header_only, "has no sound in it"),
        (_half_header, "is not a sound file"),
        (_one_moment, "too little"),
        (_impossible_rate, "claims 100 samples a second"),
        (lambda path: path.mkdir(), "is a folder"),
        (_nothing, "There is no file"),
    ],
)
@pytest.mark.parametrize("suffix", [".wav", ".raw"])
def test_what_is_no_sound_is_told_plainly(tmp_path, make, message, suffix):
    path = tmp_path / "a.wav"
    make(path)
    if path.exists():
        path = path.rename(tmp_path / f"question{suffix}")
    with pytest.raises(SoundFileError) as caught:
        read_sound(path)
    assert path.name in caught.value.what
    assert caught.value.mend
    if suffix == ".wav" or message in ("is empty", "is a folder", "There is no file"):
        assert message in caught.value.what


def test_a_name_that_no_file_can_have_is_told(tmp_path):
    with pytest.raises(SoundFileError, match="cannot be read"):
        read_sound(tmp_path / ("a" * 300 + ".wav"))


@settings(deadline=None)  # how long a file takes is the machine's business
@given(st.binary(min_size=1, max_size=300))
def test_damaged_files_never_raise_anything_else(tmp_path_factory, data):
    path = write(tmp_path_factory.mktemp("damaged") / "a.wav", TONE[:4000])
    whole = path.read_bytes()
    path.write_bytes((whole[: len(data) % 60] + data + whole[60:])[: len(whole)])
    try:
        sound, rate = read_sound(path)
    except SoundFileError:
        return
    assert sound
    assert rate


def _fed(watch, samples, seconds):
    watch.feed(np.asarray(samples, np.int16).tobytes(), seconds)


def test_a_microphone_that_gives_nothing_at_all_while_somebody_listens_counts_as_switched_off():
    watch = Watch()
    _fed(watch, [7] * 100, 5.0)
    assert watch.dead == 5.0
    assert not watch.muted
    watch.begin()
    _fed(watch, [0] * 100, 1.4)
    assert not watch.muted
    _fed(watch, [0] * 100, 0.2)
    assert watch.muted
    _fed(watch, [0, 1] * 50, 0.05)
    assert not watch.muted
    _fed(watch, [0] * 100, 2.0)
    watch.end()
    assert not watch.muted


def test_a_microphone_that_is_turned_up_too_far_is_noticed_and_a_shout_is_not():
    watch = Watch()
    _fed(watch, [32767, 0], 0.5)
    assert not watch.complaint
    for _ in range(20):
        _fed(watch, [-32768, 0], 0.5)
    assert watch.complaint == "is turned up too far"
