"""The clinic's facts: its name, how the desk is called, the colour, and whatever answers take up by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kiosk.staff import FactsForm
from kiosk.staff_page.changing import Changing, Plan

if TYPE_CHECKING:
    from starlette.responses import Response

    from kiosk.staff_page.desk import Desk
    from kiosk.staff_page.door import Call
    from kiosk.staff_page.paper import Paper
    from kiosk.terms import Fault

HERE: Final = "/staff/clinic"
CALLED: Final = {
    "name": "The clinic's name",
    "city": "City",
    "desk": "How answers call the desk (“please ask at …”)",
    "colour": "Colour of buttons and headings, such as #0b5563",
    "phone": "Telephone",
}
NEEDED: Final = ("name", "city", "desk")
PREFIX: Final = "fact-"


@dataclass(frozen=True, slots=True)
class Facts:
    """The page about the clinic."""

    _desk: Desk
    _paper: Paper
    _changing: Changing

    def edit(self, call: Call) -> Response:
        """Show the facts, and do what the buttons say."""
        if not call.sent:
            return self._form(call, self._desk.editor.facts(), saved="saved" in call.query)
        form = _read(call)
        if call.form.get("do") == "mine":
            return self._form(call, replace(form, digest=self._desk.editor.facts().digest))
        plan = Plan(
            "the clinic's facts",
            lambda: self._desk.editor.change_facts(form),
            HERE,
            lambda faults, message: self._form(call, form, faults=faults, message=message),
            here=HERE,
        )
        return self._changing.step(call, plan)

    def _form(
        self,
        call: Call,
        form: FactsForm,
        *,
        faults: Sequence[Fault] = (),
        message: str = "",
        saved: bool = False,
    ) -> Response:
        users = {
            name: [each.title for each in self._desk.editor.intents() if f"{{{name}}}" in each.answer]
            for name in form.facts
        }
        return self._paper.page(
            "facts.html",
            status=422 if faults or message else 200,
            call=call,
            here=HERE,
            form=form,
            called=CALLED,
            needed=NEEDED,
            users=users,
            saved=saved,
            found=faults,
            message=message,
        )


def _read(call: Call) -> FactsForm:
    """Return the facts that a form holds; an empty one that is not needed is left out."""
    facts = {}
    for field, value in call.form.items():
        name = field.removeprefix(PREFIX)
        if field.startswith(PREFIX) and (value.strip() or name in NEEDED):
            facts[name] = " ".join(value.split())
    new, value = call.form.get("new-name", "").strip(), " ".join(call.form.get("new-value", "").split())
    if new:
        facts[new] = value
    return FactsForm(facts, call.form.get("digest", ""))
