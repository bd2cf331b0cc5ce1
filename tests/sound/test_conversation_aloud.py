"""A conversation on real parts: a voice into the virtual microphone, the answer out of the virtual loudspeaker."""

import argparse
import threading
from contextlib import ExitStack

import numpy as np
import pytest
import soundfile

from kiosk.cli import parts
from kiosk.converse.session import Session
from kiosk.converse.turn import Asking, Phase, Released
from kiosk.hear.microphone import Microphone
from kiosk.settings import Settings
from kiosk.speak.loudspeaker import Loudspeaker
from kiosk.speak.voice import Pyttsx3Voice
from kiosk.transcribe.recogniser import transcribe
from tests.sound.conftest import RATE, loaded

pytestmark = [pytest.mark.sound, pytest.mark.speech]

PATIENCE = 60.0


class Conversation:
    """One patient's turn at a time."""

    def __init__(self, session: Session, sound_card) -> None:
        self._session, self._sound_card = session, sound_card
        self._states = []
        self._changed = threading.Condition()
        session.show(self._note)

    def ask(self, path):
        """Play a sound into the microphone; return the last state and the samples that were spoken."""
        self._states.clear()
        with self._sound_card.recording() as recording:
            self._session.post(Asking())
            self._wait(lambda state: state.phase is Phase.LISTENING)
            self._sound_card.say(path)
            self._session.post(Released())
            state = self._wait(lambda state: state.phase is Phase.ANSWERED or state.notice)
            recording.wait_for(0.3)
        return state, bytes(recording.pcm)

    def _note(self, state) -> None:
        with self._changed:
            self._states.append(state)
            self._changed.notify_all()

    def _wait(self, wanted):
        with self._changed:
            assert self._changed.wait_for(lambda: any(wanted(state) for state in self._states), PATIENCE)
            return next(state for state in reversed(self._states) if wanted(state))


@pytest.fixture(scope="module")
def conversation(sound_card, recogniser, understander, kiosk_cache):
    with ExitStack() as stack:
        ears = parts.MicrophoneEars(
            stack.enter_context(Microphone()), loaded(recogniser), Settings().listening, understander
        )
        voice = stack.enter_context(Pyttsx3Voice(cache_dir=kiosk_cache / "voice"))
        session = stack.enter_context(Session(understander, ears, parts.LoudspeakerMouth(voice, Loudspeaker())))
        yield Conversation(session, sound_card)


@pytest.mark.parametrize(
    "case",
    [
        (
            "is tingling normal after the needle",
            "tingling",
            {"seconds", "minutes", "electric", "twenty", "four", "hours"},
        ),
        ("can i put ice on the sore muscle", "ice_or_heat", {"both", "anything", "more", "such", "often", "please"}),
        (
            "my arm is still tingling after two days",
            "persistent_numbness",
            {"please", "tell", "twenty", "four", "should"},
        ),
        ("what is dry needling", "about_dry_needling", {"treatment", "tight", "muscles", "trigger", "points", "blood"}),
        ("what is the weather tomorrow", None, {"reception"}),
    ],
)
def test_a_question_asked_aloud_is_answered_aloud(conversation, spoken, recogniser, case):
    question, intent, words = case
    state, pcm = conversation.ask(spoken(question))
    assert state.answer.intents[:1] == ((intent,) if intent else ()), state.words
    assert state.answer.urgent == (intent == "persistent_numbness")
    heard = set(transcribe(recogniser, pcm, RATE).text.split())
    # Vosk understands the synthesised voice only partly.
    assert len(words & heard) >= len(words) / 2, heard


def test_pure_noise_is_not_answered(conversation, tmp_path, phrasebook):
    noise = tmp_path / "noise.wav"
    soundfile.write(noise, np.random.default_rng(2).normal(0, 0.05, RATE * 2), RATE)
    state, pcm = conversation.ask(noise)
    assert state.answer is None
    assert state.notice == phrasebook.replies["not_heard"]
    assert np.abs(np.frombuffer(pcm, np.int16)).max() < 300


def test_the_options_name_another_model(model_dir, capsys):
    args = argparse.Namespace(model=model_dir, intents=None, settings=None)
    assert parts.recogniser(args, Settings())
    assert "not verified" in capsys.readouterr().err
