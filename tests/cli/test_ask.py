"""`kiosk ask`: the contract for tests and other programs."""

import io
import json
import subprocess
import sys
import wave

import numpy as np
import pytest

from kiosk.cli import main

KEYS = {"question", "outcome", "intents", "urgent", "answer", "score", "alternatives"}


@pytest.fixture(autouse=True)
def learned(understander, kiosk_cache, monkeypatch):  # noqa: ARG001 - it has learned into the kiosk_cache by now
    monkeypatch.setenv("KIOSK_CACHE", str(kiosk_cache))


@pytest.fixture
def objects(capsys, monkeypatch):
    """Give bytes to standard input; return the exit status and the objects printed."""

    def objects(given: bytes, *options: str):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        status = main(["ask", "--json", *options])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return objects


def test_a_question_as_an_argument_gets_its_answer(capsys):
    assert main(["ask", "is tingling normal"]) == 0
    assert "seconds to minutes" in capsys.readouterr().out


def test_every_line_gets_an_object_in_order(objects):
    status, found = objects(b"is tingling normal\nhe has collapsed\nwhat does parking cost\n")
    assert status == 0
    assert all(set(answer) == KEYS for answer in found)
    assert [answer["intents"] for answer in found] == [["tingling"], ["emergency"], []]
    assert [answer["urgent"] for answer in found] == [False, True, False]
    assert [answer["outcome"] for answer in found] == ["answer", "answer", "unknown"]
    assert all(0 <= answer["score"] <= 100 for answer in found)


def test_each_line_is_a_new_patient_unless_told_otherwise(objects):
    lines = b"is tingling normal\nhow long does it last\n"
    assert objects(lines)[1][1]["outcome"] == "unknown"
    assert objects(lines, "--conversation")[1][1]["intents"] == ["tingling"]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"", 0),
        (b"   ", 0),
        (b"\xff\xfe is tingling normal", 1),
        (b"x" * 10_000_000, 1),
        (b"\x00\x01\x02", 0),
        ("क्या यह सुरक्षित है".encode(), 0),
    ],
    ids=["empty", "blank", "not UTF-8", "ten million letters", "control characters", "another script"],
)
def test_a_bad_line_does_not_harm_the_others(objects, line, status):
    found_status, found = objects(b"is it safe\n" + line + b"\nis tingling normal\n")
    assert found_status == status
    assert len(found) == 3
    assert found[0]["intents"] == ["safety"]
    assert found[2]["intents"] == ["tingling"]
    assert ("error" in found[1]) == bool(status)


def test_a_line_is_answered_before_the_next_is_sent(kiosk_cache, monkeypatch):
    monkeypatch.setenv("KIOSK_CACHE", str(kiosk_cache))
    command = [sys.executable, "-m", "kiosk", "ask", "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for question, intent in ((b"is tingling normal\n", "tingling"), (b"can i put ice on it\n", "ice_or_heat")):
            process.stdin.write(question)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["intents"] == [intent]
        process.stdin.close()
        assert process.wait(60) == 0


def test_explaining_tells_what_was_found(capsys):
    main(["ask", "--explain", "my leg has been numb since sunday"])
    told = capsys.readouterr().out
    assert "beyond 24 hours" in told
    assert "answer persistent_numbness" in told


@pytest.fixture
def folder(tmp_path):
    """A folder of sound files, most of them bad."""
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("is tingling normal")
    with wave.open(str(tmp_path / "noise.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.random.default_rng(1).normal(0, 3000, 32_000).astype("<i2").tobytes())
    return tmp_path


@pytest.mark.speech
def test_sound_files_are_answered_and_bad_ones_do_not_harm_the_others(folder, spoken, capsys, model_dir):  # noqa: ARG001
    good = str(spoken("can i put ice on it"))
    bad = [str(folder / name) for name in ("folder.wav", "empty.wav", "text.wav", "missing.wav")]
    status = main(["ask", "--json", "--wav", good, *bad, str(folder / "noise.wav"), good])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 1
    assert [answer["file"] for answer in found] == [good, *bad, str(folder / "noise.wav"), good]
    assert found[0]["intents"] == found[-1]["intents"] == ["ice_or_heat"]
    assert all(answer["error"] and answer["outcome"] == "unknown" for answer in found[1:5])
    assert (found[5]["question"], found[5]["outcome"]) == ("", "unknown")
    assert "error" not in found[5]
