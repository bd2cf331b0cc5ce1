"""Opens the page full-screen in a browser of this computer, with a profile that is new each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
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
    "--autoplay-policy=no-user-gesture-required",
)
"""No errands of its own on the network, no gesture that leaves the page, and sound without a touch before it."""
PREFERENCES: Final = (
    'user_pref("media.autoplay.default", 0);\n'
    'user_pref("browser.shell.checkDefaultBrowser", false);\n'
    'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
    'user_pref("app.update.auto", false);\n'
)
"""The same for Firefox."""
GOODBYE: Final = 5.0
"""Seconds the browser gets to close."""


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether there is a screen to open a browser on."""
    return sys.platform != "linux" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def command(address: str, profile: Path) -> list[str] | None:
    """Return what opens `address` full-screen with the folder `profile`, None where there is no browser."""
    for name in (*CHROMES, *ELSEWHERE):
        if found := shutil.which(name):
            # As root Chromium starts only without its sandbox; a kiosk's own user keeps it.
            root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
            return [found, "--kiosk", f"--user-data-dir={profile}", *QUIET, *root, address]
    for name in FIREFOXES:
        if found := shutil.which(name):
            return [found, "--kiosk", "--no-remote", "--profile", str(profile), address]
    return None


@contextmanager
def opened(address: str) -> Iterator[bool]:
    """Show the page full-screen until the end of the context; yields whether a browser was found."""
    with tempfile.TemporaryDirectory(prefix="kiosk-browser-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder)
        (profile / "user.js").write_text(PREFERENCES, encoding="utf-8")
        line = command(address, profile)
        if line is None:
            yield False
            return
        browser = subprocess.Popen(  # noqa: S603 - a browser of this computer
            line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield True
        finally:
            browser.terminate()
            with suppress(subprocess.TimeoutExpired):
                browser.wait(GOODBYE)
            browser.kill()
            browser.wait()
