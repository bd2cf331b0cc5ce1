"""Sound devices that come and go under a conversation: what the patient sees, and how soon all is well again."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from kiosk import doctor
from kiosk.cli import parts
from kiosk.converse.session import Session
from kiosk.converse.turn import Asked, Asking, Phase, Stopped
from kiosk.hear.microphone import Microphone
from kiosk.settings import Settings
from kiosk.speak.loudspeaker import Loudspeaker
from kiosk.speak.voice import Pyttsx3Voice
from kiosk.terms import Transcript
from tests.sound.conftest import loaded
from tests.sound.faults import ROWS
from tests.waiting import until

pytestmark = [pytest.mark.sound, pytest.mark.speech]

CHECKOUT = Path(__file__).parents[2]
TOLD_WITHIN = 2.0
BACK_WITHIN = 5.0
SLACK = 2.0
"""Seconds that a busy machine may take longer."""


@pytest.fixture
def session(sound_card, recogniser, understander, kiosk_cache):  # noqa: ARG001 - it is the only card there is
    with ExitStack() as stack:
        microphone = stack.enter_context(Microphone())
        ears = parts.MicrophoneEars(microphone, loaded(recogniser), Settings().listening, understander)
        voice = stack.enter_context(Pyttsx3Voice(cache_dir=kiosk_cache / "voice"))
        loudspeaker = stack.enter_context(Loudspeaker())
        loudspeaker.open()
        session = stack.enter_context(Session(understander, ears, parts.LoudspeakerMouth(voice, loudspeaker)))
        yield session
        session.post(Stopped())


def hears_and_speaks(session):
    return session.state.can_hear and session.state.can_speak


def answers_in_writing(session):
    session.post(Asked(Transcript("is tingling normal")))
    until(lambda: session.state.answer is not None)
    assert session.state.answer.intents == ("tingling",), session.state.words


def test_a_microphone_that_is_pulled_out_is_told_and_heard_again_when_it_is_back(session, sound_card):
    with sound_card.unplugged_microphone():
        assert until(lambda: not session.state.can_hear) < TOLD_WITHIN + SLACK
        answers_in_writing(session)
    assert until(lambda: session.state.can_hear) < BACK_WITHIN + SLACK


def test_a_microphone_that_is_pulled_out_while_it_listens_ends_the_question_kindly(session, sound_card, phrasebook):
    session.post(Asking())
    until(lambda: session.state.phase is Phase.LISTENING)
    with sound_card.unplugged_microphone():
        until(lambda: session.state.notice != "")
        assert session.state.notice == phrasebook.replies["cannot_hear"]
        assert not session.state.can_hear
    until(lambda: session.state.can_hear)


@pytest.mark.parametrize("fault", ["stopped_server", "frozen_server"])
def test_a_sound_server_that_fails_is_told_and_all_is_well_when_it_is_back(session, sound_card, fault):
    with getattr(sound_card, fault)():
        assert until(lambda: not (session.state.can_hear or session.state.can_speak)) < TOLD_WITHIN + SLACK
        answers_in_writing(session)
        time.sleep(0.5)  # it tries and fails meanwhile
    assert until(lambda: hears_and_speaks(session)) < BACK_WITHIN + SLACK


def test_a_microphone_that_is_switched_off_is_told_while_it_listens_and_no_longer(session, sound_card, spoken):
    """The virtual microphone gives nothing at all while nobody plays into it, as one that is switched off."""
    session.post(Asking())
    until(lambda: session.state.phase is Phase.LISTENING and not session.state.can_hear)
    threading.Thread(target=sound_card.say, args=(spoken("is tingling normal"),)).start()
    until(lambda: session.state.can_hear)
    until(lambda: session.state.answer is not None)
    assert session.state.answer.intents == ("tingling",), session.state.words


def test_the_command_does_its_faults_and_keeps_its_limits(sound_card):  # noqa: ARG001 - it has one of its own, after ours
    """A short form of `make faults`: those that are not among the tests here."""
    names = [
        "microphone back under another number",
        "microphone held by another program",
        "microphone muted",
        "microphone turned up too far",
        "the machine sleeps for 5 s",
    ]
    command = [sys.executable, "-m", "tests.sound.faults", "--times", "1", *names]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=200, check=False)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == names, done.stderr
    for name, _, told, back in rows:
        assert float(told) < ROWS[name][2] + SLACK
        assert float(back) < BACK_WITHIN + SLACK


def test_the_doctor_tells_a_microphone_that_gives_nothing_from_a_loudspeaker_that_plays(sound_card):  # noqa: ARG001
    found = {each.part: each for each in doctor.examine(doctor.Looking(Settings()))}
    assert found["microphone"].told == "Nothing at all comes from it."
    assert "It plays" in found["loudspeaker"].told
