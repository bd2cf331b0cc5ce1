"""`kiosk intents check`: all faults, warnings apart, and an exit status for programs."""

import json
import shutil
from pathlib import Path

import pytest

from kiosk import places
from kiosk.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the kiosk's own intents."""
    return Path(shutil.copytree(places.intents_dir(), tmp_path / "intents"))


def check(folder: Path, *options: str) -> int:
    return main(["intents", "check", "--quick", "--intents", str(folder), *options])


def test_tells_how_much_can_be_used(folder, capsys):
    assert check(folder) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "intents with " in line


def test_the_variable_names_another_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KIOSK_INTENTS", str(tmp_path / "others"))
    assert main(["intents", "check"]) == 1
    assert str(tmp_path / "others") in capsys.readouterr().err


def test_tells_every_fault_then_the_warnings(folder, capsys):
    (folder / "aftercare/zebra.yml").touch()
    (folder / "clinic.yaml").write_text("name: x\n")
    (folder / "compound.yaml").write_text("")
    assert check(folder) == 1
    assert capsys.readouterr().out.splitlines() == [
        "clinic.yaml, line 1: the fact 'city' is missing. Add a line such as: city: ...",
        "clinic.yaml, line 1: the fact 'desk' is missing. Add a line such as: desk: ...",
        "compound.yaml, line 1: this file is empty.",
        (
            "aftercare/zebra.yml, line 1: warning: this is not read, because its name does not end in .yaml. "
            "Rename it, or move it away."
        ),
        "What the questions mean was not checked; mend the faults first.",
        f"3 faults and 1 warning in {folder}",
    ]


def test_warnings_alone_do_no_harm(folder, capsys):
    (folder / "zebra.yaml").touch()
    assert check(folder) == 0
    assert "0 faults and 1 warning" in capsys.readouterr().out


def test_tells_programs_in_json(folder, capsys):
    (folder / "zebra.yaml").touch()
    (folder / "compound.yaml").write_text("")
    assert check(folder, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "errors": [{"file": "compound.yaml", "line": 1, "message": "this file is empty."}],
        "warnings": [
            {"file": "zebra.yaml", "line": 1, "message": "this file is not read. Move it to the folder of its group."}
        ],
        "left_out": ["What the questions mean was not checked; mend the faults first."],
        "words": [],
    }
