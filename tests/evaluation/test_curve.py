"""Made-up sample questions are as many as asked for, the same each time, and keep their intents."""

from evaluation.curve import made_up
from kiosk.terms import Example, Phrasebook

PHRASEBOOK = Phrasebook(
    clinic={},
    groups=(),
    intents={},
    replies={},
    examples=(
        Example("my leg is numb", ("numb",)),
        Example("the arm feels dead", ("numb",)),
        Example("who won the match", ()),
    ),
)


def test_there_are_as_many_as_asked_for():
    assert len(made_up(PHRASEBOOK, 500).examples) == 500


def test_they_are_the_same_each_time():
    assert made_up(PHRASEBOOK, 50) == made_up(PHRASEBOOK, 50)


def test_words_come_from_questions_of_the_same_intent():
    numb = {word for example in PHRASEBOOK.examples[:2] for word in example.text.split()}
    for example in made_up(PHRASEBOOK, 200).examples:
        assert example.intents in {("numb",), ()}
        assert set(example.text.split()) <= (numb if example.intents else set("who won the match".split()))


def test_another_number_is_kept_apart():
    assert made_up(PHRASEBOOK, 5).fingerprint != made_up(PHRASEBOOK, 50).fingerprint
