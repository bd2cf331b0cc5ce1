"""How likely word after word is among some questions."""

import math
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.transcribe.trigrams import DISCOUNT, UNSEEN, Trigrams

SAID = ["is my calf numb", "is my calf sore", "my calf is numb today", "can i put ice on it", "can i put it on ice"]
SPLIT = [question.split() for question in SAID]
WORDS = sorted({word for words in SPLIT for word in words})


@pytest.fixture(scope="module")
def trigrams():
    return Trigrams(SPLIT)


@pytest.mark.parametrize(
    ("likelier", "than"),
    [
        ("is my calf numb", "is my calf ice"),
        ("can i put ice on it", "can i put ice it on"),
        ("is my calf numb today", "today my calf is numb is"),
        ("my calf is numb", "my calf is gnome"),
        ("is my calf sore", "is my calf sore is my calf sore"),
    ],
)
def test_what_is_like_the_questions_is_likelier(trigrams, likelier, than):
    assert trigrams.log_probability(likelier.split()) > trigrams.log_probability(than.split())


class Plain:
    """The same by the book, a word at a time."""

    def __init__(self, questions):
        self._words = {word for words in questions for word in words}
        counts = Counter(
            tuple(padded[at - 2 : at + 1])
            for words in questions
            for padded in [["<", "<", *words, ">"]]
            for at in range(2, len(padded))
        )
        self._counts = [counts]
        for _ in range(2):
            self._counts.append(Counter(sequence[1:] for sequence in self._counts[-1]))

    def log_probability(self, words):
        padded = ["<", "<", *(word if word in self._words else "?" for word in words), ">"]
        return sum(math.log(self._probability(tuple(padded[at - 2 : at + 1]))) for at in range(2, len(padded)))

    def _probability(self, sequence):
        if not sequence:
            return 1 / (len(self._words) + 3 + UNSEEN)
        counts = self._counts[3 - len(sequence)]
        alike = [count for other, count in counts.items() if other[:-1] == sequence[:-1]]
        lower = self._probability(sequence[1:])
        if not alike:
            return lower
        return (max(counts[sequence] - DISCOUNT, 0) + DISCOUNT * len(alike) * lower) / sum(alike)


@settings(deadline=None)
@given(
    questions=st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=8),
    said=st.lists(st.sampled_from([*WORDS, "gnome"]), max_size=8),
)
@example(questions=[], said=[])
@example(questions=[[]], said=["numb"])
@example(questions=SPLIT, said=SPLIT[0])
def test_it_is_interpolated_kneser_ney(questions, said):
    wanted = Plain(questions).log_probability(said)
    assert Trigrams(questions).log_probability(said) == pytest.approx(wanted, abs=1e-4)
