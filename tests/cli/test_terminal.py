"""The conversation in a terminal with keys, as somebody at the keyboard meets it; the page beside it shows the same."""

import io
import pty
import sys
import threading
import time

import pytest

from kiosk.cli.keys import Keys, line
from kiosk.cli.run import CLEARED, STILL_THERE, Heart, Terminal
from kiosk.converse.session import Session
from kiosk.converse.turn import Asked
from kiosk.terms import Transcript
from tests.cli.terminal import PATIENT, kiosk_run
from tests.screen.script import TINGLING, Script

CLEAR = CLEARED.replace("[", r"\[")


@pytest.fixture(scope="module")
def terminal(small_clinic):
    """A kiosk with a speech model, and no microphone to be heard by."""
    folder, _, cache = small_clinic
    place = {"KIOSK_INTENTS": str(folder), "KIOSK_CACHE": str(cache), "PULSE_SERVER": "unix:/nowhere"}
    with kiosk_run("--no-browser", **place) as terminal:
        terminal.wait_for("q: end the kiosk")
        yield terminal


def ask(terminal, question, answer) -> None:
    terminal.press("t")
    terminal.wait_for("Your question: ")
    terminal.press(f"{question}\n")
    terminal.wait_for(answer)


def press_until_told(terminal, key, words) -> None:
    """Press a key, which first may only stop the voice."""
    until = time.monotonic() + PATIENT
    while words not in terminal.told:
        assert time.monotonic() < until, terminal.told
        terminal.press(key)
        terminal.fall_silent()


def test_a_question_is_typed_answered_and_forgotten_when_the_patient_finishes(terminal):
    ask(terminal, "my fingers are tingling", r"my fingers are tingling\s+\S*A quick tingle")
    terminal.press("f")
    terminal.wait_for(CLEAR)
    terminal.wait_for("Press the space bar")


def test_without_a_microphone_the_space_bar_says_so_and_what_stood_there_is_cleared(terminal):
    ask(terminal, "my fingers are tingling", "A quick tingle")
    press_until_told(terminal, " ", "I cannot hear at the moment")
    terminal.press("f")
    terminal.wait_for(CLEAR)


def test_a_warning_stays_until_it_is_heeded(terminal):
    ask(terminal, "i have got a fever", "!! Please tell")
    press_until_told(terminal, "t", "Press f when you have told them")
    assert "!!" not in terminal.told, "it is not told again by a key that stops the voice"
    terminal.press("f")
    terminal.wait_for(CLEAR)


def test_who_goes_away_is_asked_and_then_forgotten(phrasebook, capsys):
    with Session(Script(phrasebook), None, None, idle=0.6, warned=0.3) as session:
        Terminal(session, Heart())
        session.post(Asked(Transcript(TINGLING)))
        told, until = "", time.monotonic() + 20
        while CLEARED not in told:
            assert time.monotonic() < until, told
            time.sleep(0.02)
            told += capsys.readouterr().out
    assert TINGLING in told
    assert STILL_THERE in told
    assert told.index(STILL_THERE) < told.index(CLEARED)


def test_keys_that_come_together_are_keys_each_and_an_arrow_is_one(monkeypatch):
    ours, its = pty.openpty()
    with open(its) as keyboard, open(ours, "wb", buffering=0) as fingers:  # noqa: PTH123 - they have no path
        monkeypatch.setattr(sys, "stdin", keyboard)
        with Keys() as keys:
            fingers.write(b"tf\x1b[A")
            assert [keys.read(PATIENT) for _ in range(3)] == ["t", "f", "\x1b[A"]
            assert keys.read(0) == ""


class SlowScreen(io.StringIO):
    """A terminal that takes its time for every piece it is given."""

    def write(self, text: str) -> int:
        time.sleep(0.02)
        return super().write(text)


def test_what_the_conversation_tells_does_not_run_into_a_prompt(understander, monkeypatch):
    with Session(understander, None, None) as session:
        terminal = Terminal(session, Heart())
        monkeypatch.setattr(sys, "stdout", screen := SlowScreen())
        parts = ["It is told\n", "to the end.\n"]
        tellers = [threading.Thread(target=terminal.write, args=[part], kwargs={"end": "."}) for part in parts]
        for teller in tellers:
            teller.start()
        for teller in tellers:
            teller.join()
    assert screen.getvalue() in ("It is told\n.to the end.\n.", "to the end.\n.It is told\n.")


@pytest.fixture
def keyboard(monkeypatch):
    """A terminal's keyboard at which a line has been typed, with a byte that is no UTF-8."""
    ours, its = pty.openpty()
    with open(its) as stdin, open(ours, "wb", buffering=0) as fingers:  # noqa: PTH123 - they have no path
        monkeypatch.setattr(sys, "stdin", stdin)
        fingers.write(b"is it na\xefve\n")
        yield stdin


@pytest.mark.usefixtures("keyboard")
def test_a_byte_that_is_no_letter_ends_no_conversation():
    assert line(lambda: None) == "is it na\ufffdve"
