"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from kiosk import places
from kiosk.converse.conversation import Memory, reply
from kiosk.intents import content
from kiosk.learning import learn
from kiosk.terms import Answer, Phrasebook, Transcript
from kiosk.transcribe.recogniser import VoskRecogniser
from kiosk.understand import Understander
from tests.readings import as_likely
from tests.staff_page.clinic import small

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long a case takes is the machine's business; and CI tries the same cases each time: new ones are `make fuzz`'s.
settings.register_profile("tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_report_header() -> str:
    """Tell what is left out, and why: nothing is skipped in silence."""
    return "" if os.geteuid() == 0 else "left out: tests/service/test_live.py, which boots a systemd and needs root"


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The installed speech model; KIOSK_MODEL names another one."""
    folder = places.model_dir()
    if not folder.is_dir():
        pytest.fail(f"There is no speech model in {folder}. Install it with: kiosk model install", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def recogniser(model_dir: Path) -> VoskRecogniser:
    """Vosk with the installed model, loaded once a run."""
    return VoskRecogniser(model_dir)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Speak a text into a WAV with one of flite's voices, so that it is not our own voice that is heard."""
    folder = tmp_path_factory.mktemp("spoken")

    @cache
    def spoken(text: str, voice: str = "rms") -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.wav"
        try:
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60)
        except FileNotFoundError:
            pytest.fail("flite not found. Install it with: sudo apt-get install flite", pytrace=False)
        return path

    return spoken


@pytest.fixture(scope="session")
def phrasebook() -> Phrasebook:
    """The shipped intents; KIOSK_INTENTS names others."""
    return content.load(places.intents_dir())


@pytest.fixture(scope="session")
def kiosk_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what can be made again, kept for the run: KIOSK_CACHE for commands that must not learn anew."""
    own = tmp_path_factory.getbasetemp()
    # Processes that share the tests share it, too: what one has learned serves the others.
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "kept"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def understander(phrasebook: Phrasebook, kiosk_cache: Path) -> Understander:
    """What understands questions, learned from the shipped intents once a run."""
    with FileLock(kiosk_cache / "learning.lock"):
        return Understander(phrasebook, learn.learned_for(phrasebook, kiosk_cache))


@pytest.fixture(scope="session")
def small_clinic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Understander, Path]:
    """A small clinic's folder of intents, what understands with it, and the cache: learned in a second or two."""
    there = tmp_path_factory.mktemp("clinic")
    folder = small(places.intents_dir(), there / "intents")
    phrasebook = content.load(folder)
    return folder, Understander(phrasebook, learn.learned_for(phrasebook, there / "cache")), there / "cache"


@pytest.fixture(scope="session", autouse=True)
def _own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What kiosks that are started keep goes to a folder of the run, not to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIOSK_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def ask(understander: Understander) -> Callable[..., Answer]:
    """Ask as a new patient: the readings of one utterance, likeliest first, typed or heard."""

    def ask(*readings: str, heard: bool = False) -> Answer:
        said = Transcript(readings[0], as_likely(*readings), heard=heard)
        return reply(said, Memory(), understander)[0]

    return ask


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only what tests the page waits for it

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("Chromium not found. Install it with: sudo apt-get install chromium", pytrace=False)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        options = ["--disable-gpu", "--autoplay-policy=no-user-gesture-required", *root]
        started = playwright.chromium.launch(executable_path=chromium, args=options)
        yield started
        started.close()
