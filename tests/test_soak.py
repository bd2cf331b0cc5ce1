"""A short form of `python -m reliability soak`: real recogniser, real voice, one process."""

import pytest

from reliability.soak import soak


@pytest.mark.speech
def test_every_question_gets_its_outcome_and_nothing_is_left_behind(understander, kiosk_cache, monkeypatch):  # noqa: ARG001 - learned
    monkeypatch.setenv("KIOSK_CACHE", str(kiosk_cache))
    done = soak(6)
    assert sum(done.outcomes.values()) == 6
    assert done.outcomes["answer"] >= 3
    assert not done.lost
    assert not done.left
