"""Staff try a question aloud: the kiosk's microphone, the recogniser, and the page that shows what was heard."""

from __future__ import annotations

import shutil

import pytest

from kiosk import places
from kiosk.cli.parts import MicrophoneEars
from kiosk.hear.microphone import Microphone
from kiosk.settings import ListeningSettings
from tests.sound.conftest import loaded
from tests.staff_page.clinic import PIN, clinic
from tests.staff_page.desk import Staff

pytestmark = [pytest.mark.sound, pytest.mark.speech]


@pytest.fixture
def there(sound_card, recogniser, understander, tmp_path):  # noqa: ARG001 - the microphone is the card's
    """A kiosk that hears, with its staff page."""
    folder = shutil.copytree(places.intents_dir(), tmp_path / "intents")
    with Microphone() as microphone:
        ears = MicrophoneEars(microphone, loaded(recogniser), ListeningSettings(), understander)
        with clinic(folder, tmp_path / "aside", understander, ears=ears) as there:
            there.entrance.pin.set(PIN)
            yield there


def test_a_question_that_staff_say_is_heard_shown_and_tried(there, sound_card, browser, spoken):
    context = browser.new_context()
    staff = Staff(there, context).go("try").enter()
    staff.press("Say it")
    staff.see("#trial", "listening")
    sound_card.say(spoken("I feel sore after the dry needling. Is that normal?"))
    staff.see("#trial strong", "Soreness")
    assert "normal" in staff.page.input_value("#question").split()
    assert there.session.state.blank
    context.close()
