"""What is made ready before anybody asks, and in which order."""

from concurrent.futures import Future
from threading import Event, Thread

import pytest

from kiosk.cli import parts
from kiosk.converse.turn import sentences
from kiosk.hear.microphone import Watch
from kiosk.settings import ListeningSettings
from kiosk.terms import DeviceError, ModelError


class Plugged:
    """A microphone that is there, as far as it is asked."""

    def __init__(self, *, there: bool = True) -> None:
        self.present = self._there = there
        self.watch = Watch()
        self.closed = False

    def open(self) -> None:
        if not self._there:
            raise DeviceError("There is no microphone.")

    def close(self) -> None:
        self.closed = True


class Knows:
    """A recogniser that knows a few words."""

    def expect(self, questions) -> None:
        self.expected = questions

    def unknown_words(self, words):
        return set(words) - {"hello", "clinic"}


@pytest.fixture
def model():
    return Future()


@pytest.fixture
def ears(model, understander):
    def ears(**microphone):
        return parts.MicrophoneEars(Plugged(**microphone), model, ListeningSettings(), understander)

    return ears


def test_a_kiosk_whose_model_is_still_being_loaded_cannot_hear_yet_and_keeps_nobody_waiting(ears, model):
    hears = ears()
    assert not hears.present
    with pytest.raises(ModelError, match="still being loaded"):
        hears.listen(Event(), Event(), lambda _words, _level: None)
    model.set_result(Knows())
    assert hears.present
    hears.open()


def test_a_model_that_cannot_be_loaded_is_told_again_and_again_with_an_error_of_its_own(ears, model):
    hears = ears()
    model.set_exception(ModelError("The file is damaged.", "Install it."))
    told = []
    for _ in range(2):
        with pytest.raises(ModelError, match="damaged") as error:
            hears.listen(Event(), Event(), lambda _words, _level: None)
        told.append(error.value)
    assert told[0] is not told[1]
    assert not hears.present
    with pytest.raises(ModelError):
        hears.open()
    assert hears._microphone.closed  # noqa: SLF001 - a microphone for nothing would light its lamp


def test_a_failure_nobody_foresaw_while_the_model_is_loaded_is_told_in_plain_words(ears, model):
    model.set_exception(OSError("secret words"))
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        ears().open()
    assert "secret" not in str(error.value)


def test_a_microphone_that_is_not_there_yet_may_come(ears, model):
    model.set_result(Knows())
    with pytest.raises(DeviceError):
        ears(there=False).open()


@pytest.mark.parametrize("outcome", ["none yet", "damaged", "knows no such word"])
def test_the_wake_phrase_is_waited_for_without_a_sound_and_without_end_until_it_is_cancelled(ears, model, outcome):
    if outcome == "damaged":
        model.set_exception(ModelError("The file is damaged."))
    elif outcome == "knows no such word":
        model.set_result(Knows())
    waker = parts.PhraseWaker(ears(), "Hello zyzzyva")
    cancel, woken = Event(), []
    thread = Thread(target=lambda: woken.append(waker.wait(cancel)))
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    cancel.set()
    thread.join(5)
    assert woken == [False]


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
