"""The page is opened full-screen in a browser of this computer, with a profile that is new each time."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from kiosk.screen import browser

ADDRESS = "http://127.0.0.1:1/"
TELL = '#!/bin/sh\nprintf "%s\\n" "$@" >"{told}.part" && mv "{told}.part" "{told}"\nexec sleep 60\n'


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Have a browser of that name be the only one, which writes down what it is started with."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(browser, "CHROMES", ("test-chromium",))
    monkeypatch.setattr(browser, "FIREFOXES", ("test-firefox",))
    monkeypatch.setattr(browser, "ELSEWHERE", ())

    def install(name) -> Path:
        told = tmp_path / "told"
        program = tmp_path / name
        program.write_text(TELL.format(told=told))
        program.chmod(0o755)
        return told

    return install


def started_with(told) -> list[str]:
    deadline = time.monotonic() + 20
    while not told.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return told.read_text().splitlines()


def test_chromium_is_opened_full_screen_and_closed_at_the_end(install):
    told = install("test-chromium")
    with browser.opened(ADDRESS) as found:
        assert found
        options = started_with(told)
        profile = Path(next(option for option in options if option.startswith("--user-data-dir=")).partition("=")[2])
        assert profile.is_dir()
        assert {"--kiosk", "--no-first-run", "--disable-background-networking", ADDRESS} <= set(options)
        assert ("--no-sandbox" in options) == (os.geteuid() == 0)
    assert not profile.exists()


def test_firefox_is_opened_where_there_is_no_chromium(install):
    told = install("test-firefox")
    with browser.opened(ADDRESS) as found:
        assert found
        options = started_with(told)
    assert options[0] == "--kiosk"
    assert options[-1] == ADDRESS


@pytest.mark.usefixtures("install")
def test_without_a_browser_the_kiosk_goes_on():
    with browser.opened(ADDRESS) as found:
        assert not found


def test_a_display_is_what_the_environment_says(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert not browser.has_display({})
    assert browser.has_display({"DISPLAY": ":0"})
    assert browser.has_display({"WAYLAND_DISPLAY": "wayland-0"})
