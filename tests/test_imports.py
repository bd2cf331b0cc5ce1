"""What is loaded, and when: text mode needs neither Vosk, nor a voice, nor a sound card."""

import subprocess
import sys

import pytest

ENGINES = {"pyttsx3", "sounddevice", "soundfile", "vosk"}
HEAVY = ENGINES | {"numpy", "requests", "scipy", "sklearn", "tqdm"}
RUN = """
import sys
from kiosk.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
"""


def loaded_after(program: str, *arguments: str, given: str = "") -> set[str]:
    """Return the top-level modules that are loaded once `program` is done."""
    tell = "import sys; print('loaded', *{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    command = [sys.executable, "-c", f"{program}\n{tell}", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = done.stderr.splitlines()[-1].split()
    assert loaded[0] == "loaded"
    return set(loaded)


def test_the_door_loads_nothing_heavy():
    assert not loaded_after("import kiosk.cli") & HEAVY


@pytest.mark.parametrize("command", [["--version"], ["--help"], ["model", "verify"], ["intents", "check", "--quick"]])
def test_small_commands_load_nothing_heavy(command):
    assert not loaded_after(RUN, *command) & HEAVY


def test_text_mode_loads_no_engine_and_once_it_has_learned_nothing_heavy(small_clinic, tmp_path, monkeypatch):
    monkeypatch.setenv("KIOSK_INTENTS", str(small_clinic[0]))
    monkeypatch.setenv("KIOSK_CACHE", str(tmp_path))
    question = "is tingling normal\n"
    assert not loaded_after(RUN, "run", "--text", given=question) & ENGINES
    for command in (["run", "--text"], ["ask"], ["ask", "--json"]):
        assert not loaded_after(RUN, *command, given=question) & HEAVY
