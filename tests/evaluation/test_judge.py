"""An answer is judged by what the patient needs to hear."""

import pytest

from evaluation.judge import Reply, figures, judge
from evaluation.questions import Question

URGENT = frozenset({"emergency", "worsening_pain"})


def verdict(topics, intents, also_ok="", outcome="answer", *, urgent=None):
    given = tuple(intents.split())
    return judge(
        Question("q", "said", frozenset(topics.split()), frozenset(also_ok.split())),
        Reply(outcome, given, bool(URGENT & set(given)) if urgent is None else urgent),
        URGENT,
    )


@pytest.mark.parametrize(
    ("topics", "also_ok", "intents", "right"),
    [
        ("tingling", "", "tingling", True),
        ("tingling", "", "tingling numbness", True),  # one beside the point
        ("tingling", "", "tingling numbness ice", False),  # two are too many
        ("tingling", "ice", "tingling numbness ice", True),
        ("tingling", "numbness", "numbness", True),
        ("tingling", "", "numbness", False),
        ("tingling ice", "", "tingling ice", True),
        ("tingling ice", "", "tingling", False),
        ("tingling ice", "numbness", "numbness", False),
        ("emergency", "", "emergency", True),
        ("emergency", "worsening_pain", "worsening_pain", False),  # a warning sign needs its own answer
        ("emergency ice", "", "emergency ice", True),
    ],
)
def test_right(topics, also_ok, intents, right):
    assert verdict(topics, intents, also_ok).right is right


def test_a_warning_sign_that_is_not_told_as_one_is_wrong():
    assert verdict("emergency", "emergency", urgent=False).right is False


def test_asking_back_is_never_right():
    asked = verdict("tingling", "tingling numbness", outcome="clarify")
    assert (asked.clarified, asked.right, asked.touched) == (True, False, False)


@pytest.mark.parametrize(
    ("topics", "also_ok", "intents", "recall", "false"),
    [
        ("emergency", "", "emergency", True, None),
        ("emergency", "", "worsening_pain", True, None),
        ("emergency", "", "ice", False, None),
        ("ice", "", "emergency", None, True),
        ("ice", "emergency", "emergency", None, None),
        ("ice", "", "ice", None, False),
        ("none", "", "emergency", None, True),
    ],
)
def test_alarms(topics, also_ok, intents, recall, false):
    judged = verdict(topics, intents, also_ok)
    assert (judged.urgent_recall, judged.false_urgent) == (recall, false)


@pytest.mark.parametrize(("outcome", "refused"), [("unknown", True), ("answer", False), ("clarify", False)])
def test_out_of_scope_must_be_refused(outcome, refused):
    judged = verdict("none", "" if outcome == "unknown" else "ice", outcome=outcome)
    assert (judged.refused, judged.right, judged.good) == (refused, None, refused)


def test_figures_are_shares_of_the_questions_they_apply_to():
    shares = figures(
        [verdict("tingling", "tingling"), verdict("tingling", "ice"), verdict("none", "", outcome="unknown")]
    )
    assert shares == {"right": 0.5, "touched": 0.5, "false_urgent": 0.0, "refused": 1.0, "clarified": 0.0}
