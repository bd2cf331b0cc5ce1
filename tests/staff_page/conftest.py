"""A small clinic, and a member of its staff at a real Chromium."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest

from tests.staff_page.clinic import PIN, clinic
from tests.staff_page.desk import Staff


def switched_on(small_clinic, place, stack, *, pin=PIN, **rest):
    folder, understander, cache = small_clinic
    aside = place / "aside"
    own = shutil.copytree(folder, place / "intents")
    shutil.copytree(cache, aside / "cache")
    there = stack.enter_context(clinic(own, aside, understander, **rest))
    if pin:
        there.entrance.pin.set(pin)
    return there


@pytest.fixture
def switch_on(small_clinic, tmp_path):
    """Switch on a kiosk of the small clinic; with a PIN, if not told otherwise."""
    with ExitStack() as stack:
        yield lambda **rest: switched_on(small_clinic, tmp_path, stack, **rest)


@pytest.fixture(scope="module")
def there(small_clinic, tmp_path_factory):
    """A kiosk for a whole file of tests that change nothing in it, each with a visit of its own."""
    with ExitStack() as stack:
        yield switched_on(small_clinic, tmp_path_factory.mktemp("there"), stack)


@pytest.fixture
def visit(switch_on, browser):
    """Switch on a kiosk, open its staff page, and enter the PIN."""
    with ExitStack() as stack:

        def visit(path="", there=None, *, enter=True, scripts=True, size=(1280, 800), **rest) -> Staff:
            there = there or switch_on(**rest)
            context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts)
            stack.callback(context.close)
            staff = Staff(there, context)
            staff.go(path)
            return staff.enter() if enter else staff

        yield visit
