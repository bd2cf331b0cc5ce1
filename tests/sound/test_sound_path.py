"""The kiosk hears and speaks through a virtual sound card: real PortAudio, real Vosk, real pyttsx3."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import soundfile

from kiosk.hear.endpoint import Endpoint
from kiosk.hear.listen import Cancelled, Heard, Noise, Silence, listen
from kiosk.hear.microphone import Microphone, level
from kiosk.sound import devices, supervised
from kiosk.speak.loudspeaker import Loudspeaker
from kiosk.speak.voice import Pyttsx3Voice
from kiosk.terms import DeviceError
from kiosk.transcribe.recogniser import transcribe
from tests.sound.conftest import RATE
from tests.waiting import until

pytestmark = [pytest.mark.sound, pytest.mark.speech]

SORE = "You may feel sore for one or two days after the treatment. This is normal, and it gets better by itself."
LONG = "This is a long answer that nobody wants to hear to its end. " * 4


@pytest.fixture
def hear(sound_card, recogniser):
    """Listen to the virtual microphone while a sound is played into it."""

    def hear(path=None, endpoint=None, **rest):
        events = {"stop": threading.Event(), "cancel": threading.Event(), **rest}
        with Microphone() as microphone:
            blocks = microphone.blocks()
            next(blocks)  # it hears: the patient may begin
            blocks.close()
            patient = threading.Thread(target=sound_card.say, args=(path,)) if path else None
            if patient:
                patient.start()
            outcome = listen(microphone, recogniser, endpoint or Endpoint(no_speech=10), **events)
            if patient:
                patient.join()
        return outcome

    return hear


@pytest.fixture
def loudspeaker(sound_card):  # noqa: ARG001 - it is the only one there is
    with Loudspeaker() as loudspeaker:
        loudspeaker.open()
        yield loudspeaker


@pytest.fixture
def voice(tmp_path):
    with Pyttsx3Voice(cache_dir=tmp_path) as voice:
        yield voice


def beep(folder):
    """Return a sound of one second."""
    path = folder / "beep.wav"
    soundfile.write(path, 0.5 * np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE), RATE, "PCM_16")
    return path


def _file(path, samples):
    soundfile.write(path, samples, RATE)
    return path


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("I cannot breathe properly.", {"cannot", "breathe"}),
        ("Can I take a hot shower after the treatment?", {"take", "shower", "treatment"}),
    ],
)
def test_a_spoken_question_is_heard(hear, spoken, question, words):
    outcome = hear(spoken(question))
    assert isinstance(outcome, Heard)
    assert words <= set(outcome.transcript.text.split())


def test_words_and_levels_are_told_while_somebody_speaks(hear, spoken):
    told = []
    outcome = hear(
        spoken("I cannot breathe properly."), on_block=lambda words, loudness: told.append((words, loudness))
    )
    assert isinstance(outcome, Heard)
    assert any(0 < len(words) < len(outcome.transcript.text) for words, _ in told)
    assert max(loudness for _, loudness in told) > -30
    assert min(loudness for _, loudness in told) < -60


def test_a_pause_for_thought_does_not_cut_a_question(hear, spoken, tmp_path):
    first, rate = soundfile.read(spoken("I had needling yesterday."))
    second, _ = soundfile.read(spoken("Can I take a hot shower?"))
    path = tmp_path / "pause.wav"
    soundfile.write(path, np.concatenate([first, np.zeros(round(1.2 * rate)), second]), rate)
    outcome = hear(path, Endpoint(no_speech=10, silence=2.5))
    assert isinstance(outcome, Heard)
    assert {"yesterday", "shower"} <= set(outcome.transcript.text.split())


def test_silence_gives_silence(hear):
    assert hear(endpoint=Endpoint(no_speech=0.5)) == Silence()


def test_noise_gives_nothing(hear, tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.05, 4 * RATE)
    assert hear(_file(tmp_path / "noise.wav", noise), Endpoint(no_speech=3)) in (Noise(), Silence())


def test_knocking_gives_noise(hear, tmp_path):
    knocks = np.zeros(3 * RATE)
    for second in (0.5, 1.2, 2.4):
        start = round(second * RATE)
        knocks[start : start + RATE // 25] = 0.5 * np.random.default_rng(2).normal(0, 0.5, RATE // 25)
    assert hear(_file(tmp_path / "knocks.wav", np.clip(knocks, -1, 1)), Endpoint(no_speech=3.5)) == Noise()


def test_letting_go_of_the_talk_key_ends_at_once(hear, spoken):
    """Without `stop` it would hear on for the 30 s of silence that this endpoint wants."""
    stop = threading.Event()

    def let_go(words, _loudness):
        if "breathe" in words:
            stop.set()

    outcome = hear(spoken("I cannot breathe properly."), Endpoint(silence=30, cap=60), stop=stop, on_block=let_go)
    assert isinstance(outcome, Heard)
    assert "breathe" in outcome.transcript.text


def test_cancelling_forgets_what_was_heard(hear, spoken):
    cancel = threading.Event()

    def call_off(words, _loudness):
        if words:
            cancel.set()

    assert hear(spoken("I cannot breathe properly."), cancel=cancel, on_block=call_off) == Cancelled()


def test_between_utterances_nothing_is_heard(sound_card, spoken):
    """So the kiosk never hears itself."""
    with Microphone() as microphone:
        blocks = microphone.blocks()
        next(blocks)
        blocks.close()
        sound_card.say(spoken("I cannot breathe properly."))
        for _ in range(10):  # what the card itself brings late is not what was dropped
            time.sleep(0.3)
            blocks = microphone.blocks()
            loudest = max(level(next(blocks)) for _ in range(5))
            blocks.close()
            if loudest < -60:
                break
        assert loudest < -60
        assert microphone.overflows == 0


def test_an_answer_is_heard_from_the_loudspeaker(sound_card, loudspeaker, voice, recogniser):
    path = voice.synthesise(SORE)
    progress = []
    with sound_card.recording() as recording:
        assert loudspeaker.play(path, threading.Event(), progress.append)
        recording.wait_for(0.5)
    words = set(transcribe(recogniser, bytes(recording.pcm), RATE).text.split())
    assert {"one", "or", "two", "days", "after", "treatment", "normal", "better"} <= words
    assert progress == sorted(progress)
    assert 0 <= progress[0] < 0.5 < progress[-1] <= 1


def assert_played_whole(card, loudspeaker, path, unused=0.0):
    """Play a sound of one second after so many seconds without one, and hear as much."""
    lasted = []
    for _ in range(5):  # on a busy machine the recorder itself may lose some
        time.sleep(unused)
        with card.recording() as recording:
            assert loudspeaker.play(path, threading.Event())
            recording.wait_for(0.5)
        loud = recording.loud()
        lasted.append(loud[-1] - loud[0])
        if lasted[-1] == pytest.approx(1.0, abs=0.02):
            break
    assert pytest.approx(1.0, abs=0.02) in lasted


def test_no_sound_of_an_answer_is_lost_at_either_end(sound_card, loudspeaker, tmp_path):
    assert_played_whole(sound_card, loudspeaker, beep(tmp_path))


def test_stop_silences_at_once(sound_card, loudspeaker, voice):
    """The best of five tries: on a busy machine the recorder itself may be late."""
    path = voice.synthesise(LONG)
    latencies = []
    for _ in range(5):
        stop = threading.Event()
        with sound_card.recording() as recording:
            played: list[bool] = []
            speaking = threading.Thread(
                target=lambda stop=stop, played=played: played.append(loudspeaker.play(path, stop))
            )
            speaking.start()
            recording.wait_until_loud()
            recording.wait_for(0.5)
            stopped = recording.seconds
            stop.set()
            speaking.join()
            recording.wait_for(1.0)
            assert played == [False]
            latencies.append(recording.loud()[-1] - stopped)
        if latencies[-1] < 0.2:
            break
    assert min(latencies) < 0.2


@pytest.mark.usefixtures("sound_card")
def test_devices_are_found_by_a_part_of_their_name():
    assert devices.find("input", "PUL").name == "pulse"
    assert devices.find("output", devices.find("output", "pulse").number).name == "pulse"
    with pytest.raises(DeviceError, match='called "nosuch"') as caught:
        Microphone("nosuch").open()
    assert "pulse" in caught.value.mend


def test_a_lost_microphone_is_told_and_found_again(sound_card):
    with Microphone() as microphone:
        blocks = microphone.blocks()
        next(blocks)
        with sound_card.unplugged_microphone(), pytest.raises(DeviceError, match="lost"):
            for _ in blocks:
                pass
        until(lambda: microphone.present)
        assert next(microphone.blocks())


def test_a_lost_loudspeaker_is_told_and_found_again(sound_card, loudspeaker, voice):
    path = voice.synthesise(LONG)
    with sound_card.unplugged_loudspeaker(), pytest.raises(DeviceError, match="lost"):
        loudspeaker.play(path, threading.Event())
    until(lambda: loudspeaker.present)
    assert loudspeaker.play(voice.synthesise("Yes."), threading.Event())


# --- what nobody has used for a while -------------------------------------------------------------------------------
def sound_streams(kind: str) -> int:
    """Return how many programs hear ("source-outputs") or sound ("sink-inputs")."""
    listed = subprocess.run(["pactl", "list", "short", kind], capture_output=True, check=True, text=True, timeout=20)
    return len(listed.stdout.splitlines())


SOON = "from kiosk.sound import worker; worker.DISUSED = worker.LOOK = 1.0"
"""Devices are disused after 1 s, and looked at every second."""


@pytest.fixture
def disused(sound_card, monkeypatch):
    monkeypatch.setattr(supervised, "WORKER", (sys.executable, "-c", f"{SOON}; worker.main()"))
    return sound_card


def test_a_microphone_that_nobody_uses_is_closed_and_hears_whoever_speaks_next(disused, recogniser, spoken):
    before = sound_streams("source-outputs")
    with Microphone() as microphone:
        until(lambda: sound_streams("source-outputs") == before + 1)
        until(lambda: sound_streams("source-outputs") == before)
        assert microphone.present
        patient = threading.Timer(0.2, disused.say, (spoken("I cannot breathe properly."),))
        patient.start()
        outcome = listen(
            microphone, recogniser, Endpoint(no_speech=10), stop=threading.Event(), cancel=threading.Event()
        )
        patient.join()
        assert isinstance(outcome, Heard)
        assert {"cannot", "breathe", "properly"} <= set(outcome.transcript.text.split())
        assert microphone.losses == 0


def test_that_a_closed_microphone_is_lost_is_found_out_before_anybody_speaks(disused):
    before = sound_streams("source-outputs")
    with Microphone() as microphone:
        until(lambda: sound_streams("source-outputs") == before + 1)
        until(lambda: sound_streams("source-outputs") == before)
        with disused.unplugged_microphone():
            until(lambda: not microphone.present)
        until(lambda: microphone.present)


SLOW = """
start, times = worker._Ear._start, []
def slow(self, put):
    times.append(1)
    worker.time.sleep({} if len(times) > 1 else 0)
    return start(self, put)
worker._Ear._start = slow
worker.main()
"""


@pytest.mark.parametrize(("seconds", "losses"), [(0.4, 0), (2.0, 1)])
def test_a_microphone_that_is_slow_to_wake_is_left_awake(sound_card, monkeypatch, seconds, losses):  # noqa: ARG001
    """One that is so slow that it counts as lost, too."""
    monkeypatch.setattr(supervised, "WORKER", (sys.executable, "-c", f"{SOON}{SLOW.format(seconds)}"))
    before = sound_streams("source-outputs")
    with Microphone() as microphone:
        until(lambda: sound_streams("source-outputs") == before + 1)
        until(lambda: sound_streams("source-outputs") == before)
        awake = 0
        while awake < 15:  # 3 s, of which it would be closed 1 s
            awake = awake + 1 if sound_streams("source-outputs") == before + 1 else 0
            time.sleep(0.2)
        assert microphone.present
        assert microphone.losses == losses


def test_a_loudspeaker_that_nobody_uses_plays_the_next_answer_whole(disused, tmp_path):
    with Loudspeaker() as loudspeaker:
        loudspeaker.open()
        assert_played_whole(disused, loudspeaker, beep(tmp_path), unused=2.5)
        assert loudspeaker.losses == 0
