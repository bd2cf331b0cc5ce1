"""Which questions sound finished, and so end after a shorter silence."""

import pytest

from kiosk.hear.endpoint import Endpoint, State
from kiosk.learning.learn import learned_endings
from kiosk.terms import Reading, Transcript
from kiosk.understand.ending import Endings, patience

BLOCK = 0.0625


@pytest.fixture(scope="module")
def endings(understander):
    return understander.learned.endings


@pytest.fixture(scope="module")
def patient(understander, endings):
    return patience(endings, understander.knows, 0.4)


def never(_words):
    return False


def heard(words, guided=""):
    return Transcript(words, tuple(Reading(each) for each in (guided, words) if each), heard=True)


@pytest.mark.parametrize(
    ("finished", "unfinished"),
    [
        ("is tingling normal", "is tingling"),
        ("my leg is still numb", "my leg is"),
        ("can i put ice on it", "can i put ice on"),
        ("what is dry needling", "what is dry"),
        ("how long will the soreness last after the treatment", "how long will the soreness last after the"),
        ("should i drink more water after the session", "should i drink more water after the"),
    ],
)
def test_a_whole_question_sounds_more_finished_than_its_beginning(endings, finished, unfinished):
    assert endings.score(finished) > endings.score(unfinished)


@pytest.mark.parametrize("last", "my is the after and because i a of to um".split())
def test_a_word_that_leaves_a_question_open_is_waited_for(patient, last):
    assert patient(heard(f"can i put ice on my knee {last}")) is None


def test_what_sounds_finished_needs_a_shorter_silence(endings):
    assert patience(endings, never, 0.4)(heard("should i drink more water after the session")) == 0.4


def test_a_sample_question_is_finished_word_for_word_however_it_ends(endings):
    assert patience(endings, never, 0.4)(heard("is tingling normal")) is None
    assert patience(endings, {"is tingling normal"}.__contains__, 0.4)(heard("is tingling normal")) == 0.4
    assert patience(endings, {"my leg"}.__contains__, 0.4)(heard("my leg")) is None, "it begins too many others"


def test_it_is_enough_that_one_recogniser_heard_a_whole_question_and_neither_a_hesitation(endings):
    finished = patience(endings, never, 0.4)
    assert finished(heard("should i drink more water after the", "should i drink more water after the session")) == 0.4
    assert finished(heard("should i drink more water after the session um", "should i drink more water")) is None


@pytest.mark.parametrize("words", ["", "   ", "'", "zyx", "?!"])
def test_nothing_and_the_unknown_are_never_finished(patient, words):
    assert patient(heard(words)) is None


def test_without_anything_learned_nothing_is_finished():
    assert patience(Endings(), never, 0.4)(heard("is tingling normal")) is None


def test_the_clinics_own_questions_teach_it(phrasebook):
    assert learned_endings(phrasebook).score("can i put ice on it") > 0


@pytest.mark.parametrize(
    ("words", "seconds"), [("should i drink more water after the session", 0.4), ("should i drink", 1.5)]
)
def test_an_utterance_ends_by_what_was_said(patient, words, seconds):
    endpoint = Endpoint(silence=1.5)
    for number in range(16):
        endpoint.feed((-25.0, -38.0, -20.0)[number % 3], BLOCK, words)
    waited = 0.0
    while not endpoint.state.over:
        endpoint.feed(-60.0, BLOCK, words, silence=patient(heard(words)))
        waited += BLOCK
    assert endpoint.state is State.ENDED
    assert waited == pytest.approx(seconds, abs=BLOCK)
