"""`kiosk run`: the conversation by keyboard or pipe, and without a terminal."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from kiosk import places


@pytest.fixture
def run(understander, kiosk_cache):  # noqa: ARG001 - it has learned into the kiosk_cache by now
    def run(given: bytes, *options: str):
        command = [sys.executable, "-m", "kiosk", "run", *options]
        environment = {**os.environ, "KIOSK_CACHE": str(kiosk_cache)}
        return subprocess.run(command, input=given, capture_output=True, env=environment, check=False, timeout=120)

    return run


def test_text_is_a_conversation_that_ends_with_its_input(run):
    done = run(b"is tingling normal\nhow long does it last\nthank you\n", "--text")
    assert done.returncode == 0
    assert done.stdout.decode().count("seconds to minutes") == 2
    assert b"Take care" in done.stdout


def test_a_warning_sign_is_marked(run):
    assert run(b"i have fever since the needle\n", "--text").stdout.startswith(b"!! Please tell")


def test_text_takes_up_a_change_of_the_files_between_two_questions(understander, kiosk_cache, tmp_path):  # noqa: ARG001
    folder = shutil.copytree(places.intents_dir(), tmp_path / "intents")
    file = folder / "normal_sensations" / "tingling.yaml"
    command = [sys.executable, "-m", "kiosk", "run", "--text", "--intents", str(folder)]
    environment = {**os.environ, "KIOSK_CACHE": str(kiosk_cache)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:

        def told() -> str:
            """What it says to a question, up to the answer to a farewell."""
            process.stdin.write(b"is tingling normal\nthank you\n")
            process.stdin.flush()
            return "".join(iter(lambda: process.stdout.readline().decode(), "You are welcome. Take care.\n"))

        assert told().startswith("A quick tingle")
        file.write_text(re.sub(r"answer: >-\n(  .*\n)+", "answer: All is well.\n", file.read_text()))
        until = time.monotonic() + 60
        while (answer := told()) != "All is well.\n":
            assert time.monotonic() < until, answer
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.parametrize("given", [b"", b"\n\n", b"\xff\n", b"no newline at the end"])
def test_any_input_is_taken(run, given):
    done = run(given, "--text")
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_without_sound_or_terminal_it_says_so_and_goes_on_until_it_is_stopped(understander, kiosk_cache, tmp_path):  # noqa: ARG001
    environment = {
        **os.environ,
        "KIOSK_CACHE": str(kiosk_cache),
        "KIOSK_MODEL": str(tmp_path / "no model"),
        "PULSE_SERVER": "unix:/nowhere",
    }
    command = [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        told = ""
        while "http://127.0.0.1" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        assert "kiosk model install" in told
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_second_kiosk_on_the_same_port_ends_with_a_plain_message(understander, kiosk_cache, tmp_path):  # noqa: ARG001
    with socket.create_server(("127.0.0.1", 0)) as first:
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", "run", "--no-browser", "--port", str(first.getsockname()[1])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, "KIOSK_CACHE": str(kiosk_cache), "KIOSK_MODEL": str(tmp_path / "no model")},
            timeout=120,
            check=False,
        )
    assert done.returncode == 1
    assert "Another kiosk may be running" in done.stderr
    assert "Traceback" not in done.stderr
