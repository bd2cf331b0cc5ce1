"""What is loaded, and when: text mode needs neither Vosk, nor a voice, nor a sound card."""

import subprocess
import sys

import pytest

HEAVY = {"numpy", "pyttsx3", "requests", "scipy", "sklearn", "sounddevice", "soundfile", "tqdm", "vosk"}


def loaded_after(program: str, *arguments: str, given: str = "") -> set[str]:
    """Return the top-level modules that are loaded once `program` is done."""
    tell = "import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{tell}", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def test_the_door_loads_nothing_heavy():
    assert not loaded_after("import kiosk.cli") & HEAVY


@pytest.mark.parametrize("command", [["--version"], ["--help"], ["model", "verify"], ["intents", "check"]])
def test_small_commands_load_nothing_heavy(command):
    program = """
import sys
from kiosk.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
"""
    assert not loaded_after(program, *command) & HEAVY
