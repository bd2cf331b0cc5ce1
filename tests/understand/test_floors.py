"""What the kiosk must reach on typed questions that nothing was learned from; `make evaluate` tells more."""

import pytest

from evaluation import questions
from evaluation.judge import Reply, figures, judge

# A little under what docs/evaluation.md shows, so that a change that harms is seen and noise is not.
AT_LEAST = {"right": 0.92, "urgent_recall": 0.98, "refused": 0.90}
AT_MOST = {"false_urgent": 0.03}


@pytest.fixture(scope="module")
def measured(ask, phrasebook):
    urgent = frozenset(name for name, intent in phrasebook.intents.items() if intent.urgent)
    return figures(judge(question, Reply.of(ask(question.text)), urgent) for question in questions.read())


@pytest.mark.parametrize("figure", AT_LEAST)
def test_holds_the_floor(measured, figure):
    assert measured[figure] >= AT_LEAST[figure]


@pytest.mark.parametrize("figure", AT_MOST)
def test_stays_under_the_ceiling(measured, figure):
    assert measured[figure] <= AT_MOST[figure]
