"""`kiosk doctor`: what is well, what is not, and what to do."""

import json
import re

import pytest

from kiosk.cli import main

PARTS = ("python packages model intents microphone loudspeaker display browser disk clock service page offline").split()


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    monkeypatch.setenv("KIOSK_CACHE", str(tmp_path / "cache"))


def findings(capsys, *options):
    status = main(["doctor", "--json", "--no-sound", *options])
    told = json.loads(capsys.readouterr().out)
    return status, told["well"], {each["part"]: each for each in told["found"]}


def test_every_part_is_examined_and_a_whole_kiosk_is_well(capsys, model_dir):  # noqa: ARG001 - it must be there
    status, well, found = findings(capsys)
    assert list(found) == PARTS
    assert (status, well) == (0, True)
    assert "right digest" in found["model"]["told"]


def test_faults_are_told_each_with_what_to_do_and_do_not_hide_each_other(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("KIOSK_MODEL", str(tmp_path / "nothing"))
    (tmp_path / "intents").mkdir()
    status, well, found = findings(capsys, "--intents", str(tmp_path / "intents"))
    assert (status, well) == (1, False)
    for part in ("model", "intents"):
        assert found[part]["state"] == "bad"
        assert found[part]["mend"]


def test_a_settings_file_with_a_fault_is_told_and_the_rest_is_examined(capsys, tmp_path):
    (tmp_path / "kiosk.toml").write_text("[voice]\nrate = 7\n")
    _, well, found = findings(capsys, "--settings", str(tmp_path / "kiosk.toml"))
    assert not well
    assert "rate in [voice] is 7" in found["settings"]["told"]
    assert set(PARTS) < set(found)


def test_lines_are_for_people(capsys):
    main(["doctor", "--no-sound"])
    out = capsys.readouterr().out
    assert re.search(r"^ok    python ", out, re.MULTILINE)
