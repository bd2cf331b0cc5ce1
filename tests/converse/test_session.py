"""The session: events in, states out, with ears and a mouth that are real but small."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.converse.session import Session
from kiosk.converse.turn import LOUDEST, Again, Asked, Asking, Finished, Louder, Phase, Released, Stopped
from kiosk.hear.listen import Cancelled, Heard, Noise, Silence
from kiosk.terms import DeviceError, Transcript, VoiceError

PATIENCE = 20.0


class Ears:
    """Hears what a test puts before it."""

    present = True
    complaint = ""

    def __init__(self, *outcomes) -> None:
        self.outcomes = list(outcomes)

    def listen(self, stop, cancel, on_block):
        on_block("is ting", -30.0)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome == "hang":
            cancel.wait(PATIENCE)
            return Cancelled()
        if outcome == "wait":
            assert stop.wait(PATIENCE)
            return Cancelled() if cancel.is_set() else Heard(Transcript("is tingling normal", heard=True))
        return outcome


class Mouth:
    """Notes what it says, and speaks for as long as a test lets it."""

    present = True

    def __init__(self, *, slow: bool = False, broken: bool = False) -> None:
        self.said: list[str] = []
        self.speaking = threading.Event()
        self.volume = 1.0
        self._slow, self._broken = slow, broken

    def synthesise(self, text: str) -> Path:
        if self._broken:
            raise VoiceError("no voice")
        return Path(text)

    def play(self, path: Path, stop: threading.Event) -> bool:
        self.said.append(str(path))
        self.speaking.set()
        return not (self._slow and stop.wait(PATIENCE))


@pytest.fixture
def start(understander):
    """Start a session; return it with a function that waits for a state."""
    sessions = []

    def start(ears=None, mouth=None, understands=understander, **rest):
        session = Session(understands, ears, mouth, **rest)
        changed = threading.Condition()
        seen = []

        def note(state):
            with changed:
                seen.append(state)
                changed.notify_all()

        session.show(note)
        session.__enter__()
        sessions.append(session)

        def wait(wanted):
            with changed:
                assert changed.wait_for(lambda: any(wanted(state) for state in seen), PATIENCE), seen[-3:]
                return next(state for state in seen if wanted(state))

        return session, wait

    yield start
    for session in sessions:
        session.__exit__(None, None, None)


def answered(state):
    return state.phase is Phase.ANSWERED


def test_a_question_is_heard_answered_and_spoken_sentence_by_sentence(start):
    mouth = Mouth()
    session, wait = start(Ears(Heard(Transcript("is tingling normal", heard=True))), mouth)
    session.post(Asking())
    state = wait(answered)
    assert state.answer.intents == ("tingling",)
    assert mouth.said == list(state.sentences)
    assert len(mouth.said) > 1


def test_the_words_are_shown_while_they_are_recognised(start):
    session, wait = start(Ears("wait"), Mouth())
    session.post(Asking())
    assert wait(lambda state: state.words == "is ting").phase is Phase.LISTENING
    session.post(Released())
    assert wait(answered).answer.intents == ("tingling",)


def test_the_text_is_shown_before_the_voice_begins(start):
    session, wait = start(None, Mouth(slow=True))
    session.post(Asked(Transcript("is tingling normal")))
    assert wait(lambda state: state.answer is not None).sentence == -1
    session.post(Stopped())


def test_stop_silences_the_voice(start):
    mouth = Mouth(slow=True)
    session, wait = start(None, mouth)
    session.post(Asked(Transcript("is tingling normal")))
    wait(lambda state: state.sentence == 0)
    assert mouth.speaking.wait(PATIENCE)
    session.post(Stopped())
    wait(answered)
    assert len(mouth.said) == 1


def test_it_never_listens_while_it_speaks(start):
    mouth = Mouth(slow=True)
    session, wait = start(Ears(Heard(Transcript("can i put ice on it", heard=True))), mouth)
    session.post(Asked(Transcript("is tingling normal")))
    wait(lambda state: state.sentence == 0)
    session.post(Asking())
    wait(lambda state: state.answer is not None and state.answer.intents == ("ice_or_heat",))
    assert mouth.said[0].startswith("A quick tingle")
    assert not any("passes" in said for said in mouth.said)
    session.post(Stopped())


@pytest.mark.parametrize("outcome", [Silence(), Noise()])
def test_nothing_heard_is_said_kindly(start, phrasebook, outcome):
    session, wait = start(Ears(outcome), Mouth())
    session.post(Asking())
    assert wait(lambda state: state.notice).notice == phrasebook.replies["not_heard"]


@pytest.mark.parametrize("ears", [None, Ears(DeviceError("gone")), Ears(RuntimeError("my leg is numb"))])
def test_a_failure_of_the_ears_ends_the_question_and_not_the_kiosk(start, phrasebook, ears, caplog):
    session, wait = start(ears, Mouth())
    session.post(Asking())
    assert wait(lambda state: state.notice).notice == phrasebook.replies["cannot_hear"]
    session.post(Asked(Transcript("is tingling normal")))
    wait(answered)
    assert "numb" not in caplog.text


@pytest.mark.parametrize("mouth", [None, Mouth(broken=True)])
def test_without_a_voice_the_answer_still_stands_there(start, mouth):
    session, wait = start(None, mouth)
    session.post(Asked(Transcript("is tingling normal")))
    assert wait(answered).answer.intents == ("tingling",)


def test_the_answer_is_said_again(start):
    mouth = Mouth()
    session, wait = start(None, mouth)
    session.post(Asked(Transcript("is tingling normal")))
    first = wait(answered)
    session.post(Again())
    wait(lambda state: answered(state) and state.turn > first.turn)
    assert mouth.said == [*first.sentences, *first.sentences]


def test_finishing_forgets_the_patient(start):
    session, wait = start(None, Mouth())
    session.post(Asked(Transcript("is tingling normal")))
    turn = wait(answered).turn
    session.post(Finished())
    state = wait(lambda state: state.phase is Phase.IDLE and state.turn > turn)
    assert (state.words, state.answer, state.memory.last) == ("", None, None)


def test_a_recogniser_that_hangs_is_cut_off_and_the_next_question_is_heard(start, phrasebook):
    ears = Ears("hang", Heard(Transcript("is tingling normal", heard=True)))
    session, wait = start(ears, Mouth(), stuck=1.0)
    session.post(Asking())
    assert wait(lambda state: state.notice).notice == phrasebook.replies["failed"]
    session.post(Asking())
    assert wait(answered).answer.intents == ("tingling",)


def test_a_recogniser_that_always_hangs_ends_the_session_so_that_the_kiosk_is_started_anew(start):
    session, wait = start(Ears("hang", "hang", "hang"), Mouth(), stuck=0.1)
    for turn in range(1, 4):
        session.post(Asking())
        wait(lambda state, turn=turn: state.turn == turn and (state.notice or turn == 3))
    deadline = time.monotonic() + PATIENCE
    while session.alive:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_failure_of_a_question_is_apologised_for_and_logged_without_its_words(
    start, phrasebook, caplog, understander
):
    class Broken:
        phrasebook = understander.phrasebook

        def understand(self, transcript):
            if "zebra" in transcript.text:
                raise ValueError(transcript.text)
            return understander.understand(transcript)

    session, wait = start(None, Mouth(), Broken())
    session.post(Asked(Transcript("is my zebra normal")))
    assert wait(lambda state: state.notice).notice == phrasebook.replies["failed"]
    assert "Asked failed: ValueError at" in caplog.text
    assert "zebra" not in caplog.text
    session.post(Asked(Transcript("is tingling normal")))
    wait(answered)


def test_devices_that_come_and_go_are_shown(start):
    ears, mouth = Ears(), Mouth()
    _, wait = start(ears, mouth)
    ears.present = False
    wait(lambda state: not state.can_hear and state.can_speak)
    ears.present, mouth.present = True, False
    wait(lambda state: state.can_hear and not state.can_speak)


def test_the_working_loop_shows_that_it_is_alive(start):
    beats = threading.Semaphore(0)
    session, _ = start(None, None, beat=beats.release)
    for _ in range(3):
        assert beats.acquire(timeout=PATIENCE)
        session.post(Finished())


def test_staff_are_heard_while_there_is_no_patient_and_nothing_of_it_is_shown(start):
    session, _ = start(Ears(Heard(Transcript("is tingling normal", heard=True))), Mouth())
    assert session.hear_aside(threading.Event()) == Heard(Transcript("is tingling normal"))
    assert session.state.blank


def test_staff_are_not_heard_while_a_patient_is_served(start):
    session, wait = start(Ears(), Mouth())
    session.post(Asked(Transcript("is tingling normal")))
    wait(answered)
    assert session.hear_aside(threading.Event()) is None


def test_a_patient_who_comes_goes_before_staff_who_speak(start):
    ears = Ears("hang", Heard(Transcript("is tingling normal", heard=True)))
    session, wait = start(ears, Mouth())
    with ThreadPoolExecutor(1) as staff:
        heard = staff.submit(session.hear_aside, threading.Event())
        while len(ears.outcomes) > 1:
            time.sleep(0.01)
        session.post(Asking())
        assert heard.result(PATIENCE) == Cancelled()
    assert wait(answered).answer.intents == ("tingling",)


def test_staff_are_told_when_nothing_can_be_heard(start):
    session, _ = start(None, Mouth())
    with pytest.raises(DeviceError):
        session.hear_aside(threading.Event())


def test_the_wake_phrase_is_waited_for_again_after_staff_have_spoken(start):
    class Waker:
        waits = 0

        def wait(self, cancel):
            self.waits += 1
            cancel.wait(PATIENCE)
            return False

    waker = Waker()
    session, wait = start(Ears("wait"), Mouth(), waker=waker)
    stop = threading.Event()
    with ThreadPoolExecutor(1) as staff:
        heard = staff.submit(session.hear_aside, stop)
        while not session._aside:  # noqa: SLF001 - it shows nowhere else
            time.sleep(0.01)
        session.post(Louder(1))
        wait(lambda state: state.volume == LOUDEST)
        assert waker.waits == 1, "only one of them uses the microphone, whatever else happens"
        stop.set()
        assert heard.result(PATIENCE)
    until = time.monotonic() + PATIENCE
    while waker.waits < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
