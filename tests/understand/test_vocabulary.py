"""Concepts are found in whatever words patients use for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.terms import Concept
from kiosk.understand.normalise import words
from kiosk.understand.vocabulary import Found, Vocabulary, patterns

CONCEPTS = (
    Concept("numb", ("numb", "gone to sleep", "can't feel", "dead")),
    Concept("leg", ("leg", "calf", "thigh")),
    Concept("swelling", ("swelling", "swollen")),
    Concept("cannot_move", ("can't ... move", "won't move")),
    Concept("needle", ("needle",)),
    Concept("tingling", ("tingling", "pins and needles")),
)

WORDS = ["can", "not", "feel", "move", "my", "leg", "gone", "to", "sleep", "pins", "and", "needles", "number", "xyzzy"]


@pytest.fixture
def vocabulary():
    return Vocabulary(patterns(CONCEPTS))


def concepts(vocabulary, said):
    return [found.concept for found in vocabulary.find(words(said))]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("my leg is numb", ["leg", "numb"]),
        ("my calf has gone to sleep", ["leg", "numb"]),
        ("i can't feel my thigh", ["numb", "leg"]),
        ("pins and needles", ["tingling", "needle"]),
        ("good morning", []),
        ("", []),
    ],
)
def test_expressions_of_one_or_more_words(vocabulary, said, found):
    assert concepts(vocabulary, said) == found


def test_tells_the_words_it_was_found_in(vocabulary):
    assert vocabulary.find(words("my calf has gone to sleep")) == [
        Found("leg", "calf", range(1, 2)),
        Found("numb", "gone to sleep", range(3, 6)),
    ]


@pytest.mark.parametrize("said", ["needle", "needles", "needling"])
def test_forms_of_a_word_are_one(vocabulary, said):
    assert concepts(vocabulary, said) == ["needle"]


@pytest.mark.parametrize(
    "said", ["can't move", "can't even move", "can't really lift or move", "cannot move", "can not move"]
)
def test_dots_let_other_words_stand_between(vocabulary, said):
    assert concepts(vocabulary, said) == ["cannot_move"]


def test_dots_stand_for_a_few_words_only(vocabulary):
    assert concepts(vocabulary, "can't find out when they will move") == []


@pytest.mark.parametrize("said", ["swolen", "swollin", "needlles"])
def test_a_slip_of_the_pen_is_forgiven(vocabulary, said):
    assert concepts(vocabulary, said)


@pytest.mark.parametrize("said", ["lag", "dad", "plumb", "swimming", "welding"])
def test_another_word_is_not(vocabulary, said):
    assert not concepts(vocabulary, said)


def test_a_word_of_the_sample_questions_is_no_slip():
    assert Vocabulary(patterns(CONCEPTS), frozenset({"dwell"})).stems_of(["dwelling"]) == ["dwell"]


def test_words_apart_are_not_an_expression(vocabulary):
    assert concepts(vocabulary, "gone out to go and sleep") == []


def test_an_empty_vocabulary_finds_nothing():
    assert Vocabulary(()).find(["numb"]) == []


def test_an_expression_without_letters_is_never_found():
    assert Vocabulary(patterns((Concept("odd", ("...", "!?", "")),))).find(["numb", "leg"]) == []


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_what_is_found_was_said(said):
    text = f" {' '.join(said)} "
    found = Vocabulary(patterns(CONCEPTS)).find(said)
    assert all(f" {each.words} " in text for each in found)
    assert len(found) == len(set(found))
