"""The command `kiosk`: its messages and its exit status."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from kiosk import __version__
from kiosk.cli import main


def kiosk(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_tells_its_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"kiosk {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["dance"], ["model"], ["model", "install", "--form", "x"], ["intents"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: kiosk" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["70000", "-1", "page", "²"])
def test_a_port_that_is_none_is_told_plainly(port, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["run", f"--port={port}"])
    assert f"{port!r} is no port: it is a whole number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "model", "model install", "devices", "intents check"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*command.split(), "--help"])
    assert "usage: kiosk" in capsys.readouterr().out


def test_what_goes_wrong_is_told_on_standard_error_without_a_traceback(tmp_path, capsys):
    assert main(["intents", "check", "--intents", str(tmp_path / "nowhere")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        f"kiosk: There is no folder of intents at {tmp_path}/nowhere.\n  Name the right one with --intents DIR.\n"
    )


def test_names_that_no_terminal_can_show_are_told_all_the_same():
    done = kiosk("model", "verify", "--dir", os.fsdecode(b"/\xff/\xc3\xa9"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "does not hold" in done.stdout


def test_a_reader_who_leaves_is_no_trouble(tmp_path):
    for number in range(5000):  # more faults than a pipe holds
        (tmp_path / f"folder-with-a-long-name-{number}").mkdir()
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "kiosk", "intents", "check", "--intents", str(tmp_path)]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE, text=True) as process:
        os.close(writing)
        assert process.stderr
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_what_nobody_foresaw_is_told_by_kind_and_place_and_not_by_its_text(monkeypatch, capsys):
    monkeypatch.setattr("kiosk.intents.content.survey", lambda _folder: int("my leg is numb"))
    assert main(["intents", "check"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("kiosk: Something failed that nobody foresaw (ValueError at ")
    assert "numb" not in told
    assert "Traceback" not in told


@pytest.fixture
def ctrl_c():
    """Have commands obey Ctrl-C even where a shell in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_it_quietly(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a proxy that never answers, so that it waits
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "kiosk", "model", "install", "--dir", str(tmp_path / "model")]
        env = {**os.environ, "https_proxy": proxy, "no_proxy": ""}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
            assert process.stdout
            assert process.stderr
            assert any("Trying the official archive" in line for line in process.stdout)
            process.send_signal(signal.SIGINT)
            assert process.stderr.read().strip() == ""
    assert process.returncode == 130
