"""Takes a picture of every view into docs/screens/: `make screenshots`, so that the pictures stay true."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from kiosk import places
from kiosk.intents import content
from kiosk.screen import Look
from tests.screen.kiosk import Lips, Notes, kiosk
from tests.screen.page import Page
from tests.screen.script import Script
from tests.screen.ways import VIEWS
from tests.staff_page import screenshots as staff

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES = {"": (1280, 800), "-portrait": (1080, 1920), "-small": (800, 480)}
SETTLED = 600
"""Milliseconds until nothing moves but what always does."""


def take(browser: Browser, script: Script) -> None:
    """Take every view on every screen."""
    for suffix, size in SIZES.items():
        for reach in VIEWS:
            with ExitStack() as stack:

                def visit(*, deaf=False, mute=False, idle=300.0, stack=stack, size=size, **rest) -> Page:
                    rest.setdefault("look", Look(idle_seconds=idle))
                    ears, mouth = (None if deaf else Notes()), (None if mute else Lips())
                    there = stack.enter_context(kiosk(script, ears=ears, mouth=mouth, idle=idle, **rest))
                    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
                    stack.callback(context.close)
                    return Page(there, context).open()

                page = reach(visit)
                page.page.wait_for_timeout(SETTLED)
                page.page.screenshot(path=FOLDER / f"{reach.__name__}{suffix}.png")


def main() -> None:
    """Take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    script = Script(content.load(places.intents_dir()))
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-gpu", *root])
        take(browser, script)
        staff.take(browser)
        browser.close()


if __name__ == "__main__":
    main()
