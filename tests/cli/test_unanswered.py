"""`kiosk unanswered`: what was asked in vain, and what is made of it, in the terminal."""

import json
from datetime import date

import pytest

from kiosk import places
from kiosk.cli import main
from kiosk.converse.turn import Phase, State
from kiosk.intents import content
from kiosk.staff.asked import Asked
from kiosk.terms import Answer
from tests import folder as small


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for variable in ("KIOSK_DATA", "KIOSK_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("KIOSK_INTENTS", str(tmp_path / "intents"))
    return small.make(tmp_path / "intents")


@pytest.fixture
def number(folder):
    """The number of a question that was asked in vain."""
    assert folder.is_dir()
    assert main(["unanswered", "on"]) == 0
    asked = Asked(places.asked_file(), today=date.today)
    asked.show(State(phase=Phase.SPEAKING, words="May I chill the calf?", answer=Answer("", "unknown"), turn=1))
    asked.close()
    return str(asked.in_vain()[0].id)


def listed(capsys):
    capsys.readouterr()
    assert main(["unanswered", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_is_off_until_it_is_switched_on(folder, capsys):
    assert not (folder / "x").exists()
    assert listed(capsys) == {"keeping": False, "questions": []}
    assert main(["unanswered", "on"]) == 0
    assert listed(capsys)["keeping"]
    assert main(["unanswered", "off"]) == 0
    assert not listed(capsys)["keeping"]


def test_lists_what_was_asked(number, capsys):
    assert listed(capsys)["questions"][0]["question"] == "may i chill the calf"
    assert main(["unanswered"]) == 0
    assert f"{number:>5}    1 times" in capsys.readouterr().out


def test_adds_it_to_an_intent(number, folder, capsys):
    assert main(["unanswered", "add", number, "ice"]) == 0
    assert "may i chill the calf" in content.load(folder).intents["ice"].questions
    assert listed(capsys)["questions"] == []


def test_adds_it_to_what_must_be_refused(number, folder, capsys):
    assert main(["unanswered", "refuse", number]) == 0
    assert "may i chill the calf" in (folder / "out_of_scope/patients_ask.yaml").read_text()
    assert listed(capsys)["questions"] == []


@pytest.mark.parametrize("command", [["delete", "N"], ["delete-all"]])
def test_deletes_it(number, capsys, command):
    assert main(["unanswered", *(number if part == "N" else part for part in command)]) == 0
    assert listed(capsys)["questions"] == []


def test_says_when_there_is_no_such_question_or_intent(number, capsys):
    assert main(["unanswered", "delete", "999"]) == 1
    assert main(["unanswered", "add", number, "../ice"]) == 1
    assert "There is no intent" in capsys.readouterr().err
