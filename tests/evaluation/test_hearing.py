"""Who asks what where follows from the question; what was heard once is not heard again."""

from collections import Counter

import numpy as np
import pytest

from evaluation.hearing import WAY, Asking, Ears, askings, hear
from evaluation.questions import Question, read
from evaluation.rooms import NOISY, QUIET
from evaluation.voices import VOICES, Voice
from kiosk.terms import KioskError

QUESTION = Question("q-1", "is dry needling safe", frozenset({"safety"}))


@pytest.fixture
def cache(tmp_path):
    """With a babble in it, so that none need be made."""
    np.save(tmp_path / f"babble-{WAY}.npy", np.random.default_rng(0).standard_normal(16_000).astype(np.float32))
    return tmp_path


def test_the_same_question_is_always_asked_the_same_way():
    assert askings(read()) == askings(read())
    first, *_ = askings([QUESTION])
    assert first == next(each for each in askings([*read(), QUESTION]) if each.question == QUESTION)


def test_every_question_is_asked_in_quiet_and_some_in_every_noise():
    rooms = Counter(asking.room for asking in askings(read()))
    assert rooms[QUIET] == len(read())
    assert len({rooms[room] for room in NOISY}) == 1
    assert 0.05 < rooms[NOISY[0]] / rooms[QUIET] < 0.25


def test_every_voice_asks_and_the_hard_ones_seldom():
    voices = Counter(asking.voice for asking in askings(read()) if asking.room == QUIET)
    assert voices.keys() == set(VOICES)
    assert sum(count for voice, count in voices.items() if voice.hard) < 0.25 * voices.total()


@pytest.mark.speech
def test_what_was_heard_is_kept_even_if_a_run_was_stopped(cache, model_dir, monkeypatch):
    (cache / "heard.jsonl").write_text('{"key": "abc", "rea')
    asked = [Asking(QUESTION, VOICES[0], 1.0, room) for room in (QUIET, NOISY[0])]
    first = hear(asked, Ears(model_dir), cache, workers=1)
    assert first[0].transcript.text.endswith("dry needling safe")
    assert all(each.transcript.heard for each in first)
    monkeypatch.setenv("PATH", "")  # nothing can speak any more
    assert hear(asked, Ears(model_dir), cache, workers=1) == first


@pytest.mark.speech
def test_a_voice_that_is_missing_is_told(cache, model_dir, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(KioskError, match="cannot speak") as caught:
        hear([Asking(QUESTION, Voice("flite", "slt"), 1.0, QUIET)], Ears(model_dir), cache, workers=1)
    assert "apt-get install flite" in caught.value.mend
