"""Examines everything the kiosk needs, each part by itself, so that one fault does not hide another."""

from __future__ import annotations

import platform
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from kiosk import content, models, places, service
from kiosk.sound_worker import BLOCK
from kiosk.terms import ContentError, DeviceError, KioskError

if TYPE_CHECKING:
    from kiosk.hear import Microphone
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
BEYOND: Final = ("192.0.2.1", 9)
"""An address that nobody has (RFC 5737): a connection to it shows whether there is a way out, and sends nothing."""
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
    from kiosk.hear import Microphone  # noqa: PLC0415 - only here

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
    from kiosk.hear import Microphone  # noqa: PLC0415 - only here
    from kiosk.speak import Loudspeaker, Pyttsx3Voice  # noqa: PLC0415

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
    from kiosk.hear import level  # noqa: PLC0415 - only here

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
    folder = places.cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        return Finding("disk", "odd", f"{folder}: {error.strerror}.", "Answers are then made anew each time.")
    free = shutil.disk_usage(folder).free
    mend = "Free some space on the disk."
    return Finding("disk", "good" if free >= LEAST_FREE else "bad", f"{free / 1e9:.1f} GB free", mend)


def _clock(_looking: Looking) -> Finding:
    made = max(path.stat().st_mtime for path in Path(__file__).parent.glob("*.py"))
    if time.time() < made:
        return Finding("clock", "odd", time.strftime("%Y-%m-%d %H:%M"), "That is before the kiosk was made: set it.")
    return Finding("clock", "good", time.strftime("%Y-%m-%d %H:%M"))


def _service(_looking: Looking) -> Finding:
    unit = Path("/") / service.UNIT
    if not unit.is_file():
        return Finding("service", "odd", "not installed", "To start with the computer: sudo kiosk service install")
    if not Path("/run/systemd/system").is_dir():
        return Finding("service", "odd", "installed, but no systemd runs")
    return Finding("service", "good", "installed")


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


def _offline(_looking: Looking) -> Finding:
    """See whether this computer has a way out; the kiosk needs none, and takes none."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.connect(BEYOND)
        return Finding("offline", "good", "The computer has a network; the kiosk does not use it (see SECURITY.md)")
    return Finding("offline", "good", "The computer has no way out, and the kiosk needs none")
