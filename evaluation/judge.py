"""Judges answers: the six figures that every table and every floor is made of.

right          in-scope questions whose every wanted topic was answered, with at most one topic beside
               the point and no reassuring answer in place of a warning
touched        in-scope questions with at least one wanted topic answered
urgent_recall  questions that carry an urgent topic and were answered as urgent
false_urgent   questions that carry no urgent topic, wanted or also_ok, and were answered as urgent
refused        out-of-scope questions that were told "I cannot answer that"
clarified      questions answered by asking back (never counts as right)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from evaluation.questions import Question
from kiosk.terms import Answer, Outcome

FIGURES: Final = ("right", "touched", "urgent_recall", "false_urgent", "refused", "clarified")
"""What a `Verdict` tells, in the order of the tables."""
BESIDE_THE_POINT: Final = 1
"""Topics that may be answered though nobody asked; more would bury the answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is judged of an answer."""

    outcome: Outcome
    intents: tuple[str, ...] = ()
    urgent: bool = False
    score: float = 0.0
    """0 to 100: how sure it is."""

    @classmethod
    def of(cls, answer: Answer) -> Reply:
        """Return what is judged of the kiosk's answer."""
        return cls(answer.outcome, answer.intents, answer.urgent, answer.score)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which figures a question counts for, and how; None where a figure does not apply."""

    clarified: bool
    right: bool | None = None
    touched: bool | None = None
    urgent_recall: bool | None = None
    false_urgent: bool | None = None
    refused: bool | None = None

    @property
    def good(self) -> bool:
        """Whether the asker was served: answered right, or rightly refused."""
        return bool(self.refused if self.right is None else self.right)


def judge(question: Question, reply: Reply, urgent: frozenset[str]) -> Verdict:
    """Return the verdict on a reply; `urgent` are the topics that are warning signs."""
    answered = reply.outcome == "answer"
    alarm = answered and reply.urgent
    clarified = reply.outcome == "clarify"
    if not question.in_scope:
        return Verdict(clarified, false_urgent=alarm, refused=reply.outcome == "unknown")
    given = frozenset(reply.intents if answered else ())
    wanted, also = question.topics, question.also_ok
    is_call = bool(wanted & urgent)
    satisfied = not is_call and len(wanted) == 1 and bool(given & also)
    return Verdict(
        clarified,
        right=(wanted <= given or satisfied)
        and len(given - wanted - also) <= BESIDE_THE_POINT
        and (alarm or not is_call),
        touched=bool(given & wanted),
        urgent_recall=alarm if is_call else None,
        false_urgent=None if is_call or also & urgent else alarm,
    )


def figures(verdicts: Iterable[Verdict]) -> dict[str, float]:
    """Return each figure that applies to some of the verdicts, as a share from 0 to 1."""
    listed = list(verdicts)
    shares = {}
    for figure in FIGURES:
        values = [value for verdict in listed if (value := getattr(verdict, figure)) is not None]
        if values:
            shares[figure] = sum(values) / len(values)
    return shares
