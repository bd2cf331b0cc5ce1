"""What patients asked in vain: counted, alike ones together; added to an answer, to the refused, or deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from kiosk.staff_page.use import told
from kiosk.terms import KioskError, Transcript, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.staff.asked import InVain
    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.paper import Paper

HERE: Final = "/staff/asked"
SHOWN: Final = 60
"""Groups on the page; who has mended these sees the next."""
USUAL: Final = "patients_ask"
"""The list of refused questions that what patients ask is added to, if it is there."""

Add = Callable[["Call", str, str], Response]
"""(call, name, group) → the change that adds the call's `question` to the answer or list of this name."""


@dataclass(frozen=True, slots=True)
class Row:
    """A group of questions asked in vain, and where it most likely belongs."""

    group: InVain
    nearest: tuple[tuple[str, str], ...]
    """(id, title) of the answers nearest to it."""


@dataclass(frozen=True, slots=True)
class Vain:
    """The page about what was asked in vain."""

    _desk: Desk
    _paper: Paper
    _to_answer: Add
    _to_refused: Add

    def page(self, call: Call) -> Response:
        """Show the groups, and do what the buttons say."""
        group = call.form.get("group", "")
        match call.form.get("do", "").partition(":"):
            case "keep", _, wanted:
                self._desk.asked.keep(on=wanted == "on")
            case "forget", _, _ if group.isdecimal():
                self._desk.asked.forget([int(group)])
            case "forget-all", _, _:
                if call.form.get("sure") != "yes":
                    return self._show(call, message="Tick the box first: what is deleted cannot be brought back.")
                self._desk.asked.forget_all()
            case "answer", _, name:
                name = name or call.form.get("to", "")
                if not name:
                    return self._show(call, message="Choose the answer first.")
                return self._to_answer(call, name, group)
            case "refuse", _, _:
                return self._to_refused(call, self._refused(), group)
            case _:
                return self._show(call)
        return RedirectResponse(f"{HERE}?done=1", 303)

    def _show(self, call: Call, message: str = "") -> Response:
        groups = self._desk.asked.in_vain()
        book = self._desk.live.understander.phrasebook
        shelves = [
            (group.title, [each for each in book.intents.values() if each.group == group.id]) for group in book.groups
        ]
        return self._paper.page(
            "asked.html",
            status=422 if message else 200,
            call=call,
            here=HERE,
            keeping=self._desk.asked.keeping,
            days=self._desk.asked.days,
            rows=[Row(group, self._nearest(group)) for group in groups[:SHOWN]],
            more=max(0, len(groups) - SHOWN),
            shelves=shelves,
            message=message,
            told=told,
            done="done" in call.query or "saved" in call.query,
        )

    def _nearest(self, group: InVain) -> tuple[tuple[str, str], ...]:
        understander = self._desk.live.understander
        found = understander.understand(Transcript(group.question))
        candidates = found.others if isinstance(found, Unknown) else found.candidates
        intents = understander.phrasebook.intents
        return tuple((each.intent, intents[each.intent].title) for each in candidates[:2] if each.intent in intents)

    def _refused(self) -> str:
        names = [form.name for form in self._desk.editor.refused()]
        if not names:
            raise KioskError("There is no list of refused questions.", "Make one on the page “Refused”.")
        return USUAL if USUAL in names else names[0]


def forget(desk: Desk, form: Mapping[str, str]) -> None:
    """Forget the group that a saved change came from, if it came from one."""
    group = form.get("asked", "")
    if group.isdecimal():
        desk.asked.forget([int(group)])


def added(call: Call, fields: Mapping[str, str], into: str, group: str, path: str) -> Call:
    """Return the call that weighs a form with the question of `call` added as a line to its field `into`."""
    question = " ".join(call.form.get("question", "").split()).rstrip("?!. ")
    lines = fields[into].splitlines()
    text = "\n".join(lines if question in lines else [*lines, question])
    form = {**fields, into: text, "asked": group, "reason": f"Patients asked: {question}", "do": "weigh"}
    return replace(call, path=path, form=form, sent=True)
