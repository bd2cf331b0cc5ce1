"""Examines everything the kiosk needs, each part by itself, so that one fault does not hide another."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from kiosk import places
from kiosk.intents import content
from kiosk.sound.worker import BLOCK
from kiosk.terms import ContentError, DeviceError, KioskError
from kiosk.transcribe import models
from kiosk.upkeep import service

if TYPE_CHECKING:
    from kiosk.hear.microphone import Microphone
    from kiosk.settings import Settings

OLDEST: Final = (3, 11)
RECORDED: Final = 1.0
"""Seconds that are recorded to see how loud it is."""
QUIETEST: Final = -65.0
"""dBFS; a microphone that gives less in a room with people is turned down."""
HEARS_ITSELF: Final = 6.0
"""Decibels that a microphone near the loudspeaker must hear more while it plays."""
LEAST_FREE: Final = 200_000_000
"""Bytes on the disk: answers are kept in as many."""
OTHERS: Final = 0o077
"""The rights of everybody but the owner."""
QUESTION: Final = "is tingling normal"
LEARNING: Final = 300.0
"""Seconds that a question may take where the sample questions must be learned first."""
HOME: Final = Path(__file__).parent.parent
"""Where Python finds this package."""
SENTENCE: Final = "This is the kiosk speaking."

State = Literal["good", "odd", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part is."""

    part: str
    state: State
    """odd: the kiosk goes on without it, but somebody should look."""
    told: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Looking:
    """What is examined."""

    settings: Settings
    intents: Path | None = None
    model: Path | None = None
    microphone: str | None = None
    speaker: str | None = None
    sound: bool = True
    """False to play and record nothing."""
    pin: Path | None = None
    """The file that would hold the hash of the staff page's PIN."""


def examine(looking: Looking) -> Iterator[Finding]:
    """Yield how each part is, the foundations first."""
    checks: tuple[tuple[str, Callable[[Looking], Finding]], ...] = (
        ("python", _python),
        ("packages", _packages),
        ("model", _model),
        ("intents", _intents),
        ("microphone", _microphone),
        ("loudspeaker", _loudspeaker),
        ("display", _display),
        ("browser", _browser),
        ("disk", _disk),
        ("clock", _clock),
        ("service", _service),
        ("pin", _pin),
        ("page", _page),
        ("offline", _offline),
    )
    for part, check in checks:
        try:
            yield check(looking)
        except KioskError as error:
            yield Finding(part, "bad", error.what.splitlines()[0], error.mend)
        except Exception as error:  # noqa: BLE001 - a part in a state that nobody foresaw is a finding, too
            yield Finding(part, "bad", f"It cannot be examined: {type(error).__name__}.", "Run the set-up again.")


def _python(_looking: Looking) -> Finding:
    good = sys.version_info >= OLDEST
    return Finding("python", "good" if good else "bad", platform.python_version(), "Install Python 3.11 or newer.")


def _packages(_looking: Looking) -> Finding:
    needed = [line.split(";")[0] for line in metadata.requires("clinic-kiosk") or () if "extra ==" not in line]
    names = ["".join(c for c in line.split(">")[0].split("=")[0] if c.isalnum() or c in "-_.") for line in needed]
    missing = []
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "bad", f"Missing: {', '.join(missing)}.", "Run the set-up again: make run")
    return Finding("packages", "good", f"{len(names)} there")


def _model(looking: Looking) -> Finding:
    if other := looking.model or looking.settings.model.dir:
        return Finding("model", "odd", f"{other} is used as it is.", "Only the kiosk's own model can be verified.")
    manifest = models.read_manifest(places.model_manifest())
    models.require(manifest, places.model_dir())
    return Finding("model", "good", f"{places.MODEL}: every file has the right digest")


def _intents(looking: Looking) -> Finding:
    folder = looking.intents or places.intents_dir()
    phrasebook, faults = content.check(folder)
    if phrasebook is None:
        raise ContentError([fault for fault in faults if not fault.warning])
    state: State = "odd" if faults else "good"
    told = f"{len(phrasebook.intents)} intents, {len(faults)} warnings"
    return Finding("intents", state, told, "kiosk intents check tells them")


def _microphone(looking: Looking) -> Finding:
    from kiosk.hear.microphone import Microphone  # noqa: PLC0415 - only here

    if not looking.sound:
        return Finding("microphone", "odd", "not tried", "Leave out --no-sound.")
    with Microphone(_wanted(looking.microphone, looking.settings.sound.microphone)) as microphone:
        loudest = _level(microphone, RECORDED)
        watch = microphone.watch
        if watch.dead >= RECORDED / 2:
            return Finding("microphone", "bad", "Nothing at all comes from it.", "Is it switched off, or muted?")
        if watch.clipped:
            return Finding("microphone", "odd", f"{loudest:.0f} dB: too loud.", "Turn it down.")
        if loudest < QUIETEST:
            return Finding("microphone", "odd", f"{loudest:.0f} dB: very quiet.", "Turn it up: kiosk devices --try")
    return Finding("microphone", "good", f"{loudest:.0f} dB in one second")


def _loudspeaker(looking: Looking) -> Finding:
    from kiosk.hear.microphone import Microphone  # noqa: PLC0415 - only here
    from kiosk.speak.loudspeaker import Loudspeaker  # noqa: PLC0415
    from kiosk.speak.voice import Pyttsx3Voice  # noqa: PLC0415

    if not looking.sound:
        return Finding("loudspeaker", "odd", "not tried", "Leave out --no-sound.")
    chosen = looking.settings
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-doctor-")))
        voice = stack.enter_context(Pyttsx3Voice(cache_dir=folder, rate=chosen.voice.rate, voice=chosen.voice.id))
        sound = voice.synthesise(SENTENCE)
        loudspeaker = stack.enter_context(Loudspeaker(_wanted(looking.speaker, chosen.sound.speaker)))
        loudspeaker.open()
        microphone = Microphone(_wanted(looking.microphone, chosen.sound.microphone))
        stack.callback(microphone.close)
        try:
            microphone.open()
        except DeviceError:
            loudspeaker.play(sound, threading.Event())
            return Finding("loudspeaker", "good", "It plays; whether it is heard, you must hear.")
        still = _level(microphone, RECORDED)
        playing = threading.Thread(target=loudspeaker.play, args=(sound, threading.Event()), daemon=True)
        playing.start()
        heard = _level(microphone, RECORDED)
        playing.join()
    if heard - still >= HEARS_ITSELF:
        return Finding("loudspeaker", "good", f"It plays, and the microphone hears it ({heard - still:.0f} dB more)")
    return Finding("loudspeaker", "odd", "It plays, but the microphone does not hear it.", "Is it turned down, or far?")


def _level(microphone: Microphone, seconds: float) -> float:
    """Return the loudest block in so many seconds, in dBFS."""
    from kiosk.hear.microphone import level  # noqa: PLC0415 - only here

    blocks = microphone.blocks()
    try:
        return max(level(block) for block in islice(blocks, round(seconds / BLOCK)))
    finally:
        blocks.close()


def _wanted(named: str | None, chosen: str) -> str | None:
    return named or chosen or None


def _display(_looking: Looking) -> Finding:
    from kiosk.screen import browser  # noqa: PLC0415 - only here

    if browser.has_display():
        return Finding("display", "good", "there")
    return Finding("display", "odd", "none here", "Look from the desktop that shows the page.")


def _browser(_looking: Looking) -> Finding:
    from kiosk.screen import browser  # noqa: PLC0415 - only here

    line = browser.command("about:blank", Path())
    if line is None:
        return Finding("browser", "bad", "none found", "On Debian and Ubuntu: sudo apt-get install chromium")
    return Finding("browser", "good", line[0])


def _disk(_looking: Looking) -> Finding:
    folders = {"its cache": places.cache_dir(), "what must last": places.data_dir(), "the log": places.log_dir()}
    for kept, folder in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"x" * 4096)
                file.flush()
        except OSError as error:
            told = f"{folder}, for {kept}, cannot be written to: {error.strerror}."
            return Finding("disk", "bad", told, "Free some space, or run the kiosk as the user who owns it.")
    free = min(shutil.disk_usage(folder).free for folder in folders.values())
    mend = "Free some space on the disk."
    return Finding("disk", "good" if free >= LEAST_FREE else "bad", f"{free / 1e9:.1f} GB free", mend)


def _clock(_looking: Looking) -> Finding:
    made = max(path.stat().st_mtime for path in Path(__file__).parent.rglob("*.py"))
    if time.time() < made:
        return Finding("clock", "odd", time.strftime("%Y-%m-%d %H:%M"), "That is before the kiosk was made: set it.")
    return Finding("clock", "good", time.strftime("%Y-%m-%d %H:%M"))


def _service(_looking: Looking) -> Finding:
    unit = Path("/") / service.UNIT
    if not unit.is_file():
        return Finding("service", "odd", "not installed", "To start with the computer: sudo kiosk service install")
    if not Path("/run/systemd/system").is_dir():
        return Finding("service", "odd", "installed, but no systemd runs")
    line = ["systemctl", "is-active", service.NAME]
    state = subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - fixed
    if state != "active":
        return Finding("service", "bad", f"installed, but {state}", f"See why: journalctl --unit {service.NAME}")
    return Finding("service", "good", "installed, and runs")


def _pin(looking: Looking) -> Finding:
    setting = "kiosk staff set-pin, with sudo if the kiosk runs as a service"
    try:
        rights = (looking.pin or places.staff_dir() / "pin").stat().st_mode
    except FileNotFoundError:
        return Finding("pin", "odd", "not set, so there is no staff page", f"To have one: {setting}")
    except PermissionError:
        return Finding("pin", "odd", "kept by another user", "Look as that user, or with sudo.")
    if os.name == "posix" and rights & OTHERS:
        return Finding(
            "pin", "bad", "Others can read its hash, so the staff page is closed.", f"Set it anew: {setting}"
        )
    return Finding("pin", "good", "set, and its hash readable by its owner alone")


def _page(looking: Looking) -> Finding:
    """See whether a kiosk serves its page here, and nobody else on its port."""
    import http.client  # noqa: PLC0415 - only here

    port = looking.settings.screen.port
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        link.request("GET", "/")
        served = link.getresponse()
        ours = served.getheader("content-security-policy", "").startswith("default-src 'none'")
    except (OSError, http.client.HTTPException):
        return Finding("page", "odd", f"no kiosk runs on port {port}", "Start it: make run")
    finally:
        link.close()
    if ours:
        return Finding("page", "good", f"served on port {port}")
    return Finding("page", "bad", f"Another program has port {port}.", "Name another in [screen] of the settings.")


def _offline(looking: Looking) -> Finding:
    """Ask a question in a network namespace that has no network at all, where Linux makes one."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    shelter = ["unshare", "--net"] if as_root else ["unshare", "--net", "--map-root-user"]
    there = shutil.which(shelter[0])
    if not there or subprocess.run([*shelter, "true"], capture_output=True, check=False).returncode:  # noqa: S603
        return Finding("offline", "odd", "not tried: no program can be cut off from the network here")
    command = [sys.executable, "-m", "kiosk", "ask", "--json"]
    intents = ["--intents", str(looking.intents.absolute())] if looking.intents else []
    asked = subprocess.run(  # noqa: S603 - our own program
        [*shelter, *command, *intents, QUESTION], capture_output=True, check=False, cwd=HOME, timeout=LEARNING
    )
    if asked.returncode == 0 and b'"outcome": "answer"' in asked.stdout:
        return Finding("offline", "good", "cut off from every network, it answers")
    return Finding("offline", "bad", "Cut off from every network, it does not answer.", "See what is wrong above.")
