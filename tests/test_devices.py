from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kiosk.sound.devices import Device, choose
from kiosk.terms import DeviceError

LAPTOP = (
    Device(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)", "ALSA", 44_100, default=False),
    Device(3, "USB PnP Sound Device: Audio (hw:1,0)", "ALSA", 48_000, default=False),
    Device(4, "USB Camera: Audio (hw:2,0)", "ALSA", 16_000, default=False),
    Device(7, "default", "ALSA", 44_100, default=True),
)
WINDOWS = (
    Device(1, "Microphone (USB Audio)", "MME", 44_100, default=True),
    Device(5, "Microphone (USB Audio)", "Windows DirectSound", 44_100, default=False),
    Device(9, "Microphone (USB Audio)", "Windows WASAPI", 48_000, default=False),
)


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(None, 7), (3, 3), ("3", 3), (" 4 ", 4), ("usb pnp", 3), ("CAMERA", 4), ("default", 7)],
)
def test_a_device_is_chosen_by_number_or_by_a_part_of_its_name(wanted, number):
    assert choose(LAPTOP, "input", wanted).number == number


@pytest.mark.parametrize("wanted", ["usb audio", "MME"])
def test_a_device_that_several_sound_systems_list_is_taken_from_the_default_one(wanted):
    assert choose(WINDOWS, "input", wanted).number == 1


def test_the_sound_system_may_be_named_too():
    assert choose(WINDOWS, "input", "wasapi").number == 9


def test_an_ambiguous_name_is_refused_with_the_devices_it_may_mean():
    with pytest.raises(DeviceError) as caught:
        choose(LAPTOP, "input", "usb")
    assert caught.value.what == 'There are several microphones called "usb".'
    assert "--microphone" in caught.value.mend
    assert "3: USB PnP Sound Device" in caught.value.mend
    assert "default" not in caught.value.mend


@pytest.mark.parametrize("wanted", ["bluetooth", "99", -1])
def test_an_unknown_device_is_refused_with_all_there_are(wanted):
    with pytest.raises(DeviceError) as caught:
        choose(LAPTOP, "output", wanted)
    assert caught.value.what == f'There is no loudspeaker called "{wanted}".'
    assert "--speaker" in caught.value.mend
    assert all(str(device) in caught.value.mend for device in LAPTOP)


def test_no_device_at_all_is_told():
    with pytest.raises(DeviceError, match="There is no microphone"):
        choose((), "input")


def test_without_portaudio_it_is_told_what_to_install(tmp_path):
    """The module raises what the real one does on a Linux machine without the library."""
    (tmp_path / "sounddevice.py").write_text('raise OSError("PortAudio library not found")\n')
    program = "from kiosk.sound.devices import microphones\nfrom kiosk.terms import KioskError\n"
    program += "try:\n    microphones()\nexcept KioskError as error:\n    print(error)\n"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert "PortAudio library not found" in run.stdout
    assert "sudo apt-get install libportaudio2" in run.stdout


def test_importing_the_sound_stages_loads_no_engine():
    """Text mode starts without them."""
    program = (
        "import sys, kiosk.sound.devices, kiosk.hear.listen, kiosk.hear.sound_file, kiosk.speak.loudspeaker\n"
        "print(*{'numpy', 'pyttsx3', 'sounddevice', 'soundfile', 'vosk'} & sys.modules.keys())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert not run.stdout.strip()
