from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from kiosk.hear.sound_file import read_sound
from kiosk.speak.loudspeaker import Loudspeaker, _samples
from kiosk.speak.voice import WORKER, Pyttsx3Voice, voices
from kiosk.terms import VoiceError
from kiosk.transcribe.recogniser import transcribe

ANSWER = "You may feel sore for one or two days after the treatment."

# Stands in for `kiosk.speak.engine`, in a process of its own as that is: NAME says what is odd about it.
ENGINE = """
import json, os, pathlib, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
log = folder / "log"
def note(what):
    with log.open("a") as file:
        print(what, file=file)
def tries(what):
    return log.read_text().splitlines().count(what)
def sound(path, samples=b"\\1\\0" * 800):
    import wave
    with wave.open(path, "wb") as file:
        file.setnchannels(1); file.setsampwidth(2); file.setframerate(8000); file.writeframes(samples)
note("start")
if name == "missing":
    print(json.dumps({"error": "no eSpeak"})); sys.exit()
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    note(request["text"])
    first = tries(request["text"]) == 1
    if name == "crashes" or name == "crashes once" and first:
        os.abort()
    if name == "hangs" or name == "hangs once" and first:
        time.sleep(600)
    if name == "silent" or name == "silent once" and first:
        sound(request["path"], b"")
    elif name == "aiff":
        import numpy, soundfile
        soundfile.write(request["path"], numpy.full((800, 2), 0.5), 22050, "PCM_16", format="AIFF")
    else:
        sound(request["path"])
    print(json.dumps({}), flush=True)
"""


@pytest.fixture
def engine(tmp_path):
    """Make a voice on an engine of another kind; `engine.log()` tells what it was asked."""
    made = []

    def engine(name="", **rest):
        program = tmp_path / "engine.py"
        program.write_text(ENGINE)
        command = (sys.executable, str(program), str(tmp_path), name)
        voice = Pyttsx3Voice(**{"cache_dir": tmp_path / "cache", "worker": command, **rest})
        made.append(voice)
        return voice

    engine.log = lambda: (tmp_path / "log").read_text().splitlines()
    yield engine
    for voice in made:
        voice.close()


@pytest.fixture
def voice(tmp_path):
    with Pyttsx3Voice(cache_dir=tmp_path / "cache") as voice:
        yield voice


def seconds(path):
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return sound.getnframes() / sound.getframerate()


# --- the real engine ----------------------------------------------------------------------------
@pytest.mark.speech
def test_text_becomes_sound_that_can_be_understood(voice, recogniser):
    words = transcribe(recogniser, *read_sound(voice.synthesise(ANSWER))).text.split()
    assert {"one", "or", "two", "days", "after", "treatment"} <= set(words)


@pytest.mark.speech
def test_one_answer_after_the_other_is_made_whole(voice):
    texts = [f"{ANSWER} This is number {number}." for number in range(30)]
    lengths = [seconds(voice.synthesise(text)) for text in texts]
    assert min(lengths) > 0.7 * max(lengths)


@pytest.mark.speech
def test_a_slower_rate_takes_longer_and_a_lower_volume_is_softer(tmp_path, voice):
    with Pyttsx3Voice(cache_dir=tmp_path / "other", rate=100, volume=0.3) as other:
        usual, slow = voice.synthesise(ANSWER), other.synthesise(ANSWER)
    assert seconds(slow) > 1.2 * seconds(usual)
    assert np.std(soundfile.read(slow)[0]) < 0.6 * np.std(soundfile.read(usual)[0])


@pytest.mark.speech
def test_voices_are_listed_and_can_be_chosen(tmp_path, voice):
    american = next(each for each in voices() if "en-us" in each.languages)
    with Pyttsx3Voice(cache_dir=tmp_path / "cache", voice=american.id) as other:
        ours, theirs = voice.synthesise(ANSWER), other.synthesise(ANSWER)
    assert ours.name != theirs.name
    assert ours.read_bytes() != theirs.read_bytes()


@pytest.mark.speech
def test_an_unknown_voice_is_told(tmp_path):
    with (
        Pyttsx3Voice(cache_dir=tmp_path, voice="nosuch") as voice,
        pytest.raises(VoiceError, match="nosuch") as caught,
    ):
        voice.synthesise(ANSWER)
    assert "settings" in caught.value.mend
    assert not list(tmp_path.iterdir())


@pytest.mark.speech
def test_the_engine_ends_when_the_kiosk_is_killed(tmp_path):
    program = (
        "import sys, time, pathlib\nfrom kiosk.speak.voice import Pyttsx3Voice\n"
        "Pyttsx3Voice(cache_dir=pathlib.Path(sys.argv[1])).synthesise('Hello.')\nprint(flush=True)\ntime.sleep(600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as kiosk:
        kiosk.stdout.readline()
        children = Path(f"/proc/{kiosk.pid}/task/{kiosk.pid}/children").read_text().split()
        kiosk.kill()
    assert len(children) == 1
    deadline = time.monotonic() + 30
    while _runs(children[0]):
        assert time.monotonic() < deadline, "the engine still runs"
        time.sleep(0.05)


def _runs(pid):
    """Tell whether a process runs; one that has ended may still be listed until its parent asks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# --- what is kept -------------------------------------------------------------------------------
def test_the_same_text_is_made_once(engine):
    voice = engine()
    assert voice.synthesise("Yes, it is.") == voice.synthesise("  Yes,\n it is. ")
    assert engine.log() == ["start", "Yes, it is."]


def test_what_an_earlier_run_made_needs_no_engine(engine):
    engine().synthesise("Yes.")
    engine().synthesise("Yes.")
    assert engine.log() == ["start", "Yes."]


def test_another_manner_of_speaking_is_made_anew(engine):
    engine().synthesise("Yes.")
    engine(rate=120).synthesise("Yes.")
    engine(volume=0.5).synthesise("Yes.")
    engine(voice="other").synthesise("Yes.")
    assert engine.log().count("Yes.") == 4


def test_a_text_that_several_threads_ask_for_is_made_once(engine):
    voice, paths = engine(), []
    threads = [threading.Thread(target=lambda: paths.append(voice.synthesise("Yes."))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 8
    assert len(set(paths)) == 1
    assert engine.log() == ["start", "Yes."]


@pytest.mark.parametrize("damage", [b"", b"RIFF", bytes(5000), None])
def test_a_damaged_sound_is_made_anew(engine, damage):
    voice = engine()
    path = voice.synthesise("Yes.")
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    assert voice.synthesise("Yes.") == path
    assert seconds(path) == 0.1
    assert engine.log().count("Yes.") == 2


def test_what_was_not_used_for_longest_goes_first(engine, tmp_path):
    voice = engine(cache_limit=3 * 1644)
    first, second, third = (voice.synthesise(text) for text in ("One.", "Two.", "Three."))
    for age, path in enumerate((third, second, first)):
        os.utime(path, (time.time() - 100 - age, time.time() - 100 - age))
    voice.synthesise("One.")
    fourth = voice.synthesise("Four.")
    assert set((tmp_path / "cache").iterdir()) == {first, third, fourth}


def test_a_sound_larger_than_the_cache_is_still_made(engine):
    assert engine(cache_limit=10).synthesise("Yes.").exists()


def test_where_the_cache_cannot_be_written_a_temporary_folder_is_used(engine, tmp_path):
    (tmp_path / "file").write_text("no folder")
    voice = engine(cache_dir=tmp_path / "file")
    path = voice.synthesise("Yes.")
    assert voice.synthesise("Yes.") == path
    assert engine.log() == ["start", "Yes."]
    voice.close()
    assert not path.exists()


# --- engines that fail --------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_cannot_be_said(engine, text):
    with pytest.raises(VoiceError, match="nothing to say"):
        engine().synthesise(text)


def test_a_missing_engine_is_told_with_what_to_install(engine):
    with pytest.raises(VoiceError, match="no eSpeak") as caught:
        engine("missing").synthesise("Yes.")
    assert "libespeak-ng1" in caught.value.mend


@pytest.mark.speech
def test_without_the_library_it_is_told_what_to_install(tmp_path, monkeypatch):
    """The module raises what pyttsx3 does on a Linux machine without libespeak."""
    (tmp_path / "pyttsx3.py").write_text("def init():\n    raise RuntimeError('you do not have eSpeak')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(VoiceError, match="you do not have eSpeak") as caught:
        voices()
    assert "libespeak-ng1" in caught.value.mend


@pytest.mark.parametrize("name", ["crashes once", "hangs once", "silent once"])
def test_an_engine_that_fails_once_is_started_again(engine, name):
    assert seconds(engine(name, limit=4).synthesise("Yes.")) == 0.1
    assert engine.log() == ["start", "Yes.", "start", "Yes."]


@pytest.mark.parametrize("name", ["crashes", "hangs", "silent"])
def test_an_engine_that_always_fails_is_told_and_leaves_nothing_behind(engine, name, tmp_path):
    voice = engine(name, limit=1)
    with pytest.raises(VoiceError, match="engine"):
        voice.synthesise("Yes.")
    assert not list((tmp_path / "cache").iterdir())


def test_the_aiff_that_macos_writes_becomes_a_wav(engine):
    path = engine("aiff").synthesise("Yes.")
    assert seconds(path) == pytest.approx(800 / 22050)
    samples, rate = soundfile.read(path)
    assert rate == 22050
    assert samples == pytest.approx(0.5, abs=0.001)


@pytest.mark.speech
def test_ctrl_c_in_the_terminal_does_not_end_the_engine():
    with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert json.loads(worker.stdout.readline()) == {"ready": True}
        worker.send_signal(signal.SIGINT)
        worker.stdin.write('{"voices": true}\n')
        worker.stdin.flush()
        assert json.loads(worker.stdout.readline())["voices"]


def test_what_is_no_sound_is_not_played(tmp_path):
    path = tmp_path / "text.wav"
    path.write_text("Yes.")
    with pytest.raises(VoiceError, match=r"text\.wav"):
        Loudspeaker().play(path, threading.Event())


@pytest.mark.parametrize(("nothing", "sound"), [(0, 5), (1200, 5), (1200, 0)])
def test_a_sound_is_played_from_where_it_begins(tmp_path, nothing, sound):
    path = tmp_path / "late.wav"
    with wave.open(str(path), "wb") as wav:
        wav.setparams((1, 2, 22_050, 0, "NONE", "not compressed"))
        wav.writeframes(b"\0\0" * nothing + b"\1\0" * sound)
    samples, rate = _samples(path)
    assert rate == 22_050
    assert samples.tolist() == ([1] * sound or [0] * nothing)
