"""A word that the speech model does not know gets a respelling that sounds like it and can be heard."""

import pytest

from kiosk.transcribe.lexicon import lexicon
from kiosk.transcribe.respell import respellings, sounds
from kiosk.understand.normalise import words

GOOD = {
    "bedsore": "bed sore",
    "breadstick": "bread stick",
    "deadness": "dead ness",
    "gandhinagar": "gandhi nagar",
    "myofascial": "myo facial",
    "officemate": "office mate",
    "paining": "pain ing",
    "pincushion": "pin cushion",
    "prickle": "prickly",
    "prickling": "prick ling",
    "swole": "sole",
}


@pytest.mark.parametrize(
    ("one", "other"),
    [("knee", "nee"), ("phone", "fone"), ("thoda", "toda"), ("quick", "kwik"), ("cell", "sell")],
)
def test_what_sounds_the_same_is_the_same(one, other):
    assert sounds(one) == sounds(other)


def test_a_known_word_that_patients_use_is_likelier_than_one_that_nobody_does():
    assert respellings(["painin"], ["pain", "paining"], ["paynen"]) == {"painin": "paining"}


def test_two_words_may_sound_like_one():
    assert respellings(["pincushion"], ["pin", "cushion", "question"], []) == {"pincushion": "pin cushion"}


def test_no_suggestion_is_better_than_a_bad_one():
    assert respellings(["zzz"], ["tingling"], ["soreness"]) == {}


@pytest.mark.speech
def test_words_of_the_sample_questions_get_what_a_person_would_suggest(phrasebook, model_dir):
    known = lexicon(model_dir)
    said = {word for example in phrasebook.examples if example.intents for word in words(example.text)}
    found = respellings([*GOOD, "zzz"], sorted(said & set(known)), known)
    assert found == GOOD
