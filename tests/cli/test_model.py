"""`kiosk model`: installing from a stick, and verifying."""

import os
import subprocess
import sys

import pytest

from kiosk.cli import main


@pytest.mark.speech
def test_installs_from_a_folder_and_verifies(model_dir, tmp_path, capsys):
    target = str(tmp_path / "model")
    assert main(["model", "install", "--from", str(model_dir), "--dir", target]) == 0
    assert f"Trying {model_dir}." in capsys.readouterr().out
    assert main(["model", "verify", "--dir", target]) == 0
    assert "All 13 files of vosk-model-small-en-us-0.15" in capsys.readouterr().out


def test_verify_tells_what_is_missing_and_what_to_do(tmp_path, capsys):
    assert main(["model", "verify", "--dir", str(tmp_path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "am/final.mdl is missing"
    assert len(told) == 14
    assert told[-1].endswith("Install it with: kiosk model install")


def test_install_tells_what_to_do_when_nothing_works(tmp_path):
    env = {**os.environ, "https_proxy": "http://127.0.0.1:1", "no_proxy": "", "PATH": ""}
    command = [sys.executable, "-m", "kiosk", "model", "install", "--dir", str(tmp_path / "model")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "That did not work: it cannot be downloaded (Connection refused)." in done.stdout
    assert "bring it on a USB stick" in done.stderr
    assert "Traceback" not in done.stderr
