"""What is made ready before anybody asks, and in which order."""

from kiosk.cli import parts
from kiosk.converse.turn import sentences


def test_every_sentence_of_every_answer_is_prepared_once(phrasebook):
    texts = [*phrasebook.replies.values(), *(intent.answer for intent in phrasebook.intents.values())]
    prepared = parts.spoken(phrasebook)
    assert set(prepared) == {sentence for text in texts for sentence in sentences(text)}
    assert len(prepared) == len(set(prepared))


def test_warnings_come_before_all_others_and_first_sentences_before_second_ones(phrasebook):
    prepared = parts.spoken(phrasebook)
    answers = [sentences(intent.answer) for intent in phrasebook.intents.values() if not intent.urgent]
    urgent = {each for intent in phrasebook.intents.values() if intent.urgent for each in sentences(intent.answer)}
    firsts = {said[0] for said in answers} - urgent
    seconds = {each for said in answers for each in said[1:]} - urgent - firsts
    seconds -= {sentences(reply)[0] for reply in phrasebook.replies.values()}
    places = {sentence: place for place, sentence in enumerate(prepared)}
    assert max(places[each] for each in urgent) < min(places[each] for each in firsts)
    assert max(places[each] for each in firsts) < min(places[each] for each in seconds)
