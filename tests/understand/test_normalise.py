"""Words in one form: what patients mean alike becomes the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.understand.normalise import LONGEST, stem, words


@pytest.mark.parametrize(
    ("said", "normal"),
    [
        ("My ARM is Numb!", "my arm is numb"),
        ("  my\tarm\nis numb. ", "my arm is numb"),
        ("my arm\u2019s numb", "my arm is numb"),
        ("mý ärm is nùmb", "my arm is numb"),
        ("my-arm is (numb)", "my arm is numb"),
    ],
)
def test_case_signs_and_accents_go(said, normal):
    assert " ".join(words(said)) == normal


@pytest.mark.parametrize(
    ("said", "normal"),
    [
        ("i can't move", "i can not move"),
        ("i cannot move", "i can not move"),
        ("i cant move", "i can not move"),
        ("it won't move", "it will not move"),
        ("it doesn't move", "it does not move"),
        ("i'm numb", "i am numb"),
        ("they've gone", "they have gone"),
        ("it'll pass", "it will pass"),
        ("what's this", "what is this"),
        ("i'm gonna faint", "i am going to faint"),
    ],
)
def test_contractions_are_opened(said, normal):
    assert " ".join(words(said)) == normal


def test_a_possessive_is_not_an_is():
    assert words("my mother's arm") == ["my", "mother", "arm"]


@pytest.mark.parametrize(
    ("said", "normal"),
    [
        ("24 hours", "twenty four hours"),
        ("2 days", "two days"),
        ("0 pain", "zero pain"),
        ("13 times", "thirteen times"),
        ("100 needles", "one hundred needles"),
        ("48 hours", "forty eight hours"),
    ],
)
def test_digits_become_words(said, normal):
    assert " ".join(words(said)) == normal


@pytest.mark.parametrize(
    "said",
    [
        "um my arm is numb", "please my arm is numb", "my arm is uh numb", "sir my arm is numb", "my arm is numb na",
        "excuse me my arm is numb", "so basically my arm is numb you know", "well actually my arm is numb",
    ],
)  # fmt: skip
def test_fillers_and_politeness_go(said):
    assert words(said) == ["my", "arm", "is", "numb"]


@pytest.mark.parametrize("said", ["okay", "sorry", "please", "um", "hmm huh"])
def test_fillers_alone_stay(said):
    assert words(said) == said.split()


@pytest.mark.parametrize("question", ["what can i ask you", "what can you tell me", "what do you know"])
def test_a_question_to_the_kiosk_is_not_taken_for_politeness(question):
    assert len(words(question)) > 1


@pytest.mark.parametrize("said", ["", " ", "...", "\0\x1f", "????", "🦵"])
def test_nothing_said_is_no_words(said):
    assert words(said) == []


@given(st.text())
def test_any_text_becomes_plain_words(text):
    assert all(word.isascii() and word.replace("'", "").isalpha() and word == word.lower() for word in words(text))


@given(
    st.lists(
        st.sampled_from(["i", "it", "is", "my", "arm", "can't", "won't", "24", "numb", "um", "please"]), max_size=12
    )
)
def test_normal_words_stay_as_they_are(said):
    once = words(" ".join(said))
    assert words(" ".join(once)) == once


def test_only_the_beginning_of_a_long_text_is_read():
    assert len(words("numb " * LONGEST)) == LONGEST // len("numb ")


@pytest.mark.parametrize("group", [("needle", "needles", "needling"), ("twitch", "twitched", "twitching", "twitches")])
def test_forms_of_a_word_have_one_stem(group):
    assert len({stem(word) for word in group}) == 1


@pytest.mark.parametrize("pair", [("nerve", "never"), ("muscle", "must"), ("heat", "heart"), ("ice", "eye")])
def test_different_words_have_different_stems(pair):
    assert stem(pair[0]) != stem(pair[1])
