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


@pytest.fixture(scope="session")
def visitor(browser):
    """One visitor for all tests, since a new one takes a quarter of a second; the page keeps nothing of one."""
    visitor = browser.new_context()
    yield visitor
    visitor.close()


@pytest.fixture
def visit(script, browser, visitor):
    """Switch on a kiosk and open its page, as wide and high as asked for."""
    with ExitStack() as stack:

        def visit(size=(1280, 800), *, deaf=False, mute=False, context=None, **rest) -> Page:
            ears, mouth = (None if deaf else Notes()), (None if mute else Lips())
            there = stack.enter_context(kiosk(script, ears=ears, mouth=mouth, **rest))
            own = browser.new_context(**context) if context else visitor
            page = Page(there, own)
            stack.callback(own.close if context else page.page.close)
            page.page.set_viewport_size({"width": size[0], "height": size[1]})
            return page.open()

        yield visit
