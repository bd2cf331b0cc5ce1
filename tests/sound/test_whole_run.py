"""The whole kiosk as it stands in a waiting room: its command, its page in a browser, a voice in and a voice out."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kiosk.transcribe.recogniser import transcribe
from tests.sound.conftest import RATE

pytestmark = [pytest.mark.sound, pytest.mark.speech]

PATIENT = 30_000
"""Milliseconds that each step may take on a busy machine; it takes some hundred."""
SILENT_WITHIN = 0.2


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Start `kiosk run` as a service does, without a terminal; yields the page's address."""
    command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0", *options]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            told = []
            for line in process.stderr:
                told.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                    yield found[0]
                    break
            else:
                pytest.fail("".join(told))
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


@pytest.fixture
def page(browser, sound_card, model_dir):  # noqa: ARG001 - the command finds both by itself
    with running() as address:
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(PATIENT)
        page.goto(address)
        page.wait_for_selector('html[data-view="welcome"]')
        yield page
        context.close()


def test_a_spoken_question_is_answered_on_the_page_and_aloud_and_stop_silences_it(page, sound_card, spoken, recogniser):
    with sound_card.recording() as recording:
        page.click("#talk")
        page.wait_for_selector('html[data-view="listening"]')
        sound_card.say(spoken("I feel sore after the dry needling. Is that normal?"))
        page.wait_for_selector('html[data-view="answer"]')
        assert {"sore", "normal"} <= set(page.inner_text(".answer .question").split())
        shown = page.inner_text(".answer .text")
        assert "sore" in shown.lower()
        page.wait_for_selector(".answer [data-wish=again]:visible")
        recording.wait_for(0.5)
    voiced = set(transcribe(recogniser, bytes(recording.pcm), RATE).text.split())
    words = {word for word in re.findall(r"[a-z]+", shown.lower()) if len(word) > 3}
    assert len(words & voiced) >= len(words) / 2, (words, voiced)
    tries = (_silenced(page, sound_card) for _ in range(10))  # on a busy machine some are late
    assert any(seconds < SILENT_WITHIN for seconds in tries)


def _silenced(page, sound_card) -> float:
    """Have the answer said again, touch Stop, and return the seconds until it is silent."""
    with sound_card.recording() as recording:
        page.click(".answer [data-wish=again]:visible")
        recording.wait_until_loud()
        recording.wait_for(0.5)
        page.wait_for_selector(".answer [data-wish=stop]:visible")
        touched = recording.seconds
        page.locator(".answer [data-wish=stop]:visible").dispatch_event("click")
        page.wait_for_selector(".answer [data-wish=again]:visible")
        recording.wait_for(1.0)
        return float(recording.loud()[-1] - touched)
