"""Asks an answerer many questions, and keeps what came of each."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.answerers import Answerer
from evaluation.hearing import Asking, Heard
from evaluation.judge import Reply, Verdict, judge
from evaluation.questions import Question
from kiosk.terms import Transcript


@dataclass(frozen=True, slots=True)
class Result:
    """A question, what came in of it, the reply, and what it was worth."""

    question: Question
    said: Transcript
    """As typed, or as heard."""
    reply: Reply
    verdict: Verdict
    milliseconds: float
    """Processor time of answering, hearing not counted."""
    asking: Asking | None = None
    """Who asked it aloud, and where; None if it was typed."""


def typed(answerer: Answerer, questions: Iterable[Question], urgent: frozenset[str]) -> list[Result]:
    """Return what came of each question typed as it is written."""
    return [_ask(answerer, question, Transcript(question.text), urgent) for question in questions]


def spoken(answerer: Answerer, heard: Iterable[Heard], urgent: frozenset[str]) -> list[Result]:
    """Return what came of each question asked aloud."""
    return [_ask(answerer, each.asking.question, each.transcript, urgent, each.asking) for each in heard]


def by(results: Iterable[Result], names: Callable[[Result], Iterable[str]]) -> Mapping[str, Sequence[Result]]:
    """Return the results by each of their names, sorted by name."""
    groups = defaultdict(list)
    for result in results:
        for name in names(result):
            groups[name].append(result)
    return dict(sorted(groups.items()))


def _ask(
    answerer: Answerer, question: Question, said: Transcript, urgent: frozenset[str], asking: Asking | None = None
) -> Result:
    began = time.thread_time_ns()
    reply = answerer.reply(said)
    taken = time.thread_time_ns() - began
    return Result(question, said, reply, judge(question, reply, urgent), taken / 1e6, asking)
