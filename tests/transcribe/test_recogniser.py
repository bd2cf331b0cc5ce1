from __future__ import annotations

import os
import shutil
import threading
from itertools import pairwise

import numpy as np
import pytest

from kiosk.hear.endpoint import Endpoint
from kiosk.hear.listen import Cancelled, listen
from kiosk.hear.sound_file import read_sound
from kiosk.terms import ModelError, Reading, Transcript
from kiosk.transcribe.recogniser import VoskRecogniser, _Guided, _Pass, says_something, transcribe, without_noise
from tests.waiting import until

pytestmark = pytest.mark.speech


@pytest.fixture
def linked_model(model_dir, tmp_path):
    """The model by links, so that one of its files can be replaced."""
    return shutil.copytree(model_dir, tmp_path / "model", copy_function=os.symlink)


def _resampled(pcm, rate, wanted):
    samples = np.frombuffer(pcm, np.int16)
    places = np.arange(0, len(samples) - 1, rate / wanted)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.int16).tobytes()


def test_a_recorded_question_is_understood(recogniser, spoken):
    heard = transcribe(recogniser, *read_sound(spoken("I cannot breathe properly.")))
    assert heard.text == "i cannot breathe properly"


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000])
def test_sound_of_any_rate_is_understood(recogniser, spoken, rate):
    pcm = _resampled(*read_sound(spoken("I cannot breathe properly.")), rate)
    assert transcribe(recogniser, pcm, rate).text == "i cannot breathe properly"


def test_low_rates_are_brought_up_alike_whatever_the_blocks(recogniser, spoken):
    pcm = _resampled(*read_sound(spoken("I cannot breathe properly.")), 11_025)
    utterance = recogniser.utterance(11_025)
    sizes = iter([0, 2, 2, 4, 802, *[2206] * 1000])
    position = 0
    while position < len(pcm):
        size = next(sizes)
        utterance.feed(pcm[position : position + size])
        position += size
    assert utterance.finish().text == "i cannot breathe properly"


def test_words_grow_while_they_are_fed_and_survive_a_long_pause(recogniser, spoken):
    """Vosk by itself ends an utterance at such a pause, and begins with nothing after it."""
    first, rate = read_sound(spoken("I cannot breathe properly."))
    second, _ = read_sound(spoken("Can I take a shower?"))
    pcm = first + bytes(2 * 3 * rate) + second
    utterance = recogniser.utterance(rate)
    told = [utterance.feed(pcm[start : start + rate // 5]) for start in range(0, len(pcm), rate // 5)]
    counts = [len(so_far.text.split()) for so_far in told]
    assert counts[0] == 0
    assert all(later >= count - 1 for count, later in pairwise(counts))
    heard = utterance.finish()
    assert heard.text.startswith("i cannot breathe properly")
    assert heard.text.endswith("shower")


def test_other_readings_are_whole_sentences_and_each_is_told_once(recogniser, spoken):
    first, rate = read_sound(spoken("Is it normal to feel tingling after dry needling?", "slt"))
    second, _ = read_sound(spoken("I cannot breathe properly."))
    heard = transcribe(recogniser, first + bytes(2 * 2 * rate) + second, rate)
    readings = [reading.words for reading in heard.readings]
    assert 2 <= len(readings) <= 5
    assert len(set(readings)) == len(readings)
    assert readings[0] == heard.text
    assert all(reading.startswith("is it normal to feel") for reading in readings)
    assert all(reading.endswith("breathe properly") for reading in readings)


def test_readings_tell_how_likely_they_are(recogniser, expecting, spoken):
    for listening in (recogniser, expecting("is my calf numb", "is my cough dry")):
        heard = transcribe(listening, *read_sound(spoken("Is my calf numb?", "slt")))
        chances = [reading.chance for reading in heard.readings]
        assert chances == sorted(chances, reverse=True)
        assert min(chances) > 0
        assert sum(chances) == pytest.approx(1)


def test_one_reading_may_do(model_dir, spoken):
    heard = transcribe(VoskRecogniser(model_dir, alternatives=0), *read_sound(spoken("I cannot breathe properly.")))
    assert heard == Transcript("i cannot breathe properly")


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(32_000)])
def test_silence_has_no_words(recogniser, pcm):
    assert transcribe(recogniser, pcm, 16_000) == Transcript("")


@pytest.mark.parametrize("loudness", [0.003, 0.03, 0.3])
def test_noise_has_no_words(recogniser, loudness):
    noise = np.random.default_rng(1).normal(0, loudness, 4 * 16_000)
    pcm = (np.clip(noise, -1, 1) * 32767).astype(np.int16).tobytes()
    assert without_noise(transcribe(recogniser, pcm, 16_000)) == Transcript("")


@pytest.mark.parametrize("words", ["", "the", "huh", "uh the", "hmm um"])
def test_what_recognisers_make_of_noise_says_nothing(words):
    assert not says_something(words)
    assert without_noise(Transcript(words, (Reading(words), Reading("hi")))) == Transcript("")


@pytest.mark.parametrize("words", ["hi", "no", "help", "the nerve", "uh is it normal"])
def test_words_among_fillers_say_something(words):
    assert says_something(words)
    heard = Transcript(words, (Reading(words), Reading("a")))
    assert without_noise(heard) == heard


def test_words_that_the_model_can_never_hear_are_found(recogniser):
    assert recogniser.unknown_words(["needling", "Physiotherapist", "myofascial", "crocin"]) == {"myofascial", "crocin"}


def test_a_missing_model_is_told_with_the_command_that_installs_it(tmp_path):
    with pytest.raises(ModelError) as caught:
        VoskRecogniser(tmp_path / "nothing")
    assert str(tmp_path / "nothing") in caught.value.what
    assert "kiosk model install" in caught.value.mend


@pytest.mark.parametrize(
    ("name", "content"),
    [
        # Over these Vosk ends the whole process.
        ("conf/model.conf", b""),
        ("graph/disambig_tid.int", b""),
        ("graph/disambig_tid.int", b"10015\n100"),
        ("ivector/splice.conf", b""),
        ("ivector/splice.conf", b"--left-context=3\n"),
        # Over these it raises, some only when the model is used.
        ("am/final.mdl", None),
        ("am/final.mdl", b"not a model"),
        ("conf/mfcc.conf", b"--nonsense"),
        ("graph/HCLr.fst", b""),
        ("graph/HCLr.fst", b"not a graph"),
        ("graph/Gr.fst", None),
        ("ivector/final.ie", None),
    ],
)
def test_a_damaged_model_is_told_instead_of_ending_the_process(linked_model, name, content):
    (linked_model / name).unlink()
    if content is not None:
        (linked_model / name).write_bytes(content)
    with pytest.raises(ModelError, match="damaged") as caught:
        VoskRecogniser(linked_model)
    assert "kiosk model install" in caught.value.mend


def test_models_of_the_older_layout_work_too(model_dir, tmp_path, spoken):
    """Small models such as the Indian English one have their files in one folder."""
    flat = tmp_path / "flat"
    flat.mkdir()
    for file in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"):
        (flat / file.split("/")[-1]).symlink_to(model_dir / file)
    (flat / "word_boundary.int").symlink_to(model_dir / "graph/phones/word_boundary.int")
    (flat / "ivector").symlink_to(model_dir / "ivector")
    heard = transcribe(VoskRecogniser(flat), *read_sound(spoken("I cannot breathe properly.")))
    assert heard.text


@pytest.fixture
def expecting(model_dir):
    """Return a recogniser that expects some questions."""

    def expecting(*questions):
        recogniser = VoskRecogniser(model_dir)
        recogniser.expect(questions)
        return recogniser

    return expecting


def best(transcript):
    """Return the likeliest reading's words."""
    return transcript.readings[0].words


def test_an_expected_question_is_heard_where_words_sound_alike(recogniser, expecting, spoken):
    pcm, rate = read_sound(spoken("Is my calf numb?", "slt"))
    assert best(transcribe(recogniser, pcm, rate)) != "is my calf numb"
    heard = transcribe(expecting("is my calf numb", "is my shoulder sore"), pcm, rate)
    assert best(heard) == heard.shown(understood=True) == "is my calf numb"


def test_what_is_expected_does_not_change_what_is_heard_without_expectation(recogniser, expecting, spoken):
    pcm, rate = read_sound(spoken("I cannot breathe properly."))
    heard = transcribe(expecting("is my calf numb"), pcm, rate)
    assert heard.text == transcribe(recogniser, pcm, rate).text
    assert heard.shown(understood=False) == heard.text


def test_words_that_are_expected_but_unknown_to_the_model_do_no_harm(expecting, spoken, capfd):
    pcm, rate = read_sound(spoken("Is my calf numb?", "slt"))
    assert best(transcribe(expecting("is my calf numb qxzzy", "qxzzy"), pcm, rate)) == "is my calf numb"
    assert capfd.readouterr().err == ""


def test_after_an_utterance_that_vosk_has_cut_at_its_end_nothing_of_it_is_left(model_dir, spoken):
    """By itself Vosk goes on with the sound, and the voice, of an utterance whose end it has noticed."""
    first, rate = read_sound(spoken("I cannot breathe properly."))
    second, _ = read_sound(spoken("Is my shoulder sore?", "slt"))

    def heard(pool):
        utterance = _Pass(pool, rate)
        utterance.feed(second)
        return utterance.readings()

    recogniser = VoskRecogniser(model_dir)
    pool = recogniser._free  # noqa: SLF001 - what it lends
    utterance = _Pass(pool, rate)
    utterance.feed(first)
    while not utterance._parts:  # noqa: SLF001 - until it was cut
        utterance.feed(bytes(rate // 10))
    utterance.readings()
    assert heard(pool)[0].words == heard(VoskRecogniser(model_dir)._free)[0].words  # noqa: SLF001


def test_a_question_that_was_called_off_gives_its_recogniser_back(expecting, spoken):
    recogniser = expecting("is my calf numb")
    sound = read_sound(spoken("Is my calf numb?", "slt"))
    cancel = threading.Event()
    made = []
    for pool in (recogniser._free, recogniser._guide):  # noqa: SLF001 - nobody else can tell
        make = pool._make
        pool._make = lambda rate, make=make: made.append(rate) or make(rate)

    class Source:
        rate = sound[1]

        def blocks(self):
            for start in range(0, len(sound[0]), 3200):
                if start > len(sound[0]) // 2:
                    until(lambda: len(made) == 2, 60)  # both hear
                    cancel.set()
                yield sound[0][start : start + 3200]

    outcome = listen(Source(), recogniser, Endpoint(), stop=threading.Event(), cancel=cancel)
    assert outcome == Cancelled()
    until(lambda: len(recogniser._free._idle) + len(recogniser._guide._idle) == 2, 60)  # noqa: SLF001
    assert best(transcribe(recogniser, *sound)) == "is my calf numb"
    assert len(made) == 2


def test_of_readings_that_sound_alike_the_one_that_is_like_the_questions_comes_first(expecting):
    guide = expecting("is my calf numb", "is my calf sore")._guide  # noqa: SLF001 - what Vosk hears is given
    guided = _Guided(guide, 16_000)
    guided._parts = [[("is my known", 20.0), ("is my calf numb", 19.0), ("[unk] numb", 10.0), ("[unk]", 9.0)]]  # noqa: SLF001
    readings = guided.readings()
    assert [reading.words for reading in readings] == ["is my calf numb", "is my known"], "numb alone is too unlikely"
    assert 0.8 < readings[0].chance < 1


def test_a_recogniser_of_all_words_hears_some_utterances_and_is_then_replaced(expecting, spoken, monkeypatch):
    recogniser = expecting("is my calf numb")
    recogniser._free._most = 2  # noqa: SLF001
    pcm, rate = read_sound(spoken("Is my calf numb?", "slt"))
    made = []
    for pool in (recogniser._free, recogniser._guide):  # noqa: SLF001 - nobody else can tell
        make = pool._make
        monkeypatch.setattr(pool, "_make", lambda rate, make=make: made.append(rate) or make(rate))
    heard = [best(transcribe(recogniser, pcm, rate)) for _ in range(4)]
    assert heard == ["is my calf numb"] * 4
    assert made == [rate] * 3, "two of all words, one that expects the question"


def test_utterance_after_utterance_is_expected(expecting, spoken):
    recogniser = expecting("is my calf numb", "is my shoulder sore")
    pcm, rate = read_sound(spoken("Is my calf numb?", "slt"))
    heard = [best(transcribe(recogniser, pcm, rate)) for _ in range(3)]
    assert heard == ["is my calf numb"] * 3


def test_two_utterances_at_once_do_not_meet(expecting, spoken):
    recogniser = expecting("is my calf numb", "is my shoulder sore")
    first, rate = read_sound(spoken("Is my calf numb?", "slt"))
    second, _ = read_sound(spoken("Is my shoulder sore?", "slt"))
    one, other = recogniser.utterance(rate), recogniser.utterance(rate)
    for start in range(0, max(len(first), len(second)), 8_000):
        one.feed(first[start : start + 8_000])
        other.feed(second[start : start + 8_000])
    assert best(one.finish()) == "is my calf numb"
    assert best(other.finish()) == "is my shoulder sore"
