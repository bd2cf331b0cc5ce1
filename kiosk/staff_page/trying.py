"""Try it: what the kiosk would answer to a question, with a change that is not yet saved, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

from kiosk.converse.conversation import Memory, reply
from kiosk.staff import Stage
from kiosk.staff_page.waiting import until
from kiosk.terms import KioskError, Reading, Transcript
from kiosk.understand.explain import explain

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff import Draft
    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.forms import Form
    from kiosk.staff_page.paper import Paper
    from kiosk.terms import Answer
    from kiosk.understand import Understander

LONGEST: Final = 300
"""Characters of a question, as on the patients' page."""
SOON: Final = 2.0
"""Seconds within which a draft can be tried with the weights of now."""
CALLED: Final = {
    "heard": "Understood as",
    "or": "Or",
    "concept": "Idea found",
    "time": "Time found",
    "score": "How near",
    "for": "What counted",
    "like": "Most like the sample",
    "so": "So it will",
}
"""What `kiosk.understand.explain` tells, in the words of the page."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A question that was tried."""

    question: str
    outcome: str
    """What the kiosk does, in a few words."""
    text: str
    """What the patient is told."""
    urgent: bool
    reasons: tuple[tuple[str, str], ...]
    """(what it is, what was found)."""
    learning: bool = False
    """True while the change is still being learned: the answer may become another one."""
    message: str = ""
    """Why nothing could be tried."""


@dataclass(frozen=True, slots=True)
class Trying:
    """The page on which a question is tried without any change."""

    _desk: Desk
    _paper: Paper

    def page(self, call: Call) -> Response:
        """Show the field, and what came of the question in it."""
        trial = tried(self._desk, call.form)
        if call.form.get("do") == "trial":
            return answered(trial)
        question = call.form.get("question", "").strip()
        return self._paper.page("try.html", call=call, here="/staff/try", trial=trial, question=question)


def tried(desk: Desk, form: Form, draft: Callable[[], Draft] | None = None) -> Trial | None:
    """Return what the kiosk would answer as to a new patient, now or with `draft`; None where nothing is asked."""
    question = form.get("question", "").strip()[:LONGEST]
    if not question:
        return None
    transcript = _transcript(question, form.get("readings", ""))
    if draft is None:
        return _asked(transcript, desk.live.understander)
    try:
        weighing = desk.weighing(draft())
    except KioskError as error:
        return _not_yet(question, error)
    understander = until(lambda: weighing.understander, SOON)
    if understander is None and weighing.error:
        return _not_yet(question, weighing.error)
    if understander is None:
        return replace(
            _not_yet(question, KioskError("Your change is being read. Try again in a moment.")), learning=True
        )
    learning = weighing.stage in (Stage.CHECKING, Stage.LEARNING)
    return _asked(transcript, understander, learning=learning)


def _transcript(question: str, readings: str) -> Transcript:
    """Return the question as typed; or, if it stands there as it was heard, as heard, which is judged otherwise."""
    heard = _readings(readings)
    return Transcript(question, heard, heard=True) if heard and heard[0].words == question else Transcript(question)


def _readings(text: str) -> tuple[Reading, ...]:
    """Return the readings in the page's form, none if they are not as `kiosk.staff_page.saying` gave them."""
    try:
        readings = tuple(Reading(str(each["words"])[:LONGEST], float(each["chance"])) for each in json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    return readings if all(0 < reading.chance <= 1 for reading in readings) else ()


def _not_yet(question: str, error: KioskError) -> Trial:
    return Trial(question, "It cannot be tried yet", "", urgent=False, reasons=(), message=str(error))


def answered(trial: Trial | None) -> Response:
    """Return a trial for the page's own script."""
    return JSONResponse(asdict(trial) if trial else {})


def _asked(transcript: Transcript, understander: Understander, *, learning: bool = False) -> Trial:
    said, _ = reply(transcript, Memory(), understander)
    told = explain(understander.understand(transcript), transcript, understander)
    reasons = [(line[2:12].strip(), line[13:].strip()) for line in told]
    readable = tuple((CALLED.get(kind, kind), text) for kind, text in reasons)
    return Trial(transcript.text, _outcome(said, understander), said.text, said.urgent, readable, learning)


def _outcome(said: Answer, understander: Understander) -> str:
    titles = [understander.phrasebook.intents[name].title for name in said.intents]
    match said.outcome:
        case "answer":
            return f"{'Warning: ' if said.urgent else ''}{' and '.join(titles)}"
        case "clarify":
            return f"It asks back: {', or '.join(titles)}"
        case "unknown":
            return "It cannot answer that"
