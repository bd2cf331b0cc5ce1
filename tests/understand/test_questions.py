"""The measuring questions are sound, and nothing is learned from them."""

from collections import Counter

from evaluation import questions
from kiosk.understand.normalise import words


def test_no_measuring_question_is_a_sample_question(phrasebook):
    samples = {tuple(words(text)) for text in phrasebook.questions}
    both = [question.id for question in questions.read() if tuple(words(question.text)) in samples]
    assert not both, "take these out of tests/questions, they measure nothing any more"


def test_every_topic_is_an_intent(phrasebook):
    for question in questions.read():
        assert question.topics == {questions.NONE} or question.topics <= phrasebook.intents.keys(), question.id
        assert question.also_ok <= phrasebook.intents.keys(), question.id
        assert not question.topics & question.also_ok, question.id


def test_every_intent_is_asked_for(phrasebook):
    asked = {topic for question in questions.read() for topic in question.topics}
    assert asked == {*phrasebook.intents, questions.NONE}


def test_ids_and_questions_stand_once():
    ids = Counter(question.id for question in questions.read())
    texts = Counter(tuple(words(question.text)) for question in questions.read())
    assert max(ids.values()) == 1, ids.most_common(1)
    assert max(texts.values()) == 1, texts.most_common(1)
