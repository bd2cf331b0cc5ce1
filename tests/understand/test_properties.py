"""Whatever is said, in whatever signs and however long, is understood within bounds and without an error."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evaluation import questions
from kiosk.converse.conversation import Memory, reply
from kiosk.terms import Answer, Match, Transcript, Unclear, Unknown
from kiosk.understand import ALONE_LOSES, MOST_READINGS
from kiosk.understand.decide import AGAINST_ALARM, HEARD, URGENT_BELOW_BEST, alarm
from kiosk.understand.normalise import words
from kiosk.understand.weights import NONE
from tests.readings import as_likely

WORDS = sorted({word for question in questions.read() for word in question.text.split()})
SPOKEN = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
ANYTHING = st.one_of(st.text(max_size=300), SPOKEN)
URGENT = sorted(
    question.text
    for question in questions.read()
    if question.topics & {"persistent_numbness", "worsening_pain", "loss_of_control", "infection_signs", "emergency"}
)
"""Questions that carry a warning sign."""


# Fixtures that hypothesis can print in a line, when it tells a counterexample.
@pytest.fixture(scope="session")
def understand(understander):
    return lambda *texts, heard=False: understander.understand(Transcript(texts[0], as_likely(*texts), heard=heard))


@pytest.fixture(scope="session")
def is_urgent(understander):
    """Whether readings are understood as a warning sign."""

    def is_urgent(*texts):
        understanding = understander.understand(Transcript(texts[0], as_likely(*texts), heard=True))
        intents = understander.phrasebook.intents
        return isinstance(understanding, Match) and intents[understanding.candidates[0].intent].urgent

    return is_urgent


@pytest.fixture(scope="session")
def answer_to(understander):
    return lambda text, memory: reply(Transcript(text), memory, understander)


@pytest.fixture(scope="session")
def intents(phrasebook):
    """Whether each intent is urgent, by id."""
    return {name: intent.urgent for name, intent in phrasebook.intents.items()}


def assert_within_bounds(understanding, intents):
    match understanding:
        case Match(candidates, others):
            assert 1 <= len(candidates) <= 2
        case Unclear(candidates):
            others = ()
            assert 2 <= len(candidates) <= 3
            assert not any(intents[each.intent] for each in candidates)
        case Unknown(others):
            candidates = ()
    named = [each.intent for each in (*candidates, *others)]
    assert set(named) <= intents.keys()
    assert len(named) == len(set(named))
    assert all(0 <= each.score <= 100 for each in (*candidates, *others))
    urgent = [intents[each.intent] for each in candidates]
    assert urgent == sorted(urgent, reverse=True)


@settings(max_examples=300, deadline=None)
@given(text=ANYTHING, others=st.lists(ANYTHING, max_size=5))
@example(text="", others=[])
@example(text="1BU0CHOKING0ACH0DAFT38:0AY", others=[])
@example(text="", others=["i can't breathe"])
@example(text="\0", others=["\x1b[31m", "\u202e", "\ud800"])
@example(text="क्या यह सुरक्षित है", others=["શું આ સલામત છે"])
@example(text="🦵⚡ ﷽ ½ ² ① ǆ ß", others=[])
@example(text="'" * 500, others=["''s n't 's"])
@example(text="9" * 3000, others=["0", "-1", "1e9", "०१२"])
@example(text="numb " * 10_000, others=[])
@example(text="a" * 100_000, others=[])
@example(text=" ".join(WORDS * 9)[:60_000], others=[])
def test_anything_is_understood_within_bounds(understand, intents, text, others):
    for heard in (False, True):
        assert_within_bounds(understand(text, *others, heard=heard), intents)


@settings(max_examples=100, deadline=None)
@given(said=st.lists(ANYTHING, min_size=1, max_size=6))
def test_any_conversation_is_answered(answer_to, intents, said):
    memory = Memory()
    for text in said:
        answer, memory = answer_to(text, memory)
        assert isinstance(answer, Answer)
        assert answer.text
        assert set(answer.intents) <= intents.keys()
        assert 0 <= answer.score <= 100
        assert (answer.outcome == "unknown") == (not answer.intents)


@settings(max_examples=100, deadline=None)
@given(text=SPOKEN)
def test_the_same_is_understood_every_time(understand, text):
    assert understand(text) == understand(text)


@settings(max_examples=100, deadline=None)
@given(text=SPOKEN, space=st.sampled_from([" ", "\t", "\n", "\u00a0", "  "]))
def test_white_space_says_nothing(understand, text, space):
    assert understand(space + space.join(text.split()) + space) == understand(text)


# --- the recogniser's n-best list ---
@st.composite
def readings_of_a_warning_sign(draw):
    """Return an urgent question, and readings in any order: itself, and others that differ from it by a word."""
    text = draw(st.sampled_from(URGENT))
    spoken, readings = text.split(), [text]
    for _ in range(draw(st.integers(1, MOST_READINGS - 1))):
        place = draw(st.integers(0, len(spoken) - 1))
        other = draw(st.sampled_from(["", *WORDS]))
        readings.append(" ".join((*spoken[:place], *other.split(), *spoken[place + 1 :])))
    return text, draw(st.permutations(readings))


@settings(max_examples=150, deadline=None)
@given(drawn=readings_of_a_warning_sign())
def test_a_clear_warning_sign_is_found_in_whatever_reading(understander, is_urgent, drawn):
    text, order = drawn
    assume(clear(understander, text, order))
    assert is_urgent(*order)


def clear(understander, text, texts):
    """Whether the warning sign in `text` bears what the last of the readings loses, and no reading is a sample."""
    each = {reading: understander.scores(words(reading), understander.learned.heard) for reading in texts}
    harmless = {name for name, intent in understander.phrasebook.intents.items() if not intent.urgent}
    alarmed = max(alarm(each[text][name], each[text][NONE]) for name in each[text].keys() - harmless - {NONE})
    left = alarmed - ALONE_LOSES
    likeliest = max(scores[name] for scores in each.values() for name in harmless)
    least = AGAINST_ALARM * min(scores[NONE] for scores in each.values()) + left
    known = any(understander.knows(reading) for reading in texts)
    return not known and left > HEARD.alarm and least > likeliest - URGENT_BELOW_BEST


@pytest.mark.parametrize("place", range(MOST_READINGS))
@pytest.mark.parametrize(
    ("urgent", "likelier"),
    [
        ("i have chest pain", "i have just paint"),
        ("i can't breathe", "i can breathe"),
        ("my hand has been numb for three days", "my hand has been known for three days"),
        ("there is pus coming out", "there is us coming out"),
        ("the pain is getting worse", "the pen is getting words"),
        ("i cannot lift my foot", "i cannot leave my food"),
        ("he has fainted", "he has painted"),
    ],
)
def test_a_warning_sign_is_found_in_every_reading(is_urgent, urgent, likelier, place):
    readings = [f"{likelier} {word}" for word in "now there then two and so well".split()]
    readings.insert(place, urgent)
    assert is_urgent(*readings)


def test_more_readings_than_are_considered_do_no_harm(understand, intents):
    assert_within_bounds(understand(*(f"reading {number}" for number in range(100)), heard=True), intents)
