"""`kiosk devices` lists what there is and tries a microphone."""

import threading

import pytest

from kiosk.cli import devices, main
from tests.sound.conftest import SoundCard

pytestmark = [pytest.mark.sound, pytest.mark.usefixtures("sound_card")]


@pytest.fixture(autouse=True)
def short_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "TRIAL", 2.0)


def test_lists_microphones_and_loudspeakers_with_the_default_marked(capsys):
    assert main(["devices"]) == 0
    microphones, _, loudspeakers = capsys.readouterr().out.partition("Loudspeakers:\n")
    assert microphones.startswith("Microphones:\n")
    for listed in (microphones, loudspeakers):
        assert len([line for line in listed.splitlines() if line.startswith("  * ")]) == 1


def test_the_meter_tells_that_somebody_speaks(sound_card: SoundCard, spoken, capsys):
    speech = spoken("Is it normal that my arm tingles after the session, or should I call somebody?")
    over = threading.Event()

    def talk() -> None:
        while not over.is_set():
            sound_card.say(speech)

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        assert main(["devices", "--try"]) == 0
    finally:
        over.set()
        talking.join()
    told = capsys.readouterr().out
    assert told.startswith("Speak now.\n")
    assert "#" in told
    assert told.endswith("That is loud enough.\n")


def test_the_meter_tells_that_nothing_is_heard(capsys):
    assert main(["devices", "--try"]) == 0
    assert capsys.readouterr().out.endswith("That is too quiet: turn it up, or come closer.\n")


def test_tells_which_microphones_there_are_when_none_is_called_so(capsys):
    assert main(["devices", "--try", "no such microphone"]) == 1
    told = capsys.readouterr().err
    assert '"no such microphone"' in told
    assert "There is: " in told
