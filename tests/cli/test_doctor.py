"""`kiosk doctor`: what is well, what is not, and what to do."""

import io
import json
import re

import pytest

from kiosk.cli import main

PARTS = (
    "python packages model intents microphone loudspeaker display browser disk clock service pin page offline"
).split()


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch, kiosk_cache, understander):  # noqa: ARG001 - learned
    monkeypatch.setenv("KIOSK_CACHE", str(kiosk_cache))
    monkeypatch.setenv("KIOSK_LOG", str(tmp_path / "log"))


def findings(capsys, *options):
    status = main(["doctor", "--json", "--no-sound", *options])
    told = json.loads(capsys.readouterr().out)
    return status, told["well"], {each["part"]: each for each in told["found"]}


def test_every_part_is_examined_and_a_whole_kiosk_is_well(capsys, model_dir):  # noqa: ARG001 - it must be there
    status, well, found = findings(capsys)
    assert list(found) == PARTS
    assert (status, well) == (0, True)
    assert "right digest" in found["model"]["told"]
    assert found["offline"]["told"] == "cut off from every network, it answers"


def test_faults_are_told_each_with_what_to_do_and_do_not_hide_each_other(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("KIOSK_MODEL", str(tmp_path / "nothing"))
    (tmp_path / "intents").mkdir()
    status, well, found = findings(capsys, "--intents", str(tmp_path / "intents"))
    assert (status, well) == (1, False)
    for part in ("model", "intents"):
        assert found[part]["state"] == "bad"
        assert found[part]["mend"]


def test_a_folder_that_cannot_be_written_to_is_told(capsys, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KIOSK_LOG", str(tmp_path / "file"))
    disk = findings(capsys)[2]["disk"]
    assert disk["state"] == "bad"
    assert "for the log, cannot be written to" in disk["told"]


def test_a_clock_that_stands_before_the_kiosk_was_made_is_told(capsys, monkeypatch):
    monkeypatch.setattr("kiosk.doctor.time.time", lambda: 86_400.0)
    clock = findings(capsys)[2]["clock"]
    assert (clock["state"], clock["mend"]) == ("odd", "That is before the kiosk was made: set it.")


def test_a_settings_file_with_a_fault_is_told_and_the_rest_is_examined(capsys, tmp_path):
    (tmp_path / "kiosk.toml").write_text("[voice]\nrate = 7\n")
    _, well, found = findings(capsys, "--settings", str(tmp_path / "kiosk.toml"))
    assert not well
    assert "rate in [voice] is 7" in found["settings"]["told"]
    assert set(PARTS) < set(found)


def test_a_pin_is_not_set_set_or_open_to_others(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("KIOSK_DATA", str(tmp_path))
    told = [findings(capsys)[2]["pin"]]
    monkeypatch.setattr("sys.stdin", io.StringIO("471192\n"))
    assert main(["staff", "set-pin"]) == 0
    capsys.readouterr()
    told.append(findings(capsys)[2]["pin"])
    (tmp_path / "staff" / "pin").chmod(0o644)
    told.append(findings(capsys)[2]["pin"])
    assert [each["state"] for each in told] == ["odd", "good", "bad"]
    assert "kiosk staff set-pin" in told[0]["mend"]
    assert "471192" not in str(told)


def test_lines_are_for_people(capsys):
    main(["doctor", "--no-sound"])
    out = capsys.readouterr().out
    assert re.search(r"^ok    python ", out, re.MULTILINE)
