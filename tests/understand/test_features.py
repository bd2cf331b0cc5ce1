"""An utterance as named features: what the weights are learned over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.terms import Concept
from kiosk.understand.features import BLOCKS, extract
from kiosk.understand.normalise import words
from kiosk.understand.vocabulary import Vocabulary, patterns

VOCABULARY = Vocabulary(patterns((Concept("numb", ("numb", "gone to sleep")), Concept("leg", ("leg",)))))
COUNTS = {"my": 90, "leg": 20, "is": 80, "numb": 30, "ankl": 1}


def features(said, counts=COUNTS, own=0):
    tokens = words(said)
    return extract(tokens, VOCABULARY.stems_of(tokens), VOCABULARY.find(tokens), counts, own)


@pytest.mark.parametrize("said", ["my leg is numb", "xyzzy", ""])
def test_every_kind_of_feature_is_there(said):
    assert features(said).keys() == BLOCKS.keys()


def test_words_and_neighbours():
    found = features("my leg is numb")["word"]
    assert {"leg", "numb", "my leg", "is numb"} <= found
    assert "my numb" not in found


def test_what_begins_and_ends_an_utterance_is_told_apart():
    assert features("leg numb")["word"] != features("numb leg")["word"]


def test_runs_of_letters_forgive_endings():
    one, other = features("tingling")["letter"], features("tingle")["letter"]
    assert len(one & other) >= 3
    assert not features("a")["letter"] & one


def test_runs_of_letters_do_not_cross_words():
    assert not any(" " in run for run in features("my leg is numb")["letter"])


def test_concepts_are_features():
    assert {"numb", "leg"} <= features("my leg has gone to sleep")["concept"]


@pytest.mark.parametrize(
    ("said", "time"), [("numb for two days", "beyond_a_day"), ("numb for an hour", "within_a_day"), ("numb", None)]
)
def test_time_is_a_feature(said, time):
    assert features(said)["concept"] & {"beyond_a_day", "within_a_day"} == ({time} if time else set())


def test_new_words_are_noticed():
    assert features("my leg is numb")["novelty"] != features("my flux capacitor is broken")["novelty"]


def test_a_sample_question_does_not_know_itself():
    assert features("ankle", own=1)["novelty"] != features("ankle")["novelty"]
    assert features("ankle", own=1)["novelty"] == features("xyzzy")["novelty"]


@given(st.text(alphabet="abc numbleg'", max_size=60))
def test_the_same_words_give_the_same_features(said):
    assert features(said) == features(said.upper())
