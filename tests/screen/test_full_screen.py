"""`kiosk run` where there is a display: the page full-screen in a real browser, and in the terminal the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

from tests.cli.terminal import PATIENT, kiosk_run

WIDTH, HEIGHT = 1024, 600
TOOLS = ("Xvfb", "openbox", "xdotool", "chromium")
HELP_NOW = (WIDTH - 90, 30)
"""Where the page's button for an emergency is, if the page has the whole screen."""


class Display:
    """A display without a screen, its mouse and its windows."""

    def __init__(self, name: str) -> None:
        self.name = name

    def do(self, *command: str) -> str:
        line = ["xdotool", *command]
        environment = {**os.environ, "DISPLAY": self.name}
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=20).stdout

    def browsers(self) -> list[str]:
        """The windows of browsers, each as its place and size."""
        windows = self.do("search", "--onlyvisible", "--class", "chromium").split()
        return [" ".join(self.do("getwindowgeometry", "--shell", window).split()[1:5]) for window in windows]

    def wait_for_browser(self) -> None:
        self._wait(lambda: f"X=0 Y=0 WIDTH={WIDTH} HEIGHT={HEIGHT}" in self.browsers())

    def wait_for_none(self) -> None:
        self._wait(lambda: not self.browsers())

    def _wait(self, true) -> None:
        deadline = time.monotonic() + PATIENT
        while not true():
            assert time.monotonic() < deadline, self.browsers()
            time.sleep(0.05)


@pytest.fixture
def display():
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.fail(f"{', '.join(missing)} not found. Install: sudo apt-get install xvfb openbox xdotool chromium")
    theirs, ours = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    line = ["Xvfb", "-displayfd", str(ours), "-screen", "0", size, "-nolisten", "tcp"]
    with subprocess.Popen(line, pass_fds=[ours], stderr=subprocess.DEVNULL) as server:
        os.close(ours)
        with os.fdopen(theirs) as told:
            name = f":{told.readline().strip()}"
        environment = {**os.environ, "DISPLAY": name}
        quiet = subprocess.DEVNULL
        with subprocess.Popen(["openbox"], env=environment, stdout=quiet, stderr=quiet) as windows:
            yield Display(name)
            windows.terminate()
        server.terminate()


@pytest.fixture
def small_and_deaf(small_clinic, tmp_path):
    """The environment of a kiosk that starts soon: a small clinic, learned already, without sound."""
    folder, _, cache = small_clinic
    model, server = tmp_path / "none", "unix:/nowhere"
    return {"KIOSK_INTENTS": str(folder), "KIOSK_CACHE": str(cache), "KIOSK_MODEL": str(model), "PULSE_SERVER": server}


def test_the_page_is_opened_full_screen_opened_again_if_the_browser_dies_and_closed_with_the_kiosk(
    display, small_and_deaf
):
    with kiosk_run(DISPLAY=display.name, **small_and_deaf) as terminal:
        terminal.wait_for("Type your question")
        display.wait_for_browser()
        touch_until_told(display, terminal, "Call staff now")
        terminal.press("is tingling normal\n")  # a warning would stay, and the button with it away
        terminal.wait_for("A quick tingle")
        first = browser_of(terminal)
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + PATIENT
        while browser_of(terminal) in (None, first):
            assert time.monotonic() < deadline, "the browser is not opened again"
            time.sleep(0.05)
        display.wait_for_browser()
        touch_until_told(display, terminal, "Call staff now")
        terminal.press("\x04")
        assert terminal.process.wait(PATIENT) == 0
    display.wait_for_none()


def browser_of(terminal) -> int | None:
    """Return the number of the browser's process, None while there is none."""
    found = subprocess.run(
        ["pgrep", "-P", str(terminal.process.pid), "chromium"], capture_output=True, text=True, check=False
    )
    return int(found.stdout.split()[0]) if found.stdout else None


def touch_until_told(display, terminal, words) -> None:
    """Touch the page where its button will be, until it is there, and the kiosk does what the button says."""
    display.do("mousemove", *map(str, HELP_NOW))
    deadline = time.monotonic() + PATIENT
    while words not in terminal.told:
        assert time.monotonic() < deadline, terminal.told
        display.do("click", "1")
        terminal.read(0.5)
    terminal.wait_for(words)


def test_terminal_and_page_show_the_same_conversation(browser, small_and_deaf):
    with kiosk_run("--no-browser", **small_and_deaf) as terminal:
        page = browser.new_page()
        page.goto(terminal.wait_for(r"http://127\.0\.0\.1:\d+/")[0])
        terminal.wait_for("> ")
        terminal.press("is tingling normal\n")
        page.locator(".answer .question", has_text="is tingling normal").wait_for()
        assert "tingle" in page.inner_text(".answer .text")
        terminal.wait_for("A quick tingle")
        page.click("#type")
        page.fill("#typed", "thank you")
        page.keyboard.press("Enter")
        page.locator(".answer .question", has_text="thank you").wait_for()
        terminal.wait_for("thank you(?s:.*)Take care")
        page.close()
