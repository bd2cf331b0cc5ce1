"""Hands-free through the virtual microphone: the phrase and the question after it, and talk that is neither."""

from __future__ import annotations

import queue

import numpy as np
import pytest
import soundfile

from kiosk.cli.parts import MicrophoneEars, PhraseWaker
from kiosk.converse.session import Session
from kiosk.converse.turn import Phase
from kiosk.hear.microphone import Microphone
from kiosk.settings import ListeningSettings
from tests.sound.conftest import loaded

pytestmark = [pytest.mark.sound, pytest.mark.speech]

PATIENT = 60.0
QUESTION = "I feel sore after the dry needling. Is that normal?"


class Shown:
    """The states of a session, one after the other."""

    def __init__(self, session) -> None:
        self._states = queue.SimpleQueue()
        session.show(self._states.put)

    def until(self, phase):
        """Return the next state of that phase; fails if none comes."""
        while (state := self._states.get(timeout=PATIENT)).phase is not phase:
            pass
        return state

    @property
    def resting(self) -> bool:
        """Whether nobody was listened to since the last look."""
        since = [self._states.get() for _ in range(self._states.qsize())]
        return all(state.phase is Phase.IDLE for state in since)


def after_quiet(path, folder):
    """The same sound after a second in which nobody says anything."""
    samples, rate = soundfile.read(path, dtype="int16")
    soundfile.write(folder / "later.wav", np.concatenate((np.zeros(rate, np.int16), samples)), rate)
    return folder / "later.wav"


@pytest.fixture
def shown(sound_card, recogniser, understander):  # noqa: ARG001 - the microphone is the card's
    with Microphone() as microphone:
        ears = MicrophoneEars(microphone, loaded(recogniser), ListeningSettings(), understander)
        with Session(understander, ears, None, PhraseWaker(ears, "Hello clinic")) as session:
            yield Shown(session)


def test_the_phrase_wakes_and_other_talk_does_not_and_the_question_after_it_is_answered(
    shown, sound_card, spoken, tmp_path
):
    sound_card.say(spoken("Hello, is this the clinic on the corner?"))
    sound_card.say(spoken("The clinic opens at nine in the morning."))
    assert shown.resting
    sound_card.say(after_quiet(spoken("Hello clinic."), tmp_path))
    shown.until(Phase.LISTENING)
    sound_card.say(spoken(QUESTION))
    answered = shown.until(Phase.ANSWERED)
    assert "soreness" in answered.answer.intents


def test_a_question_in_the_same_breath_as_the_phrase_is_answered_whole(shown, sound_card, spoken):
    sound_card.say(spoken(f"Hello clinic. {QUESTION}"))
    answered = shown.until(Phase.ANSWERED)
    assert "soreness" in answered.answer.intents
    assert "sore" in answered.words.split()
    assert "clinic" not in answered.words.split()
