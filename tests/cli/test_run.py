"""`kiosk run`: the conversation by keyboard or pipe, and without a terminal."""

import io
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from kiosk import places
from kiosk.cli import run as run_command
from kiosk.converse.session import Session


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
        while "kiosk model install" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        assert "http://127.0.0.1" in told
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


@pytest.fixture
def terminal(monkeypatch):
    """A terminal at which nobody types."""
    keyboard, its = pty.openpty()
    with os.fdopen(its, "r") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield keyboard
        os.close(keyboard)


def keys(session, heart):
    return run_command.Terminal(session, heart).run()


@pytest.mark.parametrize("mode", [run_command.by_line, keys])
def test_a_conversation_that_ends_by_a_failure_ends_the_kiosk_in_a_terminal_too(mode, terminal, understander, capsys):
    """Else somebody would type for ever to a kiosk that answers nobody, and nothing would start it again."""
    heart = run_command.Heart()
    session = Session(understander, None, None)
    with session:
        heart.begin(session, screen=None)
        threading.Timer(0.5, session.post, (None,)).start()  # as it is ended by what it cannot mend
        assert mode(session, heart) == 1
        os.write(terminal, b"\n")  # whoever waits for a line may go
    assert "The conversation has ended by a failure" in capsys.readouterr().err


def test_a_byte_that_is_no_letter_ends_no_conversation(terminal, understander, capsys):
    os.write(terminal, b"is tingling \xef normal\nhow long does it last\n\n")
    with Session(understander, None, None) as session:
        assert run_command.by_line(session, run_command.Heart()) == 0
    assert capsys.readouterr().out.count("passes within") == 2


def test_in_text_mode_a_question_that_fails_gets_an_apology_and_the_next_its_answer(understander, monkeypatch, capsys):
    class Fails:
        phrasebook = understander.phrasebook

        def understand(self, transcript, *rest, **options):
            if "zebra" in transcript.text:
                raise ValueError(transcript.text)
            return understander.understand(transcript, *rest, **options)

        def __getattr__(self, name):
            return getattr(understander, name)

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a zebra\nis tingling normal\n")))
    assert run_command.in_text(Fails(), lambda now: nullcontext(SimpleNamespace(understander=now))) == 0
    told = capsys.readouterr()
    assert "something went wrong" in told.out
    assert "electric shock" in " ".join(told.out.split())
    assert "ValueError" in told.err
    assert "zebra" not in told.err
