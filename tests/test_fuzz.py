"""A short form of `python -m reliability fuzz`: what is no question, no sound, no wish and no file."""

import pytest

from reliability import fuzz

CASES = {"intent files": 4, "arguments": 6, "requests": 15, "staff's page": 15}
"""Of the slow kinds; of the others 25."""


@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_whatever_comes_the_kiosk_keeps_its_promise(kind, understander, kiosk_cache, monkeypatch):  # noqa: ARG001 - learned
    monkeypatch.setenv("KIOSK_CACHE", str(kiosk_cache))
    run, fault = fuzz.one(kind, CASES.get(kind, 25))
    assert not fault
    assert run >= CASES.get(kind, 25)
