"""A page of a kiosk without sound cards, in a real Chromium."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.screen.kiosk import Lips, Notes, kiosk
from tests.screen.page import Page
from tests.screen.script import Script


@pytest.fixture(scope="session")
def script(phrasebook) -> Script:
    return Script(phrasebook)


@pytest.fixture
def visit(script, browser):
    """Switch on a kiosk and open its page, as wide and high as asked for."""
    with ExitStack() as stack:

        def visit(size=(1280, 800), *, deaf=False, mute=False, context=None, **rest) -> Page:
            ears, mouth = (None if deaf else Notes()), (None if mute else Lips())
            there = stack.enter_context(kiosk(script, ears=ears, mouth=mouth, **rest))
            visitor = browser.new_context(viewport={"width": size[0], "height": size[1]}, **(context or {}))
            stack.callback(visitor.close)
            return Page(there, visitor).open()

        yield visit
