"""A page of a kiosk without sound cards, in a real Chromium."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from kiosk.terms import Candidate, Match, Phrasebook, Transcript, Unclear, Unknown
from tests.screen.kiosk import Lips, Notes, kiosk
from tests.screen.page import Page

TINGLING = "is it normal that my leg is tingling"
SORE = "my arm is sore and tingles"
WEATHER = "what is the weather tomorrow"
FEVER = "i have a fever since the needling"


@dataclass
class Script:
    """Understands the four questions above, and nothing else."""

    phrasebook: Phrasebook

    def understand(self, transcript: Transcript):
        match transcript.text:
            case t if t == TINGLING:
                return Match((Candidate("tingling", 90.0),))
            case t if t == FEVER:
                return Match((Candidate("infection_signs", 90.0),))
            case t if t == SORE:
                return Unclear((Candidate("soreness", 50.0), Candidate("tingling", 49.0), Candidate("numbness", 48.0)))
        return Unknown()


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
