"""Keeps the page open full-screen in a browser of this computer, with a profile that is new each time."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

CHROMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FIREFOXES: Final = ("firefox", "firefox-esr")
ELSEWHERE: Final = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where macOS and Windows keep browsers, off the search path."""
QUIET: Final = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-translate",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--noerrdialogs",
    "--password-store=basic",
    "--autoplay-policy=no-user-gesture-required",
)
"""No errands of its own on the network, no gesture that leaves the page, no window that asks a patient for a
password, and sound without a touch before it."""
PREFERENCES: Final = (
    'user_pref("media.autoplay.default", 0);\n'
    'user_pref("browser.shell.checkDefaultBrowser", false);\n'
    'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
    'user_pref("app.update.auto", false);\n'
)
"""The same for Firefox."""
GOODBYE: Final = 5.0
"""Seconds the browser gets to close."""
GLANCE: Final = 0.1
"""Seconds between looks at whether the browser is still there."""
AGAIN: Final = 1.0
"""Seconds until a browser that has ended is opened again, each time twice as many, up to `LONGEST_PAUSE`."""
LONGEST_PAUSE: Final = 60.0
STEADY: Final = 60.0
"""Seconds after which a browser that ends did not fail at its start."""

_log = logging.getLogger(__name__)


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether there is a screen to open a browser on."""
    return sys.platform != "linux" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def command(address: str, profile: Path) -> list[str] | None:
    """Return what opens `address` full-screen with the folder `profile`, None where there is no browser."""
    for name in (*CHROMES, *ELSEWHERE):
        if found := shutil.which(name):
            # As root Chromium starts only without its sandbox; a kiosk's own user keeps it.
            # Without "--test-type" it would say so, in a bar across the page.
            root = ["--no-sandbox", "--test-type"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
            return [found, "--kiosk", f"--user-data-dir={profile}", *QUIET, *root, address]
    for name in FIREFOXES:
        if found := shutil.which(name):
            return [found, "--kiosk", "--no-remote", "--profile", str(profile), address]
    return None


@contextmanager
def opened(address: str) -> Iterator[bool]:
    """Show the page full-screen until the end of the context; yields whether a browser was found.

    A browser that ends before, because it broke down or somebody closed it, is opened again.
    """
    if command(address, Path()) is None:
        yield False
        return
    over = threading.Event()
    keeper = threading.Thread(target=_keep_open, args=(address, over), name="browser", daemon=True)
    keeper.start()
    try:
        yield True
    finally:
        over.set()
        keeper.join()


def _keep_open(address: str, over: threading.Event) -> None:
    pause = AGAIN / 2
    while not over.is_set():
        began = time.monotonic()
        try:
            _open_once(address, over)
        except OSError as error:
            _log.warning("The browser cannot be started: %s", error.strerror)
        pause = AGAIN if time.monotonic() - began > STEADY else min(2 * pause, LONGEST_PAUSE)
        over.wait(pause)


def _open_once(address: str, over: threading.Event) -> None:
    """Show the page until it is `over`, or the browser ends; what the browser wrote is gone with it."""
    with tempfile.TemporaryDirectory(prefix="kiosk-browser-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "user.js").write_text(PREFERENCES, encoding="utf-8")
        line = command(address, Path(folder))
        if line is None:
            return
        nothing = subprocess.DEVNULL
        # In a session of its own: Ctrl+C in the terminal is for the kiosk, which then closes its browser.
        browser = subprocess.Popen(  # noqa: S603 - a browser of this computer
            line, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        try:
            while browser.poll() is None and not over.wait(GLANCE):
                pass
            if not over.is_set():
                _log.warning("The browser has ended; it is opened again.")
        finally:
            browser.terminate()
            with suppress(subprocess.TimeoutExpired):
                browser.wait(GOODBYE)
            browser.kill()
            browser.wait()
