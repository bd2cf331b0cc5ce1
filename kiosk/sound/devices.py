"""Which microphones and loudspeakers there are, and which one a person means.

`hear` and `speak` share this room. PortAudio fixes its list of devices when it starts, so a device
that was plugged in later is found only after `refresh`; numbers may change then, names do not.
PortAudio may hang for good when a sound server does, so a kiosk uses it in processes of their own
only: `worker`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Literal

from kiosk.terms import DeviceError

_lock: Final = threading.RLock()

Way = Literal["input", "output"]
NOUNS: Final[dict[Way, str]] = {"input": "microphone", "output": "loudspeaker"}
OPTIONS: Final[dict[Way, str]] = {"input": "--microphone", "output": "--speaker"}


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or a loudspeaker."""

    number: int
    """PortAudio's number; it may change when devices come and go."""
    name: str
    system: str
    """The sound system it is reached by, such as ALSA, Core Audio or Windows WASAPI."""
    rate: int
    """Its own rate, samples a second."""
    default: bool
    """True for the one that is used when none is named."""

    def __str__(self) -> str:
        return f"{self.number}: {self.name} ({self.system})"


def microphones() -> tuple[Device, ...]:
    """Return the devices that can hear; raises `DeviceError` without PortAudio."""
    return _devices("input")


def loudspeakers() -> tuple[Device, ...]:
    """Return the devices that can sound; raises `DeviceError` without PortAudio."""
    return _devices("output")


def find(way: Way, wanted: str | int | None = None) -> Device:
    """Return the device called `wanted`: a number, a part of its name in any case, or None for the default.

    Looks afresh before it gives up: the device may have been plugged in since. Raises `DeviceError`,
    telling which devices there are, if there is none or more than one.
    """
    try:
        return choose(_devices(way), way, wanted)
    except DeviceError:
        refresh()
        return choose(_devices(way), way, wanted)


def choose(there: Sequence[Device], way: Way, wanted: str | int | None = None) -> Device:
    """Return the one of the devices that are `there` that is meant by `wanted`, as `find` does."""
    if not there:
        # PortAudio leaves out what another program holds.
        raise DeviceError(
            f"There is no {NOUNS[way]}, or another program is using it.",
            "Plug one in, or end that program; `kiosk devices` shows whether it is found.",
        )
    found = _meant(there, wanted)
    if len(found) == 1:
        return found[0]
    asked = "that is used by default" if wanted is None else f'called "{wanted}"'
    choices = "; ".join(str(device) for device in (found or there))
    raise DeviceError(
        f"There {'are several' if found else 'is no'} {NOUNS[way]}{'s' if found else ''} {asked}.",
        f"Give a number or more of a name with {OPTIONS[way]}; one that another program uses is not listed. "
        f"There is: {choices}",
    )


def refresh() -> None:
    """Have PortAudio look for devices again, which ends every stream of this process."""
    sound = portaudio()
    with _lock:
        # sounddevice has no public way to do it (python-sounddevice #125).
        sound._terminate()  # noqa: SLF001
        sound._initialize()  # noqa: SLF001


def start(device: Device, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - sounddevice has no types
    """Return the stream of `device` that `make` returns, started; raises `DeviceError` if it cannot be opened."""
    stream = None
    try:
        stream = make()
        stream.start()
    except portaudio().PortAudioError as error:
        if stream:
            stream.close()
        raise DeviceError(
            f"{device.name} cannot be opened: {error}.",
            "Another program may be using it. `kiosk devices` shows what else there is.",
        ) from error
    return stream


def portaudio() -> ModuleType:
    """Return the module `sounddevice`; raises `DeviceError` where it cannot be loaded."""
    with _lock:
        try:
            import sounddevice  # noqa: PLC0415 - text mode starts without a sound card
        except (ImportError, OSError) as error:
            raise DeviceError(
                f"The sound library PortAudio cannot be loaded: {error}.",
                "On Debian and Ubuntu: sudo apt-get install libportaudio2",
            ) from error
    module: ModuleType = sounddevice
    return module


def _devices(way: Way) -> tuple[Device, ...]:
    sound = portaudio()
    with _lock:
        systems = sound.query_hostapis()
        default = sound.default.device[way]
        there = [device for device in sound.query_devices() if device[f"max_{way}_channels"] > 0]
    return tuple(
        Device(
            number=device["index"],
            name=device["name"],
            system=systems[device["hostapi"]]["name"],
            rate=round(device["default_samplerate"]),
            default=device["index"] == default,
        )
        for device in there
    )


def _meant(there: Sequence[Device], wanted: str | int | None) -> list[Device]:
    """Return the devices that `wanted` may mean, the narrowest reading that fits any."""
    if wanted is None:
        return [device for device in there if device.default]
    if isinstance(wanted, int) or wanted.strip().isdecimal():
        return [device for device in there if device.number == int(wanted)]
    name = wanted.strip().casefold()
    exact = [device for device in there if device.name.casefold() == name]
    partial = [device for device in there if name in f"{device.name} ({device.system})".casefold()]
    found = exact or partial
    # Windows lists every device once for each of its sound systems: take the default system's.
    systems = {device.system for device in there if device.default}
    return [device for device in found if device.system in systems] or found
